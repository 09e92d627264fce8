"""Words count whole: a negation, "partial" or a longer word is not the word inside it (rule 13)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.services.couriers.phrases import PHRASES
from core.services.couriers.statuses import RETURN_SIDE, status_of, status_of_text
from core.services.invoicing import fgo, oblio, reading, smartbill
from core.services.phrases import DOUBTS, NEGATIONS, Phrases, words

# Words of a table without a negation of their own.
SAID = [
    (phrase.replace("*", "").replace("@", ""), status)
    for status, phrases in PHRASES.items()
    for phrase in phrases
    if "~" not in phrase and not {*phrase.split()} & (NEGATIONS | DOUBTS)
]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Neridicat de către destinatar", "failed"),
        ("Neridicat de destinatarul coletului", "failed"),
        ("Colet neridicat", "failed"),
        ("AWB emis - neridicat", "created"),
        ("Neridicat de curier", "created"),
        ("Coletul nu a fost predat curierului", "created"),
        ("Nu a fost încă ridicat de curier", "created"),
        ("A expirat în locker", "failed"),
        ("Livrat, retur documente efectuat", "delivered"),
        ("Livrată. Retur ramburs livrat la expeditor", "delivered"),
        ("Livrat (colet la schimb ridicat)", "delivered"),
        ("Returnată către expeditor", "returned"),
        ("Va fi returnat la expeditor", "returning"),
        ("Coletul se întoarce la expeditor", "returning"),
        ("Ridicare de la sediul curierului", "out"),
        ("Livrat în easybox", "out"),
        ("Retur: NU", "unknown"),
        ("Retur anulat", "unknown"),
        ("Without return", "unknown"),
        ("Nu a fost refuzat", "unknown"),
        ("N-a fost livrat", "failed"),
        ("It hasn't been delivered", "failed"),
        ("Not yet delivered", "unknown"),
        ("Livrat parțial", "unknown"),
        ("Partially delivered", "unknown"),
        ("Refuzat (parțial)", "unknown"),
        ("Livrat, expeditor: Casa Verde", "delivered"),
        ("Relivrat", "unknown"),
        ("Nu răspunde la telefon, refuzat", "refused"),
    ],
)
def test_negations_parts_and_longer_words_are_no_status(text: str, status: str) -> None:
    assert status_of_text(text) == status


@given(st.sampled_from(SAID), st.sampled_from(["nu a fost", "fără", "not", "n-a mai fost"]))
def test_a_denied_phrase_never_gives_its_status(said: tuple[str, str], negation: str) -> None:
    phrase, status = said
    assert status_of_text(f"{negation} {phrase}") != status


@given(st.sampled_from(SAID), st.sampled_from(["parțial", "partially", "(partial)", "în parte"]))
def test_a_partial_ending_is_nobodys_ending(said: tuple[str, str], word: str) -> None:
    phrase, status = said
    if status == "delivered" or status in RETURN_SIDE:
        assert status_of_text(f"{phrase} {word}") == "unknown"


@given(st.sampled_from(SAID), st.sampled_from(["x", "ne", "sub"]), st.sampled_from(["", " azi"]))
def test_a_word_inside_another_word_is_not_found(
    said: tuple[str, str], prefix: str, end: str
) -> None:
    phrase, status = said
    if " " not in phrase and f"{prefix}{phrase}" not in {one for one, _ in SAID}:
        assert status_of_text(f"{prefix}{phrase}{end}") != status


@given(st.sampled_from(SAID))
def test_every_phrase_means_what_its_table_says(said: tuple[str, str]) -> None:
    phrase, status = said
    assert status_of_text(f"Colet {phrase.upper()}.") == status


def test_a_known_code_comes_before_words() -> None:
    assert status_of({"S1": "out"}, "S1", "Refuzat") == "out"
    assert status_of({"9": "delivered"}, "9", "Livrat. Retur ramburs efectuat") == "delivered"
    assert status_of({"9": "delivered"}, "9", "Livrat la expeditor") == "returned"


@given(st.text(max_size=60))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert status_of_text(text)
    assert words(words(text)) == words(text)


def test_longer_phrases_use_their_words_up() -> None:
    table = Phrases[str]([("ab", "short"), ("ab cd", "long")])
    assert [said.meaning for said in table.read("ab cd, ab")] == ["long", "short"]


# ---------------------------------------------------------------- invoicing


@pytest.mark.parametrize(
    ("said", "before"),
    [
        ("Factura este deja stornată.", True),
        ("Factura nu poate fi stornată deoarece este deja stornată", True),
        ("A fost stornată la 10.11.2026", True),
        ("Factura nu a fost stornată, seria este închisă.", False),
        ("Factura n-a fost stornată", False),
        ("Factura nu este încă stornată", False),
        ("Nu se știe dacă este stornată", False),
        ("Factura este stornată parțial.", False),
        ("Factura este deja stornată în parte", False),
        ("Factura a fost parțial stornată; este stornată parțial", False),
        ("Factura este nestornată", False),
        ("Stornare imposibilă", False),
    ],
)
def test_done_before_is_said_whole(said: str, before: bool) -> None:
    assert reading.done_before(said, reading.REVERSED_BEFORE) is before
    annulled = said.replace("storna", "anula").replace("Storna", "Anula")
    assert reading.done_before(annulled, reading.ANNULLED_BEFORE) is before


@given(st.sampled_from(["deja stornată", "este stornata", "a fost stornat"]), st.data())
def test_no_denied_or_partial_wording_counts_as_done(words_: str, data: st.DataObject) -> None:
    wrap = data.draw(
        st.sampled_from(
            [
                "nu {}",
                "factura nu mai {} acum",
                "{} parțial",
                "dacă {}",
                "niciodată {}",
                "{} partial",
            ]
        )
    )
    assert not reading.done_before(wrap.format(words_), reading.REVERSED_BEFORE)


@pytest.mark.parametrize(
    ("rules", "said", "code"),
    [
        (fgo.RULES, "Factura nu a fost stornată, seria este închisă.", "closed"),
        (fgo.RULES, "Factura nu a fost anulată: este încasată.", "paid"),
        (fgo.RULES, "Factura este stornată parțial.", "invalid"),
        (fgo.RULES, "Factura nu a fost încasată", "invalid"),
        (fgo.RULES, "Factura este neîncasată", "invalid"),
        (fgo.RULES, "Documentul nu este storno", "invalid"),
        (oblio.RULES, "Factura nu este anulată", "invalid"),
        (oblio.RULES, "Luna este închisă", "closed"),
        (smartbill.RULES, "Factura nu poate fi anulată", "invalid"),
        (smartbill.RULES, "Factura a fost anulată", "annulled"),
    ],
)
def test_a_denied_word_gives_no_code(rules: reading.Rules, said: str, code: str) -> None:
    assert reading.code_for(said, rules) == code
