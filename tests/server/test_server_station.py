"""Every source has one way in: the scan is stored before the verdict leaves."""

import datetime as dt
import io
from pathlib import Path

import pytest
import requests
import zxingcpp
from PIL import Image
from sqlalchemy import Engine, func, insert, select
from starlette.applications import Starlette
from starlette.middleware import Middleware
from tests_server_world import put_orders

from core import rights
from core.config import home
from core.orders.photos import intake_queue
from core.orders.photos.reader import PhotoReader
from core.orders.photos.reading import scan_key
from core.orders.piles import card as piles_card
from core.orders.piles import edits, piles
from core.server.auth import AuthMiddleware
from core.server.routes.table import routes
from core.store import db, disk
from core.store.tables import pile_pictures, scans

ASSETS = Path(__file__).resolve().parents[2] / "pages" / "components"
OURS = {"X-Refuz": "1"}
TRACKING = "1ONB24222300007"


@pytest.fixture
def base(serve, engine: Engine) -> str:
    put_orders(engine, [TRACKING, "1ONB24222300008"])
    middleware = [Middleware(AuthMiddleware, network=False, token="t")]
    return serve(Starlette(routes=routes(ASSETS), middleware=middleware))


@pytest.fixture
def pile(engine: Engine) -> int:
    return piles.create("Monday")


