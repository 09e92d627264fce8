"""An order of a file is the shop's or its own, and a customer is one: values nobody gave."""

import itertools
import string
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from test_orders_import_files import everything, take
from test_orders_importing import told_by_the_shop

from core.clock import now
from core.orders.customers import NOBODY, customer_key
from core.orders.imports.codes import ImportCode
from core.orders.shop.upsert import upsert_orders
from core.services.ports import ShopOrder, ShopParcel
from core.store import db
from core.store.tables import orders, parcels

numbers = itertools.count(1)
same_desk = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
around = st.text(alphabet=string.ascii_uppercase + string.digits + "-/.", min_size=1, max_size=4)
letters = st.text(alphabet=string.ascii_uppercase + "-/.", max_size=4)
BLANKS = ("", " ", ".", "-")


def box(number: str) -> ShopParcel:
    return ShopParcel(number, "FAN", f"gid://f/{number}", "SUCCESS", "", now())


def by_the_shop(engine: Engine, shop: int, name: str, *boxes: str, **changes: Any) -> ShopOrder:
    made = told_by_the_shop(name, parcels=tuple(map(box, boxes)), **changes)
    made = replace(made, gid=f"gid://shopify/Order/{next(numbers)}")
    with db.writing(engine) as connection:
        upsert_orders(connection, shop, [made])
    return made


def owners(engine: Engine, number: str) -> list[str]:
    query = select(orders.c.name).join(parcels, parcels.c.order_id == orders.c.id)
    with db.reading(engine) as connection:
        return list(connection.scalars(query.where(parcels.c.tracking == number, ~parcels.c.void)))


@st.composite
def writing(draw: Any, number: str) -> str:
    """A tracking number as a spreadsheet has it."""
    return draw(st.sampled_from([number, f"'{number}", f"AWB {number}", f"FAN: {number}",
                                 f"{number[:4]}-{number[4:]}", f" {number} "]))  # fmt: skip


# ---------------------------------------------------------------- whose parcel it is


@same_desk
@given(data=st.data(), before=around, behind=around, known=st.booleans(), second=st.booleans())
def test_a_parcel_of_the_shops_order_makes_no_order_and_no_second_owner(
    engine: Engine, shop: int, data: Any, before: str, behind: str, known: bool, second: bool
) -> None:
    bare = str(700_000 + next(numbers))
    number, own = f"7100{next(numbers):09}", f"7200{next(numbers):09}"
    theirs = f"{before}{bare}{behind}"
    by_the_shop(engine, shop, theirs, *([own, number] if second else [number]))
    if known:  # the file's name is an order of its own at the shop, or of an earlier file
        if data.draw(st.booleans()):
            by_the_shop(engine, shop, f"#{bare}", f"7300{next(numbers):09}")
        else:
            take(engine, shop, f"Order;AWB;Total\n{bare};7300{next(numbers):09};10\n")
    cell = data.draw(writing(number))
    result = take(engine, shop, f"Order;AWB;Total\n{bare};{cell};10\n")
    [note] = result.notes
    assert (note.line, note.column) == (2, "tracking")
    assert note.reason.code == ImportCode.TRACKING_OF_ANOTHER
    assert theirs in str(note)
    assert owners(engine, number) == [theirs]
    assert result.taken == 0


@same_desk
@given(before=letters, behind=letters, count=st.integers(1, 3), more=st.integers(0, 2))
def test_a_file_that_came_before_the_shop_is_the_shops_order_by_its_parcels(
    engine: Engine, shop: int, before: str, behind: str, count: int, more: int
) -> None:
    bare = str(700_000 + next(numbers))
    boxes = [f"7100{next(numbers):09}" for _ in range(count + more)]
    rows = "".join(f"{bare};{one};61,50\n" for one in boxes[:count])
    take(engine, shop, f"Order;AWB;Total\n{rows}")
    made = by_the_shop(engine, shop, f"{before}{bare}{behind}", *boxes, total_minor=6150)
    for one in boxes:
        assert owners(engine, one) == [made.name]
    assert everything(engine, orders.c.name).count(bare) == (made.name == bare)


@same_desk
@given(difference=st.sampled_from(["sum", "currency", "parcel", "name", "digit"]))
def test_what_fits_the_shops_order_only_in_part_stays_an_order_of_its_own(
    engine: Engine, shop: int, difference: str
) -> None:
    first, other = (str(700_000 + next(numbers)) for _ in range(2))
    number, strange = f"7100{next(numbers):09}", f"7200{next(numbers):09}"
    rows = [f"{first};{number};61,50"]
    rows += [f"{first};{strange};61,50"] if difference == "parcel" else []
    take(engine, shop, "Order;AWB;Total\n" + "\n".join(rows))
    total = 6151 if difference == "sum" else 6150
    currency = "EUR" if difference == "currency" else "RON"
    theirs = {"name": f"RO{other}-B", "digit": f"#1{first}"}.get(difference, f"RO{first}-A")
    by_the_shop(engine, shop, theirs, number, total_minor=total, currency=currency)
    assert sorted(owners(engine, number)) == sorted(
        [theirs, first]
    )  # a question when it is scanned (rule 7), never a guess


def test_an_order_keeps_a_parcel_that_it_shares_and_one_that_was_corrected_is_free(
    engine: Engine, shop: int
) -> None:
    both, freed = "7100900000001", "7100900000002"
    for name in ("#A1", "#A2"):
        by_the_shop(engine, shop, name, both)
    result = take(engine, shop, f"Order;AWB;Total\n#A1;{both};10\n#A2;{both};10\n")
    assert result.notes == []
    made = by_the_shop(engine, shop, "#A3", freed)
    with db.writing(engine) as connection:
        upsert_orders(
            connection, shop, [replace(made, parcels=(box("7100900000003"),), updated_at=now())]
        )
    assert take(engine, shop, f"Order;AWB;Total\n#A4;{freed};10\n").notes == []
    assert owners(engine, freed) == ["#A4"]


