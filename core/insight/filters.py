"""What the owner chose to look at; lives in the page's address, so a view can be sent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

DEFAULT_DAYS = 365
PAYMENTS = ("cod", "prepaid")


@dataclass(frozen=True)
class Filters:
    """Ship dates from `since` to `until`, both included; an empty tuple means "all"."""

    since: date
    until: date
    couriers: tuple[str, ...] = ()
    counties: tuple[str, ...] = ()
    payments: tuple[str, ...] = ()

    def before(self) -> "Filters":
        """The period of the same length that ended the day before this one began."""
        length = self.until - self.since
        until = self.since - timedelta(days=1)
        return replace(self, since=until - length, until=until)

    def to_query(self) -> dict[str, str | list[str]]:
        """The address parameters that `from_query` reads back."""
        chosen: dict[str, str | list[str]] = {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
        }
        lists = {"courier": self.couriers, "county": self.counties, "payment": self.payments}
        return chosen | {name: list(values) for name, values in lists.items() if values}


def from_query(query: Mapping[str, list[str]], today: date) -> Filters:
    """Filters from address parameters; what makes no sense there falls back to the default.

    The default is the year up to `today`.  A link may have been typed or cut short, so a bad date
    or an unknown payment is left out rather than refused.
    """
    since = _date(query.get("since", [])) or today - timedelta(days=DEFAULT_DAYS)
    until = _date(query.get("until", [])) or today
    if since > until:
        since, until = until, since
    payments = tuple(p for p in query.get("payment", []) if p in PAYMENTS)
    couriers, counties = tuple(query.get("courier", [])), tuple(query.get("county", []))
    return Filters(since, until, couriers, counties, payments)


def _date(texts: list[str]) -> date | None:
    try:
        return date.fromisoformat(texts[0])
    except (IndexError, ValueError):
        return None
