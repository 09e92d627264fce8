"""What waits for a second person, by `core.audit.approvals.Kind`."""

from core.i18n.sentences import N_, Sentence

SENTENCES: dict[str, Sentence] = {
    "approve_run": N_("start a run"),
    "approve_all_the_same": N_("go on all the same"),
    "approve_refund": N_("pay back"),
    "approve_send_again": N_("it does not exist: send again"),
    "approve_connection": N_("connect, change or remove a service"),
    "approve_erase": N_("forget a customer"),
    "approve_rule": N_("change the two-person rule"),
    "approve_people": N_("another account, a new link or another role"),
}
