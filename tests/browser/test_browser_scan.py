"""The scan station in a real Chromium: nothing scanned is lost, nothing counts twice."""

import re
from pathlib import Path
from typing import Any

import pytest
from browser_desk import CHROMIUM, QUIET, Desk, wait_for
from browser_labels import label, photos, video
from browser_scanner import by_number, typed
from playwright.sync_api import Browser, Page, Playwright, expect

pytestmark = pytest.mark.browser

SUFFIXES = ("Enter", "Tab", None)


def open_scan(page: Page, desk: Desk, pile: int) -> None:
    """Open the Scan page of a pile and wait until the station listens."""
    page.goto(f"{desk.base_url}/?pile={pile}")
    expect(page.locator(".hand-say")).not_to_be_empty(timeout=30_000)


@pytest.mark.parametrize("each", [12, pytest.param(334, marks=pytest.mark.heavy)])
def test_no_code_of_a_hand_scanner_is_lost(
    page: Page, desk: Desk, hand_scan: Any, each: int
) -> None:
    """With Enter, Tab or nothing behind each code."""
    pile = desk.new_pile("Hand scanner")
    codes = [f"1ONB9{number:010}" for number in range(3 * each)]
    open_scan(page, desk, pile)
    for part, suffix in enumerate(SUFFIXES):
        hand_scan(page, codes[part * each : (part + 1) * each], suffix)
    wait_for(lambda: len(desk.scans(pile)) >= len(codes), 60, "all codes stored")
    assert desk.scans(pile) == codes


def test_a_scanner_leaves_no_letter_in_the_field_that_has_the_focus(
    page: Page, desk: Desk, hand_scan: Any
) -> None:
    """The focus is in the list's text area, then in the field of an open dialog."""
    pile = desk.new_pile("Focus")
    codes = [f"1ONB8{number:010}" for number in range(36)]
    open_scan(page, desk, pile)
    page.get_by_role("radio", name="List").click()
    area = page.locator("textarea")
    area.fill("mine")
    for part, suffix in enumerate(SUFFIXES):
        area.focus()
        hand_scan(page, codes[part * 6 : part * 6 + 6], suffix)
    assert area.input_value() == "mine"
    page.get_by_role("button", name="New pile").click()
    name = page.get_by_role("dialog").get_by_role("textbox")
    name.fill("Tuesday")
    for part, suffix in enumerate(SUFFIXES, start=3):
        name.focus()
        hand_scan(page, codes[part * 6 : part * 6 + 6], suffix)
    wait_for(lambda: len(desk.scans(pile)) >= len(codes), 60, "all codes stored")
    assert desk.scans(pile) == codes
    assert name.input_value() == "Tuesday"


def test_a_person_who_types_and_mends_in_a_field_loses_no_letter(page: Page, desk: Desk) -> None:
    """At 60 ms a key, with the arrow keys, Backspace and a selection in between."""
    pile = desk.new_pile("Mending")
    open_scan(page, desk, pile)
    page.get_by_role("radio", name="List").click()
    field = page.locator("textarea")
    field.focus()
    page.keyboard.type("refused parcelx", delay=60)
    page.keyboard.press("Backspace")
    page.keyboard.type("s", delay=60)
    page.keyboard.press("Home")
    page.keyboard.type("all ", delay=60)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("End")
    page.keyboard.type("!", delay=60)
    expect(field).to_have_value("all refused parcels!")
    assert desk.scans(pile) == []


def test_a_pile_is_begun_by_the_keyboard_alone(page: Page, desk: Desk) -> None:
    """N, its name, Enter: the cursor is in the field, and no letter is lost."""
    open_scan(page, desk, desk.new_pile("Before"))
    page.keyboard.press("n")
    expect(page.get_by_role("dialog").get_by_role("textbox").first).to_be_focused(timeout=30_000)
    page.keyboard.type("Luni GLS", delay=60)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=30_000)
    expect(page.get_by_role("heading", name="Luni GLS")).to_be_visible(timeout=30_000)
    assert desk.ask("SELECT count(*) FROM piles WHERE name = 'Luni GLS'") == [(1,)]


def test_keys_open_the_help_and_take_back_the_last_scan(
    page: Page, desk: Desk, hand_scan: Any
) -> None:
    pile = desk.new_pile("Keys")
    page.goto(f"{desk.base_url}/?pile={pile}&by=Ana")
    expect(page.locator(".hand-say")).not_to_be_empty(timeout=30_000)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("undo your last scan")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    for key, said in (("n", "New pile"), ("p", "with a phone"), ("n", "New pile")):
        page.keyboard.press(key)
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text(said, timeout=30_000)
        if key == "n":
            expect(dialog.get_by_role("textbox").first).to_be_focused(timeout=15_000)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator(".st-key-who button").click()
    expect(page.get_by_label("Who is working")).to_have_value("Ana")
    page.keyboard.press("Escape")
    hand_scan(page, desk.parcels(1), "Enter")
    expect(page.get_by_role("button", name="Undo last")).to_be_visible(timeout=30_000)
    wait_for(lambda: len(desk.scans(pile)) == 1, 30, "the scan stored")
    page.keyboard.press("u")
    wait_for(
        lambda: desk.ask("select count(*) from scans where undone_at is not null")[0][0] >= 1,
        30, "the scan taken back",
    )  # fmt: skip


