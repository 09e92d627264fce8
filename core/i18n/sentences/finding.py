"""Sentences about boxes that are found by their print."""

from core.i18n.sentences import N_, NN_, Sentence

SENTENCES: dict[str, Sentence] = {
    "found_agrees": N_("{field}: {value}"),
    "found_nearly": N_("{field}, nearly: {value}"),
    "found_coming_back": N_("The courier says that it is on its way back."),
    "found_fits": NN_("{count} order may fit this label.", "{count} orders may fit this label."),
    "found_nothing_fits": N_(
        "No open order fits. Read on the label: {read}. It is looked at again after each sync; "
        "search the order by hand, or photograph the whole label closer."
    ),
    "found_nothing_read": N_(
        "Nothing on this label could be read. Photograph it whole, closer and in more light."
    ),
    "found_cannot_read": N_("The print of this label could not be read: {why}"),
    "field_tracking": N_("tracking number"),
    "field_reference": N_("reference"),
    "field_name": N_("name"),
    "field_street": N_("street"),
    "field_town": N_("town"),
    "field_postcode": N_("postcode"),
    "field_phone": N_("phone"),
    "field_cash": N_("cash on delivery"),
}