def label(text: str) -> bytes:
    """A photo of one label, as JPEG."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128)
    bars = Image.fromarray(code.to_image(scale=3)).convert("L")
    photo = Image.new("L", (1280, 720), 235)
    photo.paste(bars, (120, 240))
    out = io.BytesIO()
    photo.save(out, "JPEG", quality=90)
    return out.getvalue()


def scan(base: str, **fields: object) -> requests.Response:
    body = {"source": "scanner", "by": "Ana", **fields}
    return requests.post(f"{base}/api/scans", json=body, headers=OURS, timeout=10)


def stored() -> int:
    with db.reading() as connection:
        return connection.scalar(select(func.count()).select_from(scans)) or 0


def test_a_code_gets_its_verdict_and_is_stored_first(base: str, pile: int) -> None:
    verdict = scan(base, pile=pile, code=TRACKING, key="a").json()
    assert (verdict["verdict"], verdict["sound"]) == ("matched", "good")
    assert verdict["order"] == "#100000"
    assert "Ioana Popescu" in verdict["say"]
    assert stored() == 1


def test_the_same_key_twice_is_one_scan_with_the_same_verdict(base: str, pile: int) -> None:
    first = scan(base, pile=pile, code=TRACKING, key="a").json()
    second = scan(base, pile=pile, code=TRACKING, key="a").json()
    assert second["repeated"]
    assert second["id"] == first["id"]
    assert stored() == 1


def test_the_same_parcel_again_sounds_seen_and_a_strange_one_bad(base: str, pile: int) -> None:
    scan(base, pile=pile, code=TRACKING, key="a")
    assert scan(base, pile=pile, code=TRACKING, key="b").json()["sound"] == "seen"
    assert scan(base, pile=pile, code="99887766554433", key="c").json()["sound"] == "bad"


def test_verdicts_and_errors_come_in_the_language_of_the_page(base: str, pile: int) -> None:
    romanian = {**OURS, "Accept-Language": "ro-RO,ro;q=0.9"}
    answers = [
        requests.post(f"{base}/api/scans", json=body, headers=romanian, timeout=10).json()
        for body in (
            {"pile": pile, "code": TRACKING, "key": "a", "by": "Ana"},
            {"pile": pile, "code": TRACKING, "key": "b", "by": "Ana"},
            {"pile": pile + 1, "code": TRACKING, "key": "c", "by": "Ana"},
        )
    ]
    assert answers[1]["why"] == "Acest colet este deja în teanc."
    assert answers[1]["why"] in answers[1]["say"]
    assert answers[1]["reason"] == {"code": "scan_seen"}
    assert answers[2]["error"].startswith("Acest teanc nu mai există.")


@pytest.mark.parametrize(
    ("call", "status"),
    [
        ({"code": TRACKING, "key": "a"}, 400),
        ({"pile": 1, "key": "a"}, 400),
        ({"pile": 1, "code": TRACKING}, 400),
        ({"pile": 999, "code": TRACKING, "key": "a"}, 404),
        ({"pile": "x", "code": TRACKING, "key": "a"}, 400),
        ({"pile": 1, "code": "x" * 500, "key": "a"}, 400),
        ({"pile": 1, "code": TRACKING, "key": "a", "source": "thought"}, 400),
    ],
)
def test_a_call_that_makes_no_sense_gets_a_sentence(
    base: str, pile: int, call: dict[str, object], status: int
) -> None:
    answer = requests.post(f"{base}/api/scans", json=call, headers=OURS, timeout=10)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert stored() == 0


def frame(base: str, pile: int, data: bytes, session: str = "cam") -> requests.Response:
    where = {"pile": str(pile), "session": session, "by": "Ana"}
    return requests.post(f"{base}/api/frames", data, params=where, headers=OURS, timeout=10)


def test_a_label_that_stays_in_view_is_one_scan(base: str, pile: int) -> None:
    first = frame(base, pile, label(TRACKING)).json()
    [code] = first["codes"]
    assert (code["verdict"], code["again"], len(code["corners"])) == ("matched", False, 4)
    [again] = frame(base, pile, label(TRACKING)).json()["codes"]
    assert (again["again"], again["id"]) == (True, code["id"])
    assert stored() == 1


def photo_of(*codes: tuple[str, int, int]) -> bytes:
    """A frame with each code at its place, as JPEG."""
    photo = Image.new("L", (1280, 720), 235)
    for text, left, top in codes:
        code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128)
        photo.paste(Image.fromarray(code.to_image(scale=3)).convert("L"), (left, top))
    out = io.BytesIO()
    photo.save(out, "JPEG", quality=90)
    return out.getvalue()


def verdicts(answer: requests.Response) -> dict[str, str]:
    return {one["code"]: one["verdict"] for one in answer.json()["codes"]}


@pytest.mark.parametrize("above", [True, False])
def test_codes_that_a_camera_sees_on_one_label_are_one_question(
    base: str, pile: int, above: bool
) -> None:
    beside, top = ("31000207", 60) if above else ("31000207", 430)
    seen = frame(base, pile, photo_of((TRACKING, 120, 240), (beside, 160, top)), f"cam-{top}")
    assert verdicts(seen) == {TRACKING: "matched", beside: "not_tracking"}
    assert {one["sound"] for one in seen.json()["codes"]} == {"good", "quiet"}


def test_a_code_that_comes_into_view_beside_one_that_matched_is_of_its_label(
    base: str, pile: int
) -> None:
    frame(base, pile, photo_of((TRACKING, 120, 240)), "moved")
    # The camera has moved meanwhile: both lie elsewhere than the first one did.
    seen = frame(base, pile, photo_of((TRACKING, 300, 60), ("31000207", 340, 250)), "moved")
    assert verdicts(seen) == {TRACKING: "matched", "31000207": "not_tracking"}
    with rights.named("Ana"):
        edits.undo_last_scan(pile)  # of the second code: the first one stays matched
        edits.undo_last_scan(pile)
    assert piles_card.parcels_in(pile) == 0


def test_a_code_far_from_the_label_that_matched_is_a_question_of_its_own(
    base: str, pile: int
) -> None:
    seen = frame(base, pile, photo_of((TRACKING, 60, 40), ("31000207", 900, 500)), "far")
    assert verdicts(seen) == {TRACKING: "matched", "31000207": "unknown"}


def test_a_second_camera_on_the_same_pile_hears_that_the_parcel_was_seen(
    base: str, pile: int
) -> None:
    frame(base, pile, label(TRACKING), "one")
    [code] = frame(base, pile, label(TRACKING), "two").json()["codes"]
    assert code["sound"] == "seen"


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff\xe0 half a JPEG"])
def test_a_frame_that_is_no_picture_gets_a_sentence(base: str, pile: int, data: bytes) -> None:
    answer = frame(base, pile, data)
    assert answer.status_code == 422
    assert answer.json()["error"]


def photo(base: str, pile: int, data: bytes, name: str = "a.jpg") -> requests.Response:
    where = {"pile": str(pile), "name": name, "by": "Ana"}
    return requests.post(f"{base}/api/photos", data, params=where, headers=OURS, timeout=20)


def wait_until_read(pile: int) -> None:
    end = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=60)
    while intake_queue.open_count(pile) and dt.datetime.now(dt.UTC) < end:
        intake_queue.picture_came().wait(0.05)


def test_photos_are_taken_at_once_read_later_and_shown_with_what_was_read(
    base: str, pile: int, engine: Engine
) -> None:
    answers = [photo(base, pile, label(text)) for text in (TRACKING, "1ONB24222300008")]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert requests.get(f"{base}/api/pile/{pile}/pictures", timeout=10).json()["open"] == 2
    reader = PhotoReader()
    reader.start()
    wait_until_read(pile)
    reader.stop()
    listed = requests.get(f"{base}/api/pile/{pile}/pictures", timeout=10).json()
    assert {picture["state"] for picture in listed["pictures"]} == {"read"}
    read = {picture["pages"][0]["codes"][0]["text"] for picture in listed["pictures"]}
    assert read == {TRACKING, "1ONB24222300008"}
    sha = answers[0].json()["sha256"]
    small = requests.get(f"{base}/api/photos/{sha}/thumbnail", timeout=10)
    assert Image.open(io.BytesIO(small.content)).size == (480, 270)
    assert stored() == 2


def test_the_same_photo_twice_is_one_and_a_form_works_too(base: str, pile: int) -> None:
    first = photo(base, pile, label(TRACKING)).json()
    form = requests.post(
        f"{base}/api/photos",
        files={"photo": ("b.jpg", label(TRACKING))},
        params={"pile": str(pile)},
        headers=OURS,
        timeout=20,
    ).json()
    assert form["sha256"] == first["sha256"]
    assert (first["new"], form["new"]) == (True, False)


def test_a_picture_left_half_read_by_a_crash_is_read_again_and_no_scan_is_doubled(
    base: str, pile: int, engine: Engine
) -> None:
    added = photo(base, pile, label(TRACKING)).json()
    with db.writing() as connection:  # as a killed process leaves it: a scan taken, not yet "read"
        connection.execute(pile_pictures.update().values(state="reading"))
        connection.execute(
            insert(scans).values(
                pile_id=pile,
                key=scan_key(added["sha256"], TRACKING),
                at=dt.datetime.now(dt.UTC),
                by="Ana",
                source="photo",
                code=TRACKING,
                code_key=TRACKING,
                outcome="unmatched",
                verdict="unknown",
            )
        )
    reader = PhotoReader()
    reader.start()
    wait_until_read(pile)
    reader.stop()
    assert stored() == 1


def test_bad_pictures_say_why_and_the_others_go_on(base: str, pile: int) -> None:
    assert photo(base, pile, b"").status_code == 422
    photo(base, pile, b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg")
    photo(base, pile, label(TRACKING)[:900], "cut.jpg")
    photo(base, pile, label(TRACKING), "good.jpg")
    reader = PhotoReader()
    reader.start()
    wait_until_read(pile)
    reader.stop()
    listed = requests.get(f"{base}/api/pile/{pile}/pictures", timeout=10).json()["pictures"]
    state = {picture["filename"]: (picture["state"], bool(picture["error"])) for picture in listed}
    assert state["a.svg"] == ("failed", True)
    assert state["good.jpg"] == ("read", False)
    assert stored() == 1


@pytest.mark.parametrize("sha", ["0" * 64, "x", "..%2f..%2fsecret.key", "Z" * 64])
def test_no_other_file_can_be_asked_for(base: str, sha: str) -> None:
    answer = requests.get(f"{base}/api/photos/{sha}/thumbnail", timeout=10)
    assert answer.status_code == 404


def test_the_phone_page_brings_its_scripts_and_nothing_else(base: str) -> None:
    assert "phone.js" in requests.get(f"{base}/phone", timeout=10).text
    assert requests.get(f"{base}/station/keys.js", timeout=10).status_code == 200
    assert requests.get(f"{base}/station/../main.py", timeout=10).status_code == 404


@pytest.mark.parametrize("asked", ["", "?pile=3&by=Ana%20Pop"])
def test_the_scan_page_is_found_by_its_name_as_the_others_are(base: str, asked: str) -> None:
    answer = requests.get(f"{base}/scan{asked}", allow_redirects=False, timeout=30)
    assert (answer.status_code, answer.headers["Location"]) == (307, f"/{asked}")


def test_a_webhook_that_no_shop_signed_is_refused(base: str) -> None:
    answer = requests.post(f"{base}/webhooks/shopify", json={"id": 1}, timeout=10)
    assert answer.status_code == 401


def test_a_photo_of_a_parcel_is_kept_as_proof_with_its_order(base: str, pile: int) -> None:
    order = scan(base, pile=pile, code=TRACKING, key="a").json()["order_id"]
    other = scan(base, pile=pile, code="1ONB24222300008", key="b").json()["order_id"]

    def prove(order_id: int, data: bytes) -> requests.Response:
        where = {"pile": str(pile), "name": "torn.jpg", "by": "Ana", "order": str(order_id)}
        return requests.post(f"{base}/api/photos", data, params=where, headers=OURS, timeout=20)

    torn = label("NO CODE OF OURS")
    kept = prove(order, torn).json()
    assert [(one.sha256, one.added_by) for one in intake_queue.proofs(order)] == [
        (kept["sha256"], "Ana")
    ]
    assert requests.get(f"{base}/api/photos/{kept['sha256']}/thumbnail", timeout=10).ok
    assert not prove(order, torn).json()["new"]
    refused = [prove(other, torn), prove(order + other, torn[1:]), prove(999, label("X"))]
    assert [answer.status_code for answer in refused] == [422, 422, 422]
    assert intake_queue.open_count(pile) == 0
    assert intake_queue.pictures(pile) == []
    assert len(intake_queue.proofs(order)) == 1
    assert intake_queue.proofs(other) == []


def test_a_photo_is_refused_in_words_while_the_disk_is_almost_full(
    base: str, pile: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "SPACE_NEEDED", 1 << 62)
    refused = photo(base, pile, label(TRACKING))
    assert (refused.status_code, "Make room" in refused.json()["error"]) == (507, True)
    assert not home().pictures.exists()
    monkeypatch.setattr(disk, "SPACE_NEEDED", 0)
    assert photo(base, pile, label(TRACKING)).status_code == 202
