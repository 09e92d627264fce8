"""Sentences of what alarms tell: shops, couriers, and what the nightly check found."""

from core.i18n.sentences import N_, NN_, Sentence

SENTENCES: dict[str, Sentence] = {
    "shop_unreadable": N_("{shop} could not be read, so changes there are not seen here. {why}"),
    "shop_shows_no_parcels": N_(
        "{shop}: the app cannot see fulfillments, so shipped orders have no parcels here. "
        "Press Test connection in Settings: it names the scope."
    ),
    "way_of_paying_unknown": NN_(
        "{shop}: {count} unpaid order names a way of paying that Refuz does not know: {gateways}. "
        "It counts as paid before. In Settings, write the name under Names of cash on delivery, "
        "or under Names of paying before.",
        "{shop}: {count} unpaid orders name a way of paying that Refuz does not know: {gateways}. "
        "They count as paid before. In Settings, write the name under Names of cash on delivery, "
        "or under Names of paying before.",
    ),
    "courier_unreadable": N_("{courier} could not be asked about its parcels. {why}"),
    "order_not_as_it_should": N_("Order {order}: {why} Check it at the shop."),
    "order_not_cancelled": N_("Order {order} is not cancelled at the shop."),
    "invoice_not_as_it_should": N_(
        "Invoice {invoice} of order {order}: {why} Check it at the invoicing service."
    ),
    "reversed_not_known": N_(
        "Nobody knows whether invoice {invoice} of order {order} is reversed: {service} cannot "
        "be asked. Look at it there."
    ),
    "not_annulled": N_("Invoice {invoice} of order {order} is not annulled."),
    "no_storno": N_("Invoice {invoice} of order {order} has no storno."),
    "too_many_stornos": NN_(
        "Invoice {invoice} of order {order} has {count} storno; only one may stand. Look at them "
        "at {service}.",
        "Invoice {invoice} of order {order} has {count} stornos; only one may stand. Look at "
        "them at {service}.",
    ),
    "another_storno": N_(
        "Invoice {invoice} of order {order}: we know storno {ours}, they say {theirs}."
    ),
    "another_sum": N_(
        "Invoice {invoice} of order {order} was over {ours} when it was reversed; they say "
        "{theirs} now."
    ),
    "another_customer": N_(
        "Invoice {invoice} of order {order} was {ours}'s when it was reversed; they say it is "
        "{theirs}'s now."
    ),
    "does_not_fit_order": N_("Invoice {invoice} was reversed for order {order}. {why}"),
    "other_company": N_(
        "Invoice {invoice} of order {order} is of company {ours}, and was reversed in the account "
        "of {theirs}. Look at both."
    ),
    "restocked_unasked": N_(
        "Order {order}: the shop shows its stock put back, which was not chosen. Count it."
    ),
    "refunded_unasked": N_(
        "Order {order}: the shop shows money given back, which was not chosen. Look at it there."
    ),
    "effect_left_open": N_(
        "Order {order} is over here, and nobody knows what became of a call that was sent "
        "({effect}). Look at the service."
    ),
    "effect_of_another_order": N_(
        "Invoice {invoice} was reversed for order {order}, and belongs to order {other}. Look at "
        "both."
    ),
    "storno_without_order": N_(
        "Invoice {invoice} is reversed, and its order {order} is not cancelled. Look at both."
    ),
    "not_in_the_record": N_(
        "A call of {order} ({effect}) counts as confirmed, and the record does not tell of it."
    ),
    "record_names_another": N_(
        "{order}: the storno is {ours} in the table and {theirs} in the record."
    ),
    "not_written_down": N_(
        "Invoice {invoice} of order {order} was reversed by Refuz, and still counts as open here."
    ),
    "service_silent": N_(
        "{service} could not be asked. {why} Orders not checked: {count} ({orders}). See to the "
        "connection in Settings; it is asked again every night until it answers."
    ),
}
