"""Sentences about what a station was told to do by a key or a command barcode."""

from core.i18n.sentences import N_, Sentence

SENTENCES: dict[str, Sentence] = {
    "command_cancelling": N_("{order} is being cancelled, without restock."),
    "command_cancelling_restocked": N_("{order} is being cancelled and restocked."),
    "command_condition_kept": N_("{order}: {condition}."),
    "command_taken_back": N_("Taken back: {number}"),
    "command_nothing_to_undo": N_("You have scanned nothing here that could be taken back."),
    "command_pile_begun": N_("New pile: {pile}"),
    "command_no_parcel": N_("Scan a parcel first, then say what to do with it."),
    "condition_opened": N_("opened"),
    "condition_damaged": N_("damaged"),
    "condition_missing_items": N_("items missing"),
}
