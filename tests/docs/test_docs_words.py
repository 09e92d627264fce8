"""Words at the edge: what people read is marked for translation, and stored only as a code."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.i18n.reasons import sentence
from core.reasons import quoted
from core.services.codes import ConnectionCode

ROOT = Path(__file__).parents[2]
MARKS = ("N_", "NN_", "t", "shown")
# Only the command line, the sandbox, papers in English and the server's own start say these.
ENGLISH = (
    "core/cli/", "core/sandbox/", "core/demo/", "core/insight/reports/",
    "core/store/backup.py", "core/store/engines.py", "core/store/archive.py", "core/store/db.py",
    "core/reversal/worker/slots.py", "core/reversal/worker/worker.py",
    "core/services/connecting.py", "core/server/machines/description.py",
    "core/server/routes/health.py", "core/server/routes/monitoring.py",
)  # fmt: skip
LETTERS = 8  # fewer beside its blanks are no sentence


def files(*folders: str) -> list[Path]:
    """The Python files of these folders."""
    return sorted(one for folder in folders for one in (ROOT / folder).rglob("*.py"))


def name_of(call: ast.Call) -> str:
    """The last word of what is called."""
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def text_of(node: ast.AST) -> str:
    """A literal's text, "…" for its blanks."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) or "…" for part in node.values)
    return ""


def is_sentence(text: str) -> bool:
    """Does it begin and end like one?"""
    whole = (text[:1].isupper() or text[:1] == "…") and text.endswith((".", "?", "!"))
    return whole and " " in text and "\n" not in text and sum(map(str.isalpha, text)) >= LETTERS


def sentences(source: str) -> Iterator[ast.AST]:
    """The sentences of a file that are neither documentation nor marked."""
    tree = ast.parse(source)
    apart = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            apart |= {id(part) for part in ast.walk(node) if part is not node}
        if isinstance(node, ast.Call) and name_of(node) in MARKS:
            apart |= {id(part) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) not in apart and is_sentence(text_of(node)):
            yield node


def test_every_sentence_of_core_is_marked_for_translation() -> None:
    """So none is stored, compared or passed on as a text: it is the sentence of a code."""
    found = [
        f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}: {text_of(node)}"
        for file in files("core")
        if not str(file.relative_to(ROOT)).startswith(ENGLISH)
        for node in sentences(file.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('Refused("The parcel is at the depot.", "invalid")', 1),
        ('why = f"{title} has closed the account of {name}."', 1),
        ('Reason.of(X.Y, why="Ask them by phone." if late else "")', 1),
        ('GONE = "gone", N_("The parcel is gone for good.")', 0),
        ('"""A file\'s documentation. It is none."""', 0),
        ('log.info("page failed", reference=1)', 0),
    ],
)
def test_a_sentence_without_its_mark_is_seen(source: str, found: int) -> None:
    """The check itself: wherever the text stands, with blanks or without."""
    assert len(list(sentences(source))) == found


def test_only_services_quote_and_only_what_came_in_an_answer() -> None:
    """`quoted` holds a service's own words: a literal, or an error of ours, is never among them."""
    for file in files("core"):
        calls = [one for one in ast.walk(ast.parse(file.read_text())) if isinstance(one, ast.Call)]
        for call in (one for one in calls if name_of(one) == "quoted"):
            place = file.relative_to(ROOT)
            assert place.parts[:2] == ("core", "services"), place
            literals = [one for one in ast.walk(call) if text_of(one)]
            made = [one for one in ast.walk(call) if isinstance(one, ast.Call) and one is not call]
            assert (literals, made) == ([], []), f"{place}:{call.lineno}"


TELLERS = ("sentence", "detail_sentences", "detail_line", "action_sentence")
REASONS = ("reason", "why", "failed", "note")  # what holds one is called so
LOOKS = ("startswith", "endswith", "find", "index", "count")


def looks(source: str) -> Iterator[ast.AST]:
    """The comparisons and searches in what a reason says in some language."""
    for node in ast.walk(ast.parse(source)):
        about: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            about = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            about = [node.func.value] if node.func.attr in LOOKS else []
        calls = [one for part in about for one in ast.walk(part) if isinstance(one, ast.Call)]
        for call in calls:
            held = ast.unparse(call.args[0]).rpartition(".")[2] if call.args else ""
            if name_of(call) in TELLERS or (name_of(call) == "str" and held in REASONS):
                yield node


def test_no_text_is_looked_for_in_a_reason() -> None:
    """Codes decide; `str(reason)` is for logs and the command line."""
    found = [
        f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        for file in files("core", "pages")
        for node in looks(file.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('late = "in time" in str(report.failed)', 1),
        ('gone = sentence(one.why, "en") == "It is gone."', 1),
        ('if str(row.reason).startswith("The parcel"): pass', 1),
        ("gone = one.why.code == PileCode.GONE", 0),
        ("print(str(report.failed)); t(sentence(one.why))", 0),
    ],
)  # fmt: skip
def test_a_look_into_a_reason_s_text_is_seen(source: str, found: int) -> None:
    """The check itself."""
    assert len(list(looks(source))) == found


def test_a_reason_is_told_in_each_language_and_a_quotation_as_it_came() -> None:
    """`str(reason)` is the English one, for logs and the command line."""
    assert sentence(quoted("Limită depășită."), "ro") == "Limită depășită."
    reason = ConnectionCode.UNKNOWN_SERVICE.of(service="x", known="y")
    assert sentence(reason, "ro") != sentence(reason, "en") == str(reason)


def test_with_the_registry_every_service_s_codes_have_their_sentences() -> None:
    """Whoever knows the services can say what they answered, before any of them was used."""
    code = (
        "import core.services.registry; from core.reasons import SENTENCES;"
        "print(*[name in SENTENCES for name in"
        " ('woo_no_order', 'shopify_locked', 'invoicing_too_many', 'test_client_id')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True"] * 4


@pytest.mark.parametrize("entry", ["dashboard", "pages.common.session", "core.server.lifespan"])
def test_who_shows_reasons_knows_the_services(entry: str) -> None:
    """Else a stored code of theirs would be shown by its name."""
    code = f"import sys, {entry}; print('core.services.registry' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[-1] == "True"
