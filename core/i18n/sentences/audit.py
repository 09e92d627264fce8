"""Sentences of `core.audit`."""

from core.i18n.sentences import N_, Sentence

SENTENCES: dict[str, Sentence] = {
    "anchor_head_gone": N_(
        "Row {row}, signed on {at}, is gone: the end of the record was removed outside Refuz. "
        "Compare with a backup."
    ),
    "anchor_head_changed": N_(
        "Row {row} is not what was signed on {at}: the record was made anew outside Refuz. "
        "Compare with a backup."
    ),
    "anchor_rows_missing": N_(
        "Up to row {row} there were {had} rows, now there are {has}. Compare with a backup."
    ),
    "anchor_not_ours": N_("Line {line} of the signed heads was not signed with this desk's key."),
    "anchor_heads_gone": N_(
        "{had} signed heads of the record were kept, now there are {has}: the file was emptied or "
        "replaced outside Refuz. Compare with the heads in your mails and backups."
    ),
    "anchor_trigger_gone": N_(
        "The database no longer keeps the record from being changed; missing: {names}."
    ),
}
