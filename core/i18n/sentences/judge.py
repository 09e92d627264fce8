"""Sentences of the judge's reasons and of what a person can do about each."""

from core.i18n.sentences import N_, Sentence

SENTENCES: dict[str, Sentence] = {
    "judge_queued": N_("In line in a run."),
    "judge_working": N_("Being processed."),
    "judge_waiting": N_("Waiting in a run."),
    "judge_needs_person": N_("Needs a person: see Follow-up."),
    "judge_done": N_("Done."),
    "judge_cancelled": N_("Cancelled at the shop already; see Follow-up for its invoice."),
    "judge_history": N_("It is part of the loaded history, for its figures only: no open order."),
    "judge_left_out": N_("Left out by hand."),
    "judge_delivered": N_("The courier says it was delivered. Look at the parcel."),
    "judge_parcels_out": N_(
        "{back} of {count} parcels came back. Scan the rest, or accept it as it is."
    ),
    "judge_not_shipped": N_("This order has not been shipped."),
    "judge_partly_shipped": N_(
        "A part of this order has not been shipped yet: it would be cancelled as well."
    ),
    "judge_paid_and_shipped": N_(
        "It is paid and shipped: Shopify cancels it only after its fulfillment is cancelled."
    ),
    "judge_refund_not_chosen": N_("It is paid: say whether the money goes back."),
    "judge_partly_paid": N_("A part of it is paid: say whether the money goes back."),
    "judge_refunded": N_("It was refunded already."),
    "judge_partly_refunded": N_("A part of it was refunded already."),
    "judge_store_credit": N_("It was paid with a gift card or store credit ({gateways})."),
    "judge_return_in_progress": N_("A return of it is in progress at the shop."),
    "judge_reference_unclear": N_("“{text}” on the order was not understood as an invoice."),
    "judge_import_row_refused": N_("A row of its import was not taken: {text}"),
    "judge_listed_state": N_("The list of orders says of it: {text}"),
    "judge_contested": N_("{orders} name the same invoice, {invoice}."),
    "judge_service_not_connected": N_("Its invoice is at {service}: connect it first."),
    "judge_account_unknown": N_(
        "Invoice {invoice}: there are several {service} accounts ({accounts}). Say which."
    ),
    "judge_account_not_connected": N_("Invoice {invoice} is of {account}, which is not connected."),
    "judge_several_found": N_("Several invoices name this order: {invoices}."),
    "judge_total_differs": N_("Invoice {invoice} is over {theirs}, and the order is over {ours}."),
    "judge_currency_differs": N_("Invoice {invoice} is in {theirs}, and the order is in {ours}."),
    "judge_issued_before": N_(
        "Invoice {invoice} was issued on {issued}, before the order was made on {ordered}."
    ),
    "judge_issued_ahead": N_("Invoice {invoice} is dated {issued}, a day that is still to come."),
    "judge_customer_differs": N_(
        "Invoice {invoice} is made out to {theirs}, and the order is of {ours}."
    ),
    "judge_other_order": N_("Invoice {invoice} names another order: “{text}”."),
    "judge_found_unproved": N_(
        "Invoice {invoice} was found by the order's name, and its total, currency, date or order "
        "is not told."
    ),
    "judge_partly_reversed": N_("A part of invoice {invoice} is reversed already."),
    "judge_invoice_paid": N_("Invoice {invoice} is marked as paid."),
    "judge_status_unclear": N_(
        "{service} says of invoice {invoice} what Refuz does not know: “{text}”"
    ),
    "judge_is_storno": N_("Document {invoice} is itself a storno."),
    "judge_already_annulled": N_(
        "Invoice {invoice} is annulled already: a storno would be one too many."
    ),
    "judge_already_reversed": N_(
        "Invoice {invoice} has its storno already: it must not be annulled as well."
    ),
    "judge_not_found": N_("{service} has no invoice {invoice}."),
    "judge_unreadable": N_("{service} does not tell of invoice {invoice}: “{text}”"),
    "judge_changed": N_("Shown was: {before}. Now it would be: {now}."),
    "believed_order": N_("named by the order"),
    "believed_list": N_("named by a list"),
    "believed_person": N_("named by a person"),
    "believed_service": N_("found by the order's name"),
    "proof_line": N_("{invoice} · {account} · {total} · {believed}"),
    "proof_line_unread": N_("{invoice} · {account} · {believed}, being checked"),
    "proof_line_checking": N_("{invoice} · {account} · {total} · {believed}, being checked"),
    "proof_line_no_total": N_("{invoice} · {account} · {believed}"),
    "remedy_none": "",
    "remedy_follow_up": N_("Open Follow-up."),
    "remedy_take_along": N_("Take it along again."),
    "remedy_look_at_parcel": N_("Look whether it is the same parcel."),
    "remedy_scan_the_rest": N_("Scan the other parcels, or go on all the same and say why."),
    "remedy_cancel_shipment": N_("Choose to cancel the shipment first."),
    "remedy_choose_refund": N_("Choose a refund, or none."),
    "remedy_look_at_shop": N_("Look at the order at the shop."),
    "remedy_name_the_invoice": N_("Type the invoice in under Settings, Imports."),
    "remedy_import_again": N_("Correct the row and import the file again."),
    "remedy_say_whose": N_("Say whose invoice it is."),
    "remedy_connect": N_("Connect it in Settings."),
    "remedy_say_which_account": N_("Type the invoice in with its account."),
    "remedy_compare": N_("Compare both, then correct one, or go on with a reason."),
    "remedy_choose_document": N_("Choose another document for it, or none."),
    "remedy_look_again": N_("Look at it again, and start it once more."),
}
