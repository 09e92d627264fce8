"""What the nightly check finds wrong; sentences: `core.i18n.sentences.alarms`."""

from core.reasons import ReasonCode


class MisfitCode(ReasonCode):
    """What does not fit; each has the order, most the invoice among the parameters."""

    ORDER_NOT_AS_IT_SHOULD = "order_not_as_it_should"  # order, why
    ORDER_NOT_CANCELLED = "order_not_cancelled"  # order
    RESTOCKED_UNASKED = "restocked_unasked"  # order
    REFUNDED_UNASKED = "refunded_unasked"  # order
    INVOICE_NOT_AS_IT_SHOULD = "invoice_not_as_it_should"  # invoice, order, why
    REVERSED_NOT_KNOWN = "reversed_not_known"  # invoice, order, service
    NOT_ANNULLED = "not_annulled"  # invoice, order
    NO_STORNO = "no_storno"  # invoice, order
    TOO_MANY_STORNOS = "too_many_stornos"  # invoice, order, count, service
    ANOTHER_STORNO = "another_storno"  # invoice, order, ours, theirs
    ANOTHER_SUM = "another_sum"  # invoice, order, ours, theirs: than was believed
    ANOTHER_CUSTOMER = "another_customer"  # invoice, order, ours, theirs: than was believed
    DOES_NOT_FIT_ORDER = "does_not_fit_order"  # invoice, order, why
    OTHER_COMPANY = "other_company"  # invoice, order, ours, theirs
    EFFECT_LEFT_OPEN = "effect_left_open"  # order, effect
    EFFECT_OF_ANOTHER_ORDER = "effect_of_another_order"  # invoice, order, other
    STORNO_WITHOUT_ORDER = "storno_without_order"  # invoice, order
    NOT_WRITTEN_DOWN = "not_written_down"  # invoice, order
    NOT_IN_THE_RECORD = "not_in_the_record"  # order, effect
    RECORD_NAMES_ANOTHER = "record_names_another"  # order, ours, theirs
    SERVICE_SILENT = "service_silent"  # service, why, count, orders
