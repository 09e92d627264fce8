"""Words count whole: a negation, "partial" or a longer word is not the word inside it (rule 13)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.services.couriers.phrases import PHRASES
from core.services.couriers.statuses import ENDINGS, RETURN_SIDE, status_of, status_of_text
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


ENDS = [one for one in SAID if one[1] in ENDINGS | {"returning"}]
AFTER = ["{} - nu", "{}: NU", "{}? nu", "{} (nu)", "{}=nu", "{} nu", "{}: no", "{} - no", "{}? No.",
         "{}: false", "{} nem", "{}: nein", "{}: не"]  # fmt: skip
BEFORE = ["nu este {}", "nu a fost încă {}", "n-a fost {}", "fără {}", "nici {}", "ne-{}",
          "isn't {}",
          "never {}", "was not {}", "nem {}", "не {}", "не е {}", "nie {}", "ne {}", "nicht {}",
          "δεν {}", "non {}", "neconfirmat: nu e {}", "nebude {}", "nije {}", "ni {}",
          "ni bilo {}", "niso {}"]  # fmt: skip
NOT_DONE = ["va fi {}", "urmează să fie {}", "programat {}", "încercare {}", "will be {}",
            "scheduled to be {}", "aproape {}", "awaiting {}", "wird {}", "soll morgen {}",
            "bude {}", "zostanie {}", "ще бъде {}", "предстои да бъде {}", "bit će {}", "bo {}",
            "θα {}"]  # fmt: skip
TAKEN_BACK = ["{} eronat", "{} din greșeală", "{} imposibil", "{} eșuat", "{} nereușit",
              "{} neconfirmat", "{} cu erori", "{} with errors", "{} by mistake",
              "{} wrongly", "{} revocat"]  # fmt: skip


@given(st.sampled_from(ENDS), st.sampled_from([*AFTER, *BEFORE]))
def test_a_negation_before_or_behind_a_phrase_never_reads_as_it(
    said: tuple[str, str], form: str
) -> None:
    phrase, status = said
    assert status_of_text(form.format(phrase)) != status


@given(st.sampled_from(ENDS), st.sampled_from(TAKEN_BACK))
def test_what_is_taken_back_at_once_does_not_hold(said: tuple[str, str], form: str) -> None:
    phrase, status = said
    assert status_of_text(form.format(phrase)) != status


@given(
    st.sampled_from([one for one in ENDS if one[1] in ("delivered", "refused", "lost")]),
    st.sampled_from(NOT_DONE),
)
def test_what_is_only_planned_or_tried_has_not_happened(said: tuple[str, str], form: str) -> None:
    phrase, status = said
    assert status_of_text(form.format(phrase)) != status


@pytest.mark.parametrize(
    ("text", "status"),
    [("Kézbesítve", "delivered"), ("Nem kézbesíthető", "failed"), ("Visszautasítva", "refused"),
     ("Доставена на получателя", "delivered"), ("Не е доставена", "failed"),
     ("Пратката е отказана", "refused"), ("Doręczono", "delivered"), ("Nie doręczono", "failed"),
     ("Odmowa przyjęcia przesyłki", "refused"), ("Doručeno", "delivered"),
     ("Zásilka odmítnuta", "refused"), ("Zugestellt", "delivered"),
     ("Nicht zugestellt", "failed"), ("Annahme verweigert", "refused"),
     ("Livrat 1 din 2 colete", "unknown"), ("Livrat 2 din 2 colete", "delivered"),
     ("Colet 1/2 livrat", "unknown"), ("Livrat 10/11/2026", "delivered"),
     ("De livrat azi", "unknown"), ("Refuzat adresa gresita", "refused"),
     ("Livrat. Nu a fost încasat rambursul", "delivered"),
     ("Wird heute zugestellt", "out"), ("Bude doručeno", "out"), ("Nebude doručeno", "failed"),
     ("Zostanie doręczona jutro", "out"), ("Ще бъде доставена", "out"),
     ("Holnap lesz kézbesítve", "out"), ("Bit će dostavljeno", "out"),
     ("Ni bilo dostavljeno", "failed"), ("Soll morgen zugestellt werden", "unknown")],
)  # fmt: skip
def test_words_of_other_languages_and_counted_parts(text: str, status: str) -> None:
    assert status_of_text(text) == status


SENDERS = [
    ("Zugestellt", "an Absender"), ("Zugestellt", "an den Absender"), ("Doručeno", "odesílateli"),
    ("Doručená", "odosielateľovi"), ("Doręczona", "nadawcy"), ("Dostarczono", "do nadawcy"),
    ("Доставена", "на подателя"), ("Kézbesítve", "a feladónak"), ("Dostavljeno", "pošiljatelju"),
    ("Παραδόθηκε", "στον αποστολέα"), ("Livrat", "expeditorului"), ("Delivered", "to sender"),
]  # fmt: skip


@given(
    st.sampled_from(SENDERS), st.sampled_from(["{}", "{}.", "Colet: {}", "{} 10.11.2026, 14:30"]),
    st.booleans(), st.sampled_from([str, str.upper]),
)  # fmt: skip
def test_what_was_brought_to_its_sender_was_not_delivered(
    words: tuple[str, str], form: str, turned: bool, cased: Any
) -> None:
    verb, sender = words
    native = verb in ("Livrat", "Delivered")
    text = f"{sender} {verb}" if turned and not native else f"{verb} {sender}"
    assert status_of_text(cased(form.format(text))) == "returned"


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


@pytest.mark.parametrize(("phrase", "status"), SAID)
def test_every_phrase_means_what_its_table_says(phrase: str, status: str) -> None:
    assert status_of_text(f"Colet {phrase.upper()}.") == status
    assert status_of_text(f"Colet {phrase}.") == status


@pytest.mark.parametrize(
    "word",
    ["χωρίς", "ΧΩΡΙΣ", "δεν", "ΔΕΝ", "Nicht", "KEINE", "без", "NU", "değil", *sorted(NEGATIONS)],
)
def test_every_negation_denies_however_its_letters_are_written(word: str) -> None:
    """A Greek word's last sigma has a letter of its own, which folding takes away."""
    for phrase in ("livrat", "zugestellt"):
        assert status_of_text(f"{word} {phrase}") != "delivered"


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


@pytest.mark.parametrize("rules", [fgo.RULES, oblio.RULES, smartbill.RULES])
@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Eroare temporară, încercați mai târziu.", "later"),
        ("Serviciul este temporar indisponibil", "later"),
        ("Please try again later", "later"),
        ("Nu este o eroare temporară", "invalid"),
    ],
)
def test_what_a_service_calls_temporary_is_told_from_a_refusal_for_good(
    rules: reading.Rules, said: str, code: str
) -> None:
    assert reading.code_for(said, rules) == code


def test_a_rule_that_knows_the_words_comes_before_what_is_called_temporary() -> None:
    said = "Încercați mai târziu: luna este închisă"
    assert reading.code_for(said, oblio.RULES) == "closed"


@pytest.mark.parametrize("said", ["validat", "acceptată", "confirmat", "Validată la 10.11.2026"])
def test_a_document_is_filed_where_the_words_say_so(said: str) -> None:
    assert fgo.FILED.holding(said)


@pytest.mark.parametrize(
    "said",
    ["validat cu erori", "acceptată cu erori", "nevalidat", "neacceptat", "nu a fost validat",
     "validat parțial", "în curs de validare", "respins", "validat: NU", "neconfirmat"],
)  # fmt: skip
def test_a_document_with_errors_is_not_filed(said: str) -> None:
    assert not fgo.FILED.holding(said)
