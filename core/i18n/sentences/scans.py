"""Sentences about scanned codes: labels, matching, and a scan in its pile."""

from core.i18n.sentences import N_, Sentence

SENTENCES: dict[str, Sentence] = {
    "code_empty": N_("This code is empty."),
    "code_of_product": N_("This is a product's barcode, not the parcel's."),
    "code_web_address": N_("This is a web address, not the tracking number."),
    "code_routing": N_("This is the routing code."),
    "code_postcode": N_("This is a postcode."),
    "code_senders_reference": N_("This is the sender's own reference."),
    "code_contact": N_("This is a code with contact details."),
    "code_said_not_parcel": N_("Somebody said that codes like this are no parcels."),
    "code_of_no_courier": N_("This is no number that a known courier uses."),
    "no_order": N_("No order has this number."),
    "nearly": N_(
        "The label was hard to read, and these orders have nearly the same number: {orders}. "
        "Look at the label and choose."
    ),
    "maybe": N_("This may be {orders}, but its number is another. Look at the label and choose."),
    "several_orders": N_("This number fits several orders: {orders}. Choose the right one."),
    "by_alias": N_("By alias: this number was learnt for this parcel before."),
    "scan_seen": N_("This parcel is in the pile already."),
    "scan_done": N_("This order has been processed already."),
    "scan_cancelled": N_("This order is cancelled at the shop already."),
    "scan_delivered": N_("The courier says that this parcel was delivered."),
    "scan_not_shipped": N_("This order has not been shipped."),
    "scan_other_pile": N_("This parcel is in another open pile as well."),
    "scan_on_matched_label": N_("It lies on the label of a parcel that is known."),
    "scan_unsure": N_("This code was hard to read and fits no order. Scan it again or type it in."),
}