def test_a_person_can_still_type_slowly_into_a_field(page: Page, desk: Desk) -> None:
    pile = desk.new_pile("Typing")
    open_scan(page, desk, pile)
    page.get_by_role("radio", name="List").click()
    field = page.locator("textarea")
    field.focus()
    page.keyboard.type("by hand", delay=250)
    assert field.input_value() == "by hand"
    assert desk.scans(pile) == []


def test_codes_scanned_while_the_server_is_away_arrive_later(
    page: Page, desk: Desk, hand_scan: Any
) -> None:
    pile = desk.new_pile("Offline")
    open_scan(page, desk, pile)
    page.route("**/api/scans", lambda route: route.abort())
    hand_scan(page, ["1ONB70000000001", "1ONB70000000002"], "Enter")
    expect(page.locator(".hand-say")).to_contain_text("No connection", timeout=5_000)
    page.unroute("**/api/scans")
    open_scan(page, desk, pile)  # even after a reload
    wait_for(lambda: len(desk.scans(pile)) == 2, 20, "both codes stored")
    assert desk.scans(pile) == ["1ONB70000000001", "1ONB70000000002"]


@pytest.mark.parametrize("count", [20, pytest.param(200, marks=pytest.mark.heavy)])
def test_dropped_photos_are_read_and_shown_with_an_outline(
    page: Page, desk: Desk, tmp_path: Path, count: int
) -> None:
    pile = desk.new_pile("Photos")
    tracking = desk.parcels(count)
    shown = min(count, 60)  # tiles; of more, the older ones are counted
    open_scan(page, desk, pile)
    page.set_input_files(".drop-input", photos(tmp_path, tracking))
    wait_for(lambda: len(desk.scans(pile)) >= count, 30 + count, "all photos read")
    assert sorted(desk.scans(pile)) == sorted(tracking)
    expect(page.locator(".drop-tile[data-state=read]")).to_have_count(shown, timeout=60_000)
    expect(page.locator(".drop-view polygon.read")).to_have_count(shown, timeout=60_000)
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(str(count), timeout=10_000)


def test_files_that_are_no_pictures_are_named_beside_those_that_are_read(
    page: Page, desk: Desk, tmp_path: Path
) -> None:
    """What a system keeps in a folder by itself is not worth a word."""
    pile = desk.new_pile("A folder")
    [tracking] = desk.parcels(1)
    for name in ("list.docx", "notes.txt", ".DS_Store", "Thumbs.db"):
        (tmp_path / name).write_bytes(b"no picture")
    open_scan(page, desk, pile)
    others = [tmp_path / "list.docx", tmp_path / "notes.txt", *tmp_path.glob("[.T]*")]
    page.set_input_files(".drop-input", [*photos(tmp_path, [tracking]), *others])
    expect(page.locator(".drop-failed")).to_have_text("No pictures, left out: list.docx, notes.txt")
    wait_for(lambda: desk.scans(pile) == [tracking], 60, "the photo is read")
    expect(page.locator(".drop-fold summary")).to_have_text("Photos: 1, to look at: 1")


def test_a_code_typed_for_a_place_that_was_not_read_is_kept_until_it_arrives(
    page: Page, desk: Desk, tmp_path: Path
) -> None:
    """By keyboard alone; pressed twice it is one scan, and so it is after a lost answer."""
    pile = desk.new_pile("Torn")
    [tracking] = desk.parcels(1)
    (torn := tmp_path / "torn.jpg").write_bytes(label(tracking, broken=True))
    open_scan(page, desk, pile)
    page.set_input_files(".drop-input", [torn])
    page.locator(".drop-view polygon.unread").press("Enter", timeout=60_000)
    field = page.locator(".drop-page input")
    expect(field).to_be_focused()
    page.route("**/api/scans", lambda route: (route.fetch(), route.abort()))
    field.fill(tracking)
    field.press("Enter")
    expect(page.locator(".drop-page [role=alert]")).to_contain_text("Press Enter")
    expect(field).to_have_value(tracking)
    page.unroute("**/api/scans")
    field.focus()
    for _ in range(2):  # the second may find its field gone
        page.keyboard.press("Enter")
    expect(page.locator(".drop-page form")).to_have_count(0, timeout=10_000)
    assert desk.scans(pile) == [tracking]


