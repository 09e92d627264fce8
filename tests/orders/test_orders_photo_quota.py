"""The oldest pictures go when all of them are larger than the quota; never the last days' ones."""

import datetime as dt

import pytest
from sqlalchemy import Engine, insert

from core.clock import now
from core.orders.photos import storage
from core.orders.piles import piles
from core.orders.privacy import retention
from core.settings import preferences
from core.store import db
from core.store.tables import pictures, pile_pictures

GB = 10**9


def sha(number: int) -> str:
    return f"{number:064x}"


def picture(pile: int, number: int, days: int, *, size: int = GB // 2, state: str = "read") -> None:
    """A row that says so many bytes, of a file of a few."""
    at = now() - dt.timedelta(days=days)
    file = storage.path_of(sha(number))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"photo")
    file.with_suffix(".0.jpg").write_bytes(b"small")
    row = {"sha256": sha(number), "filename": "a.jpg", "size": size, "created_at": at,
           "mime": "", "width": 0, "height": 0}  # fmt: skip
    in_pile = {"pile_id": pile, "sha256": sha(number), "filename": "a.jpg", "state": state,
               "error": None, "added_at": at, "added_by": "Ana", "kind": "label"}  # fmt: skip
    with db.writing() as connection:
        connection.execute(insert(pictures).values(row))
        connection.execute(insert(pile_pictures).values(in_pile))


def there(numbers: range) -> list[int]:
    return [one for one in numbers if storage.path_of(sha(one)).exists()]


@pytest.fixture
def pile(engine: Engine) -> int:
    return piles.create("Monday")


def choose(**chosen: int) -> None:
    with db.writing() as connection:
        preferences.save(connection, **chosen)


def test_the_oldest_beyond_the_quota_go_with_their_small_copies(pile: int) -> None:
    for number in range(1, 7):
        picture(pile, number, days=100 - number)
    choose(keep_photos_gb=2)
    assert retention.expire()["photos"] == 2
    assert there(range(1, 7)) == [3, 4, 5, 6]
    assert not list(storage.path_of(sha(1)).parent.glob(f"{sha(1)}*"))
    assert retention.expire()["photos"] == 0


def test_without_a_quota_every_picture_stays(pile: int) -> None:
    for number in range(1, 7):
        picture(pile, number, days=1000, size=100 * GB)
    assert retention.expire()["photos"] == 0
    assert there(range(1, 7)) == [1, 2, 3, 4, 5, 6]


def test_pictures_of_the_last_days_and_unread_ones_stay_whatever_the_quota(pile: int) -> None:
    picture(pile, 1, days=30, size=5 * GB)
    picture(pile, 2, days=30, size=5 * GB, state="waiting")
    picture(pile, 3, days=6, size=5 * GB)
    choose(keep_photos_gb=1)
    assert retention.expire()["photos"] == 1
    assert there(range(1, 4)) == [2, 3]


def test_a_picture_is_as_old_as_it_was_shown_last(pile: int) -> None:
    for number in (1, 2, 3):
        picture(pile, number, days=100 - number, size=GB)
    again = {"pile_id": piles.create("Today"), "sha256": sha(1), "filename": "a.jpg",
             "state": "read", "error": None, "added_at": now(), "added_by": "Ana",
             "kind": "label"}  # fmt: skip
    with db.writing() as connection:
        connection.execute(insert(pile_pictures).values(again))
    choose(keep_photos_gb=2)
    retention.expire()
    assert there(range(1, 4)) == [1, 3]


def test_what_goes_by_age_leaves_room_under_the_quota(pile: int) -> None:
    for number, days in ((1, 400), (2, 50), (3, 40)):
        picture(pile, number, days=days, size=GB)
    choose(keep_photos_gb=2, keep_photos_months=6)
    assert retention.expire()["photos"] == 1
    assert there(range(1, 4)) == [2, 3]
