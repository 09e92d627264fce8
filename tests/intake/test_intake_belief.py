"""What is sure: no sliver, no mixture of two labels, no number a courier would not print."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.reading_drawing import bars, label, lay, s10, table, taken, text_for
from benchmarks.reading_hunt import pictures
from core.intake import Code, read
from core.intake.decode import belief, grid, readers
from core.intake.decode.frame import WholeFrame
from core.intake.decode.pipeline import read_gray
from core.intake.decode.readers import ReaderFound
from core.intake.types import Gray

PAPER = 225


def _page(*codes: np.ndarray) -> np.ndarray:
    """Codes one right below the other."""
    page = np.full((700, 1000), PAPER, np.uint8)
    y = 200
    for code in codes:
        page[y : y + code.shape[0], 120 : 120 + code.shape[1]] = np.minimum(code, PAPER)
        y += code.shape[0]
    return page


def _found(text: str, kind: str, x: float, y: float, length: float, height: float) -> ReaderFound:
    corners = ((x, y), (x + length, y), (x + length, y + height), (x, y + height))
    return ReaderFound(text, kind, corners)


@settings(max_examples=200, deadline=None)
@given(st.from_regex(r"[A-Z]{2}[0-9]{8}[A-Z]{2}", fullmatch=True), st.integers(0, 9))
def test_an_international_number_is_doubtful_unless_its_check_digit_agrees(
    text: str, digit: int
) -> None:
    whole = text[:2] + s10(text[2:10])
    printed = text[:10] + str(digit) + text[10:]
    assert belief.doubtful(printed, "Code128") == (printed != whole + text[10:])


def test_the_check_digit_of_ups_is_known() -> None:
    assert not belief.doubtful("1Z999AA10123456784", "Code128")
    assert belief.doubtful("1Z999AA10123456785", "Code128")
    assert belief.doubtful("1Z999AA10123456794", "Code128")


def test_signs_that_no_courier_prints_are_doubtful_in_bars_and_usual_in_a_qr_code() -> None:
    assert belief.doubtful('"P312560073RO', "Code128")
    assert not belief.doubtful("SMD-AB 12/7", "Code128")
    assert not belief.doubtful('{"a": 1}', "QRCode")


def test_a_wrong_check_digit_in_clear_bars_is_read_as_weak() -> None:
    right, wrong = "RR" + s10("47312482") + "RO", "RR473124820RO"
    assert right != wrong
    confidences = {
        text: [code.confidence for code in read_gray(_page(bars("Code128", text, 120, 3))).codes]
        for text in (right, wrong)
    }
    assert confidences == {right: ["sure"], wrong: ["weak"]}


@pytest.mark.parametrize("height", [4, 12])
def test_bars_of_a_few_rows_are_a_sliver(height: int) -> None:
    code = bars("Code128", "1ONB24222308781", height, 3)
    page = _page(code)
    found = _found("1ONB24222308781", "Code128", 120, 200, code.shape[1], height)
    assert belief.region_of(found, page) is None
    assert belief.witnessed(found, page, {"Code128"}) is None


def test_a_word_is_sure_when_two_bands_say_it_and_none_when_one_says_another() -> None:
    one, other = bars("Code39", "R52578568", 60, 3), bars("Code39", "R52578526", 60, 3)
    found = _found("R52578568", "Code39", 120, 200, one.shape[1], 120)
    assert belief.witnessed(found, _page(one, one), {"Code39"}) == "sure"
    assert belief.witnessed(found, _page(one, other), {"Code39"}) is None


@pytest.mark.parametrize("seed", [41, 42])
def test_torn_labels_on_others_give_no_sure_text_that_stands_on_neither(seed: int) -> None:
    for one in pictures(["stacked", "hidden", "at_edge"], 5, seed):
        true = {belief.plain(code.text) for code in one.codes}
        sure = {belief.plain(c.text) for c in read(one.data).codes if c.confidence == "sure"}
        assert sure <= true, one.name


def test_a_part_of_a_longer_number_at_the_same_place_is_left_out() -> None:
    def code(text: str, x: float, kind: str = "ITF") -> Code:
        return Code(text, kind, _found(text, kind, x, 10, 200, 60).corners, "sure", "upright")

    whole, part, far = code("26656227281149", 100), code("2665622728", 90), code("2665622728", 900)
    assert belief.without_parts([whole, part, far]) == [whole, far]
    strong = [code("JD0146", 90, "Code128"), code("JD01460000", 100, "Code128")]
    assert belief.without_parts(strong) == strong


def test_less_than_one_and_a_half_pixels_a_module_is_fine_print() -> None:
    text = text_for("Code128", np.random.default_rng(3))
    wide = bars("Code128", text, 10, 1).shape[1]
    for module, fine in ((1.2, True), (2.0, False)):
        found = _found(text, "Code128", 0, 0, wide * module, 60)
        assert belief.fine(found, found.corners) == fine


@pytest.mark.parametrize("kind", ["Code39", "Codabar", "ITF", "Code93", "EAN13", "Code128"])
@pytest.mark.parametrize("turned", [False, True])
def test_halves_that_stand_half_a_module_apart_show_their_seam(kind: str, turned: bool) -> None:
    code = bars(kind, text_for(kind, np.random.default_rng(8)), 120, 4)
    text = text_for(kind, np.random.default_rng(8))
    at = int(np.flatnonzero(np.diff(code[60] < 128))[code.shape[1] // 40]) + 1
    glued = np.hstack([code[:, :at], code[:, at - 1 : at].repeat(2, axis=1), code[:, at:]])
    for one, torn in ((code, False), (glued, True)):
        page = _page(one)
        page = np.ascontiguousarray(page[::-1, ::-1]) if turned else page
        x, y = (1000 - 120 - one.shape[1], 700 - 320) if turned else (120, 200)
        seam = grid.seam(_found(text, kind, x, y, one.shape[1], 120), page)
        assert seam is not None
        assert seam.real == torn, seam


@pytest.mark.parametrize("seed", [0, 3, 6])
@pytest.mark.parametrize("module", [2, 4])
def test_a_code_128_off_one_grid_is_no_sure_text_of_the_whole_picture(
    seed: int, module: int
) -> None:
    """Halves of two codes whose check character agrees by chance read like one."""
    text = text_for("Code128", np.random.default_rng(seed))
    code = bars("Code128", text, 120, module)
    ends = np.flatnonzero((code[60, :-1] >= 128) & (code[60, 1:] < 128))  # of spaces
    at = int(ends[len(ends) // 2]) + 1
    glued = np.hstack(
        [code[:, :at], code[:, at - 1 : at].repeat(module // 2, axis=1), code[:, at:]]
    )
    for one, confidence in ((code, "sure"), (glued, "weak")):
        codes = WholeFrame(_page(one), readers.FORMATS).codes([], bars=True)
        assert [(one.text, one.confidence) for one in codes] == [(text, confidence)]


@pytest.mark.parametrize(("kind", "module"), [("Code39", 3), ("Codabar", 4), ("EAN13", 5)])
def test_paper_that_bends_has_no_seam(kind: str, module: int) -> None:
    text = text_for(kind, np.random.default_rng(9))
    code = bars(kind, text, 120, module)
    width = code.shape[1]
    place = np.linspace(-1.0, 1.0, width)
    bent = np.interp(place + 0.1 * (1 - place**2), place, np.arange(width)).round().astype(int)
    seam = grid.seam(_found(text, kind, 120, 200, width, 120), _page(code[:, bent]))
    assert seam is not None
    assert not seam.real, seam


def test_bars_without_a_check_digit_of_their_own_are_weak_and_those_with_one_are_sure() -> None:
    codes_of = {}
    for text, kind in (
        ("26656227281149", "ITF"), ("15400141288763", "ITF"), ("2665622728", "ITF"),
        ("R52578568", "Code39"), ("RR" + s10("47312482") + "RO", "Code39"),
        ("A5257856B", "Codabar"),
    ):  # fmt: skip
        codes = read_gray(_page(bars(kind, text, 120, 3))).codes
        codes_of[text] = [(code.text, code.confidence) for code in codes]
    assert codes_of == {
        "26656227281149": [("26656227281149", "weak")],
        "15400141288763": [("15400141288763", "sure")],
        "2665622728": [("2665622728", "weak")],
        "R52578568": [("R52578568", "weak")],
        "RR" + s10("47312482") + "RO": [("RR" + s10("47312482") + "RO", "sure")],
        "A5257856B": [("A5257856B", "weak")],
    }


@pytest.mark.parametrize("seed", [51, 52])
def test_halves_glued_to_each_other_give_no_sure_text(seed: int) -> None:
    for one in pictures(["beside"], 12, seed):
        assert not [c for c in read(one.data).codes if c.confidence == "sure"], one.name


def _under_a_finger(seed: int) -> tuple[Gray, set[str]]:
    """A label with three codes, each half covered from above or below, photographed aslant."""
    draw = np.random.default_rng(seed)
    drawn = label(draw, ("Code39", "Codabar", "Code39"))
    covered = drawn.gray.copy()
    for code in drawn.codes:
        low, high = code.corners.min(axis=0), code.corners.max(axis=0)
        at = (int(draw.uniform(low[0], high[0])), int(draw.choice([low[1], high[1]])))
        axes = (110, int((high[1] - low[1]) * draw.uniform(0.55, 0.65)))
        cv2.ellipse(covered, at, axes, 0, 0, 360, 130, -1)
    page = table(draw, 1100, 900)
    lay(page, drawn.with_gray(covered), (550, 450), 0.6, draw.uniform(0, 360), 0.02, draw)
    return taken(page, draw), {code.text for code in drawn.codes}


def test_of_codes_half_under_a_finger_two_bands_are_enough_for_a_weak_text() -> None:
    """Two halves cannot agree: one is covered."""
    read_texts: list[bool] = []
    for seed in range(300, 308):
        page, texts = _under_a_finger(seed)
        codes = {code.text: code.confidence for code in read_gray(page).codes}
        assert not set(codes) - texts
        assert set(codes.values()) <= {"weak"}
        read_texts += [text in codes for text in texts]
    assert sum(read_texts) >= 0.8 * len(read_texts)