# ---------------------------------------------------------------- who the customer is


@st.composite
def phone(draw: Any, digits: str) -> str:
    """A Romanian number as people, shops and spreadsheets write it."""
    prefix = draw(st.sampled_from(["0", "+40", "0040", "40", "+40 (0)", ""]))
    mark = draw(st.sampled_from(BLANKS))
    parts = [digits[:3], digits[3:6], digits[6:]]
    return draw(st.sampled_from(["", "'", " "])) + prefix + mark + mark.join(parts)


@st.composite
def mail(draw: Any, name: str) -> str:
    address = f"{name}@example.com"
    return draw(st.sampled_from([address, address.upper(), f" {address} ", address.title()]))


digits_of = st.text("0123456789", min_size=8, max_size=8).map(lambda one: f"7{one}").filter(
    lambda one: len(set(one)) > 3 and one not in "9876543210"
)  # fmt: skip
names = st.text(string.ascii_lowercase, min_size=3, max_size=8).filter(
    lambda one: one not in NOBODY
)


@same_desk
@given(data=st.data(), digits=digits_of, name=names, shared=st.sampled_from(["both", "mail"]))
def test_one_customer_has_one_key_from_a_file_and_from_the_shop(
    engine: Engine, shop: int, data: Any, digits: str, name: str, shared: str
) -> None:
    n = next(numbers)
    theirs, ours = (data.draw(phone(digits)) if shared == "both" else "" for _ in range(2))
    row = f"C{n};7400{n:09};10;{theirs};{data.draw(mail(name))}"
    result = take(engine, shop, f"Order;AWB;Total;Telefon;Email\n{row}\n")
    assert result.taken == 1
    mine = data.draw(mail(name))
    by_the_shop(engine, shop, f"#S{n}", f"7500{n:09}", phone=ours, email=mine, customer_key="own")
    with db.reading(engine) as connection:
        query = select(orders.c.customer_key).where(orders.c.name.in_([f"C{n}", f"#S{n}"]))
        first, second = connection.scalars(query)
        kept = select(parcels.c.customer_key).where(parcels.c.customer_key == first)
        assert len(connection.scalars(kept).all()) >= 2
    assert first == second != ""
    assert not any(part in first for part in (digits, name))


@same_desk
@given(one=digits_of, other=digits_of, name=names, another=names)
def test_two_customers_have_two_keys(
    home_dir: Any, one: str, other: str, name: str, another: str
) -> None:
    assume(one != other)
    assume(name != another)
    home_dir.mkdir(exist_ok=True)
    assert customer_key(f"0{one}", "") != customer_key(f"0{other}", "")
    assert customer_key("", f"{name}@a.ro") != customer_key("", f"{another}@a.ro")
    assert customer_key(f"0{one}", "") != customer_key("", f"{one}@a.ro")


@same_desk
@given(
    digits_of,
    st.sampled_from(["0{}", "+40{}", "0040 {}", "{}", "{}.0", "40{}.0", "'0{}", "0{} int. 5",
                     "0{}, ext 12", "0{} / 0733000222", "0{} sau 0733000222", "(0){}"]),
)  # fmt: skip
def test_a_phone_is_one_however_a_cell_has_it(home_dir: Any, digits: str, form: str) -> None:
    home_dir.mkdir(exist_ok=True)
    assert customer_key(form.format(digits), "x@y.ro") == customer_key(digits, "")


@same_desk
@given(names, st.sampled_from(["{}", "Ana <{}>", "mailto:{}", "{}; b@c.ro", " {} ", "{}.", "{},"]))
def test_an_address_is_one_however_a_cell_has_it(home_dir: Any, name: str, form: str) -> None:
    home_dir.mkdir(exist_ok=True)
    assert customer_key("", form.format(f"{name}@a.ro")) == customer_key("", f"{name.upper()}@A.ro")


@pytest.mark.parametrize(
    "nobody",
    ["", "0", "000000000", "12345", "n/a", "-", "1111111111", "0722222222", "0123456789",
     "none@none.com", "na@example.ro", "noemail@shop.ro"],
)  # fmt: skip
def test_nobody_is_no_customer_and_never_a_repeat(home_dir: Any, nobody: str) -> None:
    home_dir.mkdir(exist_ok=True)
    assert customer_key(nobody, nobody) == ""


@pytest.mark.parametrize(
    ("row", "is_another"),
    [
        ("#1,7000121055501,77.70", True),  # another sum, another parcel
        ("1,7000121055501,149.90 EUR", True),
        ("#1,7000121055501,149.90", False),  # a label made anew
        ("#1,7000121083646,77.70", False),  # the shop's own parcel
        ("#1,7000121083646 7000121055501,77.70", False),
        ("#1,7000121055501,0", False),  # paid before: a courier collects nothing
    ],
)
def test_a_row_that_may_be_another_shops_order_of_the_same_name_is_told(
    engine: Engine, shop: int, row: str, is_another: bool
) -> None:
    """Two shops count alike; of a list of the one, imported for the other, nobody heard a word,
    and each of its parcels leads to an order that somebody else is waiting for."""
    with db.writing(engine) as connection:
        upsert_orders(connection, shop, [told_by_the_shop("#1")])
    result = take(engine, shop, f"Order,AWB,Total\n{row}\n")
    remarks = [(one.line, one.reason.code, one.taken) for one in result.notes]
    assert remarks == ([(2, ImportCode.OTHER_AT_SHOP, True)] if is_another else [])
    assert result.updated == 1
