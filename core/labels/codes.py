"""What a code on a label is, where it is no tracking number."""

from core.reasons import ReasonCode


class LabelCode(ReasonCode):
    """None has parameters; the sentences: `core.i18n.sentences.scans`."""

    EMPTY = "code_empty"
    PRODUCT = "code_of_product"
    WEB_ADDRESS = "code_web_address"
    ROUTING = "code_routing"
    POSTCODE = "code_postcode"
    SENDERS_REFERENCE = "code_senders_reference"
    CONTACT = "code_contact"
    SAID_NOT_PARCEL = "code_said_not_parcel"
    NO_COURIERS = "code_of_no_courier"
