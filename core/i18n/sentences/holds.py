"""Sentences of `core.orders.holds` and `set_back`."""

from core.i18n.sentences import N_, Sentence

SENTENCES: dict[str, Sentence] = {
    "held_in_trash": N_(
        "It lies in the shop's trash, and a cancel would take it out: look at it there."
    ),
    "held_draft": N_("It is a draft at the shop, no order yet."),
    "held_partly_refunded": N_(
        "Part of it was refunded at the shop: cancel it there by hand, its invoices are reversed "
        "then."
    ),
    "held_prepaid": N_(
        "It is paid, and Refuz makes no refund at this shop: refund and cancel it there, its "
        "invoices are reversed then."
    ),
    "order_set_back": N_(
        "Order {order} was cancelled, and somebody has set it back at the shop. What became of its "
        "invoices stays as it is: look at both."
    ),
}
