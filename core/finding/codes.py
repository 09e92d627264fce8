"""What a box's card says, as codes."""

from core.reasons import N_, ReasonCode


class FindCode(ReasonCode):
    """Sentences: `core.i18n.sentences.finding`."""

    AGREES = "found_agrees"  # field, value
    NEARLY = "found_nearly"  # field, value
    COMING_BACK = "found_coming_back"
    FITS = "found_fits"  # count
    NOTHING_FITS = "found_nothing_fits"  # read: the kinds of field that were read
    NOTHING_READ = "found_nothing_read"
    CANNOT_READ = "found_cannot_read"  # why


class FieldCode(ReasonCode):
    """The kinds of field, as a person calls them; none has parameters."""

    TRACKING = "field_tracking"
    REFERENCE = "field_reference"
    NAME = "field_name"
    STREET = "field_street"
    TOWN = "field_town"
    POSTCODE = "field_postcode"
    PHONE = "field_phone"
    CASH = "field_cash"


class BoxCode(ReasonCode):
    """Why an answer about a box is not taken."""

    GONE = "box_gone", N_("This box or this order does not exist any more.")
    FOUND = "box_found", N_("This box has found its order already.")
