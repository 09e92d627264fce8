"""Short English words that are stored or computed and shown as they are: the catalog needs them.

They stand here because no sentence and no `t("…")` names them: a test compares them with the
lists they come from.
"""


def shown(text: str) -> str:
    """Mark a word as one that readers see."""
    return text


# The slices, bands and outcomes of Analytics, and the columns of its lists.
FIGURES = (
    shown("courier"), shown("payment"), shown("county"), shown("product"), shown("value band"),
    shown("customer"), shown("reason"), shown("weekday"), shown("week"), shown("cod"),
    shown("day"), shown("month"), shown("worse"), shown("better"), shown("too few at a time"),
    shown("prepaid"), shown("first-time"), shown("repeat"), shown("under 50"), shown("50 to 100"),
    shown("100 to 200"), shown("200 to 500"), shown("500 and more"), shown("Monday"),
    shown("Tuesday"), shown("Wednesday"), shown("Thursday"), shown("Friday"), shown("Saturday"),
    shown("Sunday"), shown("delivered"), shown("refused"), shown("open"), shown("lost"),
    shown("shipped"), shown("back"), shown("cancelled"), shown("reversed"), shown("parcels"),
    shown("tracking"), shown("order"), shown("value"), shown("currency"), shown("days"),
    shown("longest days"), shown("median days"), shown("refused on"), shown("shipped on"),
    shown("outcome"), shown("last refused"), shown("rate"), shown("city"), shown("status"),
)  # fmt: skip

# Columns that an import asks for.
COLUMNS = (
    shown("total"), shown("created at"), shown("phone"), shown("email"), shown("sku"),
    shown("quantity"), shown("price"), shown("invoice"), shown("code"), shown("service"),
    shown("beyond columns"),
    shown("series"), shown("number"), shown("issued on"), shown("account"),
    shown("invoice series"), shown("invoice service"), shown("payment state"),
    shown("return number"), shown("at"), shown("billed to"), shown("first name"),
    shown("last name"), shown("parted amount"),
    shown("street"), shown("postcode"), shown("kind"),
)  # fmt: skip

# What rows of the record tell besides what was done, and how sendings ended.
DETAILS = (
    shown("attempt"), shown("orders"), shown("pile"), shown("rows"), shown("run"), shown("note"),
    shown("role"), shown("restock"), shown("address"), shown("settings"), shown("before"),
    shown("changes"), shown("added"), shown("updated"), shown("notes"), shown("failures"),
    shown("last at"),
    shown("waived"), shown("against"), shown("proof"), shown("storno"), shown("failed"),
    shown("restocked"), shown("cancelled at"), shown("document"), shown("file"), shown("name"),
    shown("found by asking"), shown("not sent"), shown("refused for now"), shown("done before"),
    shown("absent"), shown("unknown"), shown("cannot tell"), shown("accepted"), shown("asking"),
    shown("refused"), shown("failed"), shown("paused"), shown("tried again"),
    shown("asked again"), shown("seen by a person"), shown("seen not to exist"),
    shown("fulfillments cancelled"),
    shown("yes"), shown("no"), shown("{service} did not answer"),
    shown("{service} answered {status}"), shown("request"), shown("excerpt"), shown("from"),
    shown("to"), shown("source"), shown("created"), shown("transit"), shown("out"),
    shown("returning"), shown("returned"), shown("scanner"), shown("list"), shown("photo"),
    shown("camera"), shown("alias"), shown("exact"), shown("evidence"),
)  # fmt: skip

# The kinds of no that a service said (`core.services.outcome.Refusal`).
REFUSALS = (
    shown("invalid"), shown("not found"), shown("no permission"), shown("signed out"),
    shown("later"), shown("cannot be asked"), shown("too many"), shown("too costly"),
    shown("already cancelled"), shown("in progress"), shown("outstanding fulfillments"),
    shown("has returns"), shown("is storno"), shown("annulled"), shown("paid"), shown("no plan"),
    shown("closed"), shown("contradicts itself"),
)  # fmt: skip

# What rows of the record are about: the word before its name, or what stands alone.
SUBJECTS = (
    shown("parcel"), shown("shop"), shown("person"), shown("session"), shown("import"),
    shown("retention"), shown("preferences"), shown("first owner"), shown("unknown person"),
)  # fmt: skip