@pytest.mark.parametrize(
    ("count", "lacks"),
    [
        (8, ""),
        (3, "MediaStreamTrackProcessor"),  # as Firefox and Safari
        (3, "OffscreenCanvas"),  # as before 2023
        pytest.param(30, "", marks=pytest.mark.heavy),
    ],
)
def test_every_label_held_before_the_camera_is_one_scan(
    playwright: Playwright, desk: Desk, tmp_path: Path, count: int, lacks: str
) -> None:
    """Whatever of a browser's ways to its frames this one lacks."""
    pile = desk.new_pile("Camera")
    codes = desk.parcels(count)
    film = video(tmp_path / "labels.mjpeg", codes, frames_each=18)
    chromium = playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=[
            *QUIET,
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={film}",
        ],
    )
    page = chromium.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB")
    page.add_init_script(f"delete window.{lacks};" if lacks else "")
    open_scan(page, desk, pile)
    page.get_by_role("radio", name="Camera").click()
    page.get_by_role("button", name="Start camera").click()
    wait_for(lambda: set(desk.scans(pile)) >= set(codes), 40 + 3 * count, "every label read")
    chromium.close()
    # The film goes round: a label that comes back later is "seen", and no second parcel.
    new = desk.ask("SELECT code FROM scans WHERE pile_id = ? AND verdict != 'seen'", pile)
    assert sorted(row[0] for row in new) == sorted(codes)


def test_a_refused_camera_is_told_in_words(page: Page, desk: Desk) -> None:
    open_scan(page, desk, desk.new_pile("Refused"))
    page.get_by_role("radio", name="Camera").click()
    page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = () => "
        "Promise.reject(new DOMException('no', 'NotAllowedError')); }"
    )
    page.get_by_role("button", name="Start camera").click()
    expect(page.locator(".camera-say")).to_contain_text("Allow it beside the address")


def test_two_browsers_feed_one_pile_and_both_see_it_grow(
    page: Page, browser: Browser, browser_context_args: Any, desk: Desk, hand_scan: Any
) -> None:
    pile = desk.new_pile("Two at it")
    tracking = desk.parcels(6)
    pages = [page, other := browser.new_page(**browser_context_args)]
    for one in pages:
        open_scan(one, desk, pile)
    for one, part in zip(pages, (tracking[:3], tracking[3:]), strict=True):
        hand_scan(one, part, "Enter")
    for one in pages:
        expect(one.get_by_test_id("stMetricValue").first).to_have_text("6", timeout=15_000)
    other.close()
    assert sorted(desk.scans(pile)) == sorted(tracking)


def test_a_scan_of_ones_own_draws_the_page_once(page: Page, desk: Desk, hand_scan: Any) -> None:
    pile = desk.new_pile("Once")
    [first, second] = desk.parcels(2)
    asked: list[bytes] = []

    def heard(frame: str | bytes) -> None:
        if b"scanned" in (raw := frame if isinstance(frame, bytes) else frame.encode()):
            asked.append(raw)

    page.on("websocket", lambda socket: socket.on("framesent", heard))
    open_scan(page, desk, pile)
    for count, code in enumerate((first, second), start=1):
        hand_scan(page, [code], "Enter")
        expect(page.get_by_test_id("stMetricValue").first).to_have_text(f"{count}", timeout=15_000)
        page.wait_for_timeout(1200)  # in which the word that the pile changed has come as well
    assert len(asked) == 2


def test_a_phone_is_let_in_once_and_feeds_the_pile_as_its_person(
    browser: Browser, desk: Desk, hand_scan: Any
) -> None:
    pile = desk.new_pile("Phone")
    link = f"{desk.base_url}/pair/{desk.invite(pile)}"
    phone = browser.new_context(viewport={"width": 390, "height": 844}, locale="ro-RO").new_page()
    phone.goto(link)
    phone.get_by_role("button", name="Leagă acest telefon").click()
    expect(phone).to_have_url(re.compile(r"/phone\?pile="))
    expect(phone.locator("#pile")).to_have_text("Phone")
    expect(phone.locator(".hand-say")).to_have_text("Scanați un colet.")
    [tracking] = desk.parcels(1)
    hand_scan(phone, [tracking], "Enter")
    expect(phone.locator("#recent li")).to_have_count(1)
    assert desk.ask("SELECT code FROM scans WHERE pile_id = ?", pile) == [(tracking,)]
    old = f"{desk.base_url}/pair/{desk.invite(pile, seconds=0.001)}"
    for refused in (link, old):  # used already; older than its five minutes
        second = browser.new_context(locale="en-GB").new_page()
        answer = second.goto(refused)
        assert answer is not None
        assert answer.status == 410
        expect(second.locator("body")).to_contain_text("Show a new code")
        second.context.close()


