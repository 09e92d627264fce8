"""What is told to a person is a code: no text of Python's, no sentence of ours as its parameter."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import CHECKOUT

CORE = CHECKOUT / "core"
# Rooms that only the command line, or whoever keeps the host, hears: English, as
# `core.errors.UserError` says. `connecting.described` is for what is written in a file.
ENGLISH = ("cli", "demo", "sandbox", "store", "reversal/worker", "insight/reports/mail.py",
           "insight/reports/notices.py", "services/connecting.py")  # fmt: skip


def calls(source: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield node


def is_raw(node: ast.expr) -> bool:
    """`str(error)`, alone or within a longer text, where `error` is what was caught."""
    caught = ("error", "exc", "exception", "err")
    return any(
        (
            isinstance(one, ast.Call)
            and isinstance(one.func, ast.Name)
            and one.func.id in ("str", "repr")
            and isinstance(one.args[0], ast.Name)
            and one.args[0].id in caught
        )
        or (
            isinstance(one, ast.FormattedValue)
            and isinstance(one.value, ast.Name)
            and one.value.id in caught
        )
        for one in ast.walk(node)
    )


def is_sentence(node: ast.expr) -> bool:
    """A text with a space in it that is written in the code."""
    parts = [one.value for one in ast.walk(node) if isinstance(one, ast.Constant)]
    return any(isinstance(part, str) and " " in part.strip() for part in parts)


def faults(source: str) -> list[int]:
    """The lines of a file where a reason is given a text of ours or of Python's."""
    found = []
    for call in calls(source):
        name = ast.unparse(call.func)
        makes_reason = name.endswith(".of") and name.split(".")[-2][:1].isupper()
        codes = [one for one in call.args if isinstance(one, ast.Attribute)]
        makes_error = any(ast.unparse(one).split(".")[-2].endswith("Code") for one in codes)
        if makes_reason or makes_error:
            given = [one.value for one in call.keywords]
            found += [call.lineno for one in given if is_raw(one) or is_sentence(one)]
    return found


def users() -> set[str]:
    """The errors that are shown to people, by name, as the tree in `core.errors` draws them."""
    drawn = (CORE / "errors.py").read_text().split('"""')[1]
    return {"UserError", *re.findall(r"^│   [│├└─ ]*── (\w+)", drawn, re.MULTILINE)}


def english(source: str, names: set[str]) -> list[int]:
    """The lines where an error for a person is raised with a text instead of a code."""
    return [
        call.lineno
        for call in calls(source)
        if ast.unparse(call.func).split(".")[-1] in names
        and call.args
        and (isinstance(call.args[0], ast.JoinedStr | ast.Constant) or is_raw(call.args[0]))
        and not (isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, int))
    ]


def test_no_parameter_of_a_reason_is_a_sentence_or_a_text_of_python() -> None:
    found = {
        str(file.relative_to(CHECKOUT)): lines
        for file in sorted([*CORE.rglob("*.py"), *(CHECKOUT / "pages").rglob("*.py")])
        if (lines := faults(file.read_text()))
    }
    assert found == {}


def test_rooms_that_pages_and_routes_call_raise_codes_and_no_english() -> None:
    names = users()
    assert {"UserError", "HeldByJudge", "PictureError", "WrongSetting"} <= names
    assert "OvertakenError" not in names
    found = {
        str(file.relative_to(CORE)): lines
        for file in sorted(CORE.rglob("*.py"))
        if not str(file.relative_to(CORE)).startswith(ENGLISH)
        and (lines := english(file.read_text(), names))
    }
    assert found == {}


@pytest.mark.parametrize(
    "line",
    [
        "raise Refused(StampCode.NOT_GIVEN, said=str(error))",
        "Code.NOT_OPENED.of(name=name, said=f'because {error}')",
        "ParcelCode.LATE.of(why='the courier lost it')",
    ],
)
def test_a_fault_of_this_kind_would_be_found(line: str) -> None:
    assert faults(line) == [1]


def test_values_names_and_reasons_are_no_faults() -> None:
    assert faults("ParcelCode.LATE.of(why=error.reason, name=row.name, service='fgo', n=3)") == []
    assert english("raise UserError(RunCode.GONE)", {"UserError"}) == []
    assert english("raise UserError('It is gone.')", {"UserError"}) == [1]


def test_this_looks_at_all_there_is() -> None:
    assert len(list(Path(CORE).rglob("*.py"))) > 300
