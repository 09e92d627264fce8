"""A made-up history of any length, for the sample data and `refuz sandbox --history N`.

Vectorised: a million parcels take seconds.  The same seed gives the same rows.
"""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.demo import retail

COLUMNS = [
    "order_name",
    "created_at",
    "shipped_on",
    "courier",
    "tracking",
    "payment",
    "county",
    "city",
    "customer_key",
    "sku",
    "product",
    "quantity",
    "value_minor",
    "currency",
    "outcome",
    "outcome_on",
    "reason",
    "scanned_on",
    "cancelled_on",
    "reversed_on",
]
SERIAL_LIMIT = 100_000_000
LOST_SHARE = 0.004
NAT = np.datetime64("NaT", "D")

Array = NDArray[Any]


def history(parcels: int, *, seed: int, today: date, days: int = 730) -> pd.DataFrame:
    """`parcels` rows shipped over the `days` before `today`, ordered by ship date.

    Columns are `COLUMNS`; dates are datetime64 with NaT for "not yet", `created_at` is UTC,
    money is minor units.  What lies after `today` is not known yet, so young parcels are open,
    and more of the refused are open than of the delivered, as in life.  `ValueError` when
    `parcels` or `days` is below 1, or `parcels` is too many for a tracking number's digits.
    """
    if parcels < 1 or days < 1:
        raise ValueError("a history needs at least one parcel and one day")
    if parcels * 9 >= SERIAL_LIMIT // 2:
        raise ValueError("that many parcels would run out of tracking numbers")
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"shipped_on": _ship_dates(rng, parcels, today, days)})
    chance = _goods_and_people(rng, frame)
    _outcomes(rng, frame, rng.random(parcels) < chance)
    _hide_the_future(frame, np.datetime64(today, "D"))
    return frame[COLUMNS]


def tracking_numbers(courier: str, serials: Array) -> Array:
    """Tracking numbers in the courier's true format, one for each serial in 0 … 99,999,999.

    Poșta Română follows UPU S10 with its check digit; the others are digit runs whose lengths and
    prefixes are those of printed labels.  `KeyError` for an unknown courier.
    """
    serial = np.asarray(serials, dtype=np.int64)
    if courier == "posta":
        return _s10("RR", serial, "RO")
    prefix, first = {
        "sameday": ("1ONB24", 222_000_000),
        "fan": ("7000", 121_000_000),
        "cargus": ("", 1_100_000_000),
        "gls": ("80", 311_000_000),
        "dpd": ("05808", 416_000_000),
        "packeta": ("Z", 4_210_000_000),
    }[courier]
    return np.char.add(prefix, (serial + first).astype(str))