def test_one_tap_cancels_the_order_and_shows_the_numbers(
    page: Page, desk: Desk, hand_scan: Any
) -> None:
    pile = desk.new_pile("One tap")
    [tracking] = desk.runnable(1, "smartbill")
    open_scan(page, desk, pile)
    hand_scan(page, [tracking], "Enter")
    page.get_by_role("button", name="Without restock").click(timeout=15_000)
    done = page.get_by_text(re.compile(r"cancelled, invoice \S+ \S+ reversed by \S+"))
    expect(done).to_be_visible(timeout=60_000)


def test_one_parcel_is_a_scan_and_one_key(page: Page, desk: Desk, hand_scan: Any) -> None:
    pile = desk.new_pile("One key")
    [tracking] = desk.runnable(1)
    open_scan(page, desk, pile)
    hand_scan(page, [tracking], "Enter")
    expect(page.locator(".hand-order")).not_to_be_empty(timeout=15_000)
    page.wait_for_timeout(1_200)  # the reader holds what may be the rest of a code
    page.keyboard.press("w")
    asked = "SELECT r.options FROM reversals r JOIN pile_orders p ON p.order_id = r.order_id "
    wait_for(lambda: desk.ask(asked + "WHERE p.pile_id = ?", pile), 20, "the order is cancelled")
    done = page.get_by_text(re.compile(r"Order \S+ cancelled"))
    expect(done.first).to_be_visible(timeout=60_000)


def test_command_barcodes_are_about_the_parcel_before_them_whatever_comes_after(
    page: Page, desk: Desk, hand_scan: Any
) -> None:
    """Fifty codes without a mouse: each parcel, then its condition; one is taken back."""
    pile = desk.new_pile("Commands")
    parcels = desk.parcels(25)
    conditions = ["opened", "damaged", "missing items"]
    barcode = {"opened": "DESK9011", "damaged": "DESK9012", "missing items": "DESK9013"}
    open_scan(page, desk, pile)
    codes = [
        code
        for number, tracking in enumerate(parcels)
        for code in (tracking, barcode[conditions[number % 3]])
    ]
    hand_scan(page, codes, "Enter")
    kept = (
        "SELECT s.code, p.condition FROM scans s JOIN pile_orders p ON p.order_id = s.order_id "
        "AND p.pile_id = s.pile_id WHERE s.pile_id = ? ORDER BY s.id"
    )
    expected = [(one, conditions[number % 3]) for number, one in enumerate(parcels)]
    wait_for(lambda: desk.ask(kept, pile) == expected, 60, "every condition kept")
    hand_scan(page, ["DESK9021"], "Enter")
    undone = "SELECT code FROM scans WHERE pile_id = ? AND undone_at IS NOT NULL"
    wait_for(lambda: desk.ask(undone, pile) == [(parcels[-1],)], 20, "the last one taken back")


def test_a_note_is_kept_when_the_next_parcel_is_scanned_while_it_is_typed(
    page: Page, desk: Desk, hand_scan: Any
) -> None:
    pile = desk.new_pile("Typed")
    first, second = desk.parcels(2)
    open_scan(page, desk, pile)
    hand_scan(page, [first], "Enter")
    note = page.get_by_role("textbox", name="Note", exact=True)
    expect(note).to_be_visible(timeout=20_000)
    page.wait_for_timeout(1_200)
    page.keyboard.press("t")
    expect(note).to_be_focused(timeout=5_000)
    page.keyboard.type("colt lovit", delay=70)
    hand_scan(page, [second], "Enter")
    kept = "SELECT remark FROM pile_orders WHERE pile_id = ? ORDER BY id"
    wait_for(lambda: len(desk.ask(kept, pile)) == 2, 20, "both parcels in the pile")
    wait_for(lambda: desk.ask(kept, pile)[0] == ("colt lovit",), 20, "the note kept")


AZERTY = dict(zip("1234567890", "&é\"'(-è_çà", strict=True))


def test_a_scanner_that_types_for_another_keyboard_is_read_by_the_places_of_its_keys(
    page: Page, desk: Desk, hand_keys: Any
) -> None:
    """Digits on AZERTY, the bracket of an AIM identifier on the Romanian layout, Alt mode."""
    pile = desk.new_pile("Layouts")
    codes = ["7000121055137", "7000121055138", "7000121055139"]
    open_scan(page, desk, pile)
    digits = [(AZERTY[one], f"Digit{one}") for one in codes[0]]
    bracket = [("î", "BracketRight"), ("C", "KeyC"), ("0", "Digit0")]
    named = [*bracket, *((one, f"Digit{one}") for one in codes[1])]
    hand_keys(page, [typed(digits), typed(named), by_number(codes[2])])
    wait_for(lambda: len(desk.scans(pile)) >= 3, 30, "all codes stored")
    assert [code.removeprefix("]C0").removeprefix("]c0") for code in desk.scans(pile)] == codes
