"""What the owner chose to look at; lives in the page's address, so a view can be sent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from core.insight.facts import BAND_NAMES, CUSTOMERS, WEEKDAYS

DEFAULT_DAYS = 365
# An address is typed by hand, too: beyond these days lies no parcel, and soon no calendar.
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2199, 12, 31)
PAYMENTS = ("cod", "prepaid")

# Slices whose values are known beforehand; the others hold what couriers and shops wrote.
KNOWN = {
    "payments": PAYMENTS,
    "bands": BAND_NAMES,
    "customers": CUSTOMERS,
    "weekdays": WEEKDAYS,
}

# A slice's name, as people and addresses say it, and its field in `Filters`.
FIELDS = {
    "courier": "couriers",
    "payment": "payments",
    "county": "counties",
    "product": "products",
    "value band": "bands",
    "customer": "customers",
    "reason": "reasons",
    "weekday": "weekdays",
}
SLICES = tuple(FIELDS)


@dataclass(frozen=True)
class Filters:
    """Ship dates from `since` to `until`, both included; an empty tuple means "all"."""

    since: date
    until: date
    couriers: tuple[str, ...] = ()
    counties: tuple[str, ...] = ()
    payments: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    weekdays: tuple[str, ...] = ()

    def before(self) -> "Filters":
        """The period of the same length that ended the day before this one began."""
        length = self.until - self.since
        until = self.since - timedelta(days=1)
        return replace(self, since=until - length, until=until)

    def chosen(self) -> dict[str, tuple[str, ...]]:
        """The values chosen of each slice that is narrowed, by the slice's name."""
        slices = {name: getattr(self, field) for name, field in FIELDS.items()}
        return {name: values for name, values in slices.items() if values}

    def narrowed(self, **to: str) -> "Filters":
        """The same with one value of some slices: `narrowed(courier="fan", value_band=…)`."""
        values = {FIELDS[name.replace("_", " ")]: (value,) for name, value in to.items()}
        return replace(self, **values)  # type: ignore[arg-type]  # tuples of text, all of them

    def in_cohort(self, day: date, span: str) -> "Filters":
        """The same within the ship day, week or month (`facts.SPANS`) that `day` lies in."""
        first, last = day, day
        if span == "week":
            first = day - timedelta(days=day.weekday())
            last = first + timedelta(days=6)
        if span == "month":
            first = day.replace(day=1)
            last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return replace(self, since=max(first, self.since), until=min(last, self.until))

    def to_query(self) -> dict[str, str | list[str]]:
        """The address parameters that `from_query` reads back."""
        days = {"since": self.since.isoformat(), "until": self.until.isoformat()}
        return {**days, **{_in_address(name): list(v) for name, v in self.chosen().items()}}


def from_query(query: Mapping[str, list[str]], today: date) -> Filters:
    """Filters from address parameters; what makes no sense there falls back to the default.

    The default is the year up to `today`.  A link may have been typed or cut short, so a bad date
    or an unknown payment is left out rather than refused.
    """
    since = _date(query.get("since", [])) or today - timedelta(days=DEFAULT_DAYS)
    until = _date(query.get("until", [])) or today
    if since > until:
        since, until = until, since
    chosen = {}
    for name, field in FIELDS.items():
        allowed = KNOWN.get(field)
        values = query.get(_in_address(name), [])
        chosen[field] = tuple(v for v in values if allowed is None or v in allowed)
    return Filters(since, until, **chosen)


def _in_address(name: str) -> str:
    return name.replace(" ", "-")


def _date(texts: list[str]) -> date | None:
    try:
        day = date.fromisoformat(texts[0])
    except (IndexError, ValueError):
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None
