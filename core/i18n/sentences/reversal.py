"""Sentences of `core.reversal.codes`."""

from core.i18n.sentences import N_, NN_, Sentence

SENTENCES: dict[str, Sentence] = {
    "by_hand": N_("By hand: {note}"),
    "stopped_with_run": N_("The run was stopped."),
    "paused_by_restore": N_(
        "Paused: a backup was put back. What was sent after it was made is asked about before it "
        "is sent again, where the service can be asked. To go on, press “Go on” in Review."
    ),
    "disk_full": N_("Paused: the disk is almost full. Make room, then press “Go on” in Review."),
    "key_lost": N_(
        "The saved passwords were made with another key. Put the old {file} back into "
        "REFUZ_HOME (or set REFUZ_SECRET_KEY), or type the passwords in again in Settings."
    ),
    "not_writable": N_("A service sent something that cannot be written down."),
    "written_at_once": N_("Two things were written at once."),
    "own_error": N_(
        "Something went wrong inside Refuz. Try again; if it happens again, tell your "
        "administrator the number {reference}."
    ),
    "late_invoice": N_("An invoice became known after the order was done."),
    "not_cancelled_any_more": N_("The shop does not show this order as cancelled any more."),
    "order_unreadable": N_("The order could not be read at the shop. {why}"),
    "invoices_unreadable": N_("The invoices could not be looked up. {why}"),
    "service_not_connected": N_(
        "Invoice {invoice} is at {service}, which is not connected. Connect it in Settings, "
        "then try again."
    ),
    "effect_done_before": N_("This had been done before; nothing was sent."),
    "takes_long": N_("This takes longer than usual."),
    "shop_cancelling": N_("The shop is still cancelling the order."),
    "shop_accepted": N_("The shop has accepted the cancellation and not finished it."),
    "program_stopped": N_("The program stopped while this was being sent."),
    "sent_again": N_("Asked, and it had not happened: sent again."),
    "cannot_be_asked_whether": N_(
        "The service cannot be asked whether it happened: look it up there."
    ),
    "in_doubt": N_("{why} The service cannot be asked whether it happened: look it up there."),
    "cannot_tell": N_("{why} So nobody knows whether it happened: look it up there."),
    "set_back": N_(
        "This call cancelled the order, and somebody has set it back since: look at it."
    ),
    "contradicts_itself": N_(
        "The service refused because it had been done before, but its own list says no."
    ),
    "asked_in_vain": NN_(
        "{why} Asked {count} time: look it up.", "{why} Asked {count} times: look it up."
    ),
}