def _s10(service: str, serial: Array, country: str) -> Array:
    digits = (serial[:, None] // 10 ** np.arange(7, -1, -1)) % 10
    check = 11 - (digits * np.array([8, 6, 4, 2, 3, 5, 9, 7])).sum(axis=1) % 11
    check = np.select([check == 10, check == 11], [0, 5], check)
    number = np.char.zfill((serial * 10 + check).astype(str), 9)
    return np.char.add(np.char.add(service, number), country)


def _ship_dates(rng: np.random.Generator, parcels: int, today: date, days: int) -> Array:
    """Sorted ship dates: weekdays, a growing shop, a Black Friday peak, nothing on Sundays."""
    calendar = np.datetime64(today, "D") - np.arange(days, 0, -1)
    weekday = (calendar.astype("datetime64[D]").view("int64") + 3) % 7
    month = calendar.astype("datetime64[M]").astype(int) % 12 + 1
    weight = np.array([1.25, 1.05, 1.0, 1.0, 0.95, 0.25, 0.0])[weekday]
    weight = weight * np.linspace(0.75, 1.25, days)
    weight *= np.select([month == 11, month == 12, month == 1], [1.7, 1.5, 0.7], 1.0)
    if not weight.any():
        weight = np.ones(days)
    return np.sort(rng.choice(calendar, parcels, p=weight / weight.sum()))


def _goods_and_people(rng: np.random.Generator, frame: pd.DataFrame) -> Array:
    """Fill in who ordered what and who carries it; gives each parcel's chance to be refused."""
    count = len(frame)
    courier = rng.choice(len(retail.COURIERS), count, p=_shares([c.share for c in retail.COURIERS]))
    county = rng.choice(len(retail.COUNTIES), count, p=_shares([c.share for c in retail.COUNTIES]))
    item = rng.choice(len(retail.PRODUCTS), count, p=_shares([p.share for p in retail.PRODUCTS]))
    cod = rng.random(count) < np.array([c.cod_share for c in retail.COURIERS])[courier]
    _couriers(rng, frame, courier)
    frame["payment"] = np.where(cod, "cod", "prepaid")
    frame["county"] = np.array([c.name for c in retail.COUNTIES], dtype=object)[county]
    frame["city"] = np.array([c.city for c in retail.COUNTIES], dtype=object)[county]
    _goods(rng, frame, item)
    inclined = _customers(rng, frame)
    month = frame["shipped_on"].dt.month.to_numpy()
    logit = (
        np.where(cod, retail.BASE_COD, retail.BASE_PREPAID)
        + np.array([c.refusal for c in retail.COURIERS])[courier]
        + np.array([c.refusal for c in retail.COUNTIES])[county]
        + np.array([p.refusal for p in retail.PRODUCTS])[item]
        + np.array([retail.SEASON[m] for m in range(1, 13)])[month - 1]
        + inclined
    )
    return np.asarray(1 / (1 + np.exp(-logit)))


def _shares(values: list[float]) -> Array:
    shares = np.array(values)
    return np.asarray(shares / shares.sum())


def _couriers(rng: np.random.Generator, frame: pd.DataFrame, courier: Array) -> None:
    """Fill in couriers and tracking numbers; `courier`: each parcel's index in retail.COURIERS."""
    tracking = np.empty(len(frame), dtype=object)
    for index, profile in enumerate(retail.COURIERS):
        rows = np.flatnonzero(courier == index)
        serials = np.cumsum(rng.integers(1, 10, len(rows)))  # rising and never the same twice
        if len(rows):
            tracking[rows] = tracking_numbers(profile.slug, serials)
    frame["courier"] = np.array([c.slug for c in retail.COURIERS], dtype=object)[courier]
    frame["tracking"] = tracking


def _goods(rng: np.random.Generator, frame: pd.DataFrame, item: Array) -> None:
    """Fill in products and values; `item`: each parcel's index in retail.PRODUCTS."""
    count = len(frame)
    frame["sku"] = np.array([p.sku for p in retail.PRODUCTS], dtype=object)[item]
    frame["product"] = np.array([p.title for p in retail.PRODUCTS], dtype=object)[item]
    frame["quantity"] = np.minimum(rng.geometric(0.72, count), 6)
    price = np.array([p.price_minor for p in retail.PRODUCTS])[item]
    postage = np.where(price * frame["quantity"] < 20_000, 1999, 0)
    frame["value_minor"] = price * frame["quantity"] + postage
    frame["currency"] = "RON"


def _customers(rng: np.random.Generator, frame: pd.DataFrame) -> Array:
    """Fill in order names, times and customers, few of whom order often.

    Gives how much likelier than others each parcel's customer is to refuse (added to the logit).
    """
    count = len(frame)
    pool = max(1, int(count * 0.6))
    person = np.minimum((rng.random(count) ** 1.6 * pool).astype(np.int64), pool - 1)
    first = np.char.lower(_plain(retail.FIRST_NAMES))[person % len(retail.FIRST_NAMES)]
    last = np.char.lower(_plain(retail.LAST_NAMES))[(person // 7) % len(retail.LAST_NAMES)]
    key = np.char.add(np.char.add(np.char.add(first, "."), last), person.astype(str))
    frame["customer_key"] = np.char.add(key, "@example.com").astype(object)
    seconds = rng.integers(6 * 3600, 22 * 3600, count) + 86_400 * rng.integers(1, 4, count)
    until = frame["shipped_on"].to_numpy().astype("datetime64[s]") + np.timedelta64(86_400, "s")
    frame["created_at"] = pd.DatetimeIndex(until - seconds.astype("timedelta64[s]"), tz="UTC")
    frame["order_name"] = np.char.add("#H", np.arange(1, count + 1).astype(str)).astype(object)
    return np.asarray((rng.standard_normal(pool) * 0.45)[person])


def _plain(names: tuple[str, ...]) -> Array:
    marks = str.maketrans("ăâîșțĂÂÎȘȚ", "aaistAAIST")
    return np.array([name.translate(marks) for name in names])


def _outcomes(rng: np.random.Generator, frame: pd.DataFrame, refused: Array) -> None:
    """What became of each parcel in the end, and on which days, as if the future were known."""
    count = len(frame)
    profile = {c.slug: c for c in retail.COURIERS}
    names = frame["courier"]
    delivery = names.map({k: c.delivery_days for k, c in profile.items()}).to_numpy(float)
    way_back = names.map({k: c.return_days for k, c in profile.items()}).to_numpy(float)
    never = names.map({k: c.never_back for k, c in profile.items()}).to_numpy(float)
    lost = ~refused & (rng.random(count) < LOST_SHARE)
    ready = 1 + rng.gamma(2.0, delivery / 2.0)
    gave_up = 2 + delivery + rng.gamma(2.2, way_back / 3.2)
    days = np.select([refused, lost], [gave_up, 21 + rng.gamma(3.0, 3.0, count)], ready)
    shipped = frame["shipped_on"].to_numpy().astype("datetime64[D]")
    on = shipped + days.astype("timedelta64[D]")
    frame["outcome"] = np.select([refused, lost], ["refused", "lost"], "delivered")
    frame["outcome_on"] = on
    reasons = np.array(list(retail.REFUSAL_REASONS), dtype=object)
    drawn = rng.choice(reasons, count, p=_shares(list(retail.REFUSAL_REASONS.values())))
    frame["reason"] = np.where(refused, drawn, "")
    back = refused & (rng.random(count) >= never)
    scanned = on + (1 + rng.gamma(2.0, way_back / 2.5)).astype("timedelta64[D]")
    cancelled = scanned + rng.choice(4, count, p=[0.72, 0.18, 0.07, 0.03]).astype("timedelta64[D]")
    reversed_ = cancelled + rng.choice(3, count, p=[0.9, 0.07, 0.03]).astype("timedelta64[D]")
    for name, when in zip(
        ("scanned_on", "cancelled_on", "reversed_on"), (scanned, cancelled, reversed_), strict=True
    ):
        frame[name] = np.where(back, when, NAT)


def _hide_the_future(frame: pd.DataFrame, today: np.datetime64) -> None:
    open_ = frame["outcome_on"].to_numpy().astype("datetime64[D]") > today
    frame.loc[open_, ["outcome", "reason"]] = ""
    for name in ("outcome_on", "scanned_on", "cancelled_on", "reversed_on"):
        when = frame[name].to_numpy().astype("datetime64[D]")
        frame[name] = np.where(when > today, NAT, when).astype("datetime64[s]")
