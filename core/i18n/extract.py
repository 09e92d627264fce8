"""Babel's extraction method: every text that a reader may see, taken from the code's syntax tree.

Pages wrap their words in `t("…")`. What the rooms below say (errors, reasons, names of fields,
lines of the record) is plain English there and is translated when it is shown, so it is found by
its shape: a whole sentence, or an argument of a call that is known to be shown. The blanks of an
f-string become named ones: `f"Invoice {paper.number} is gone."` gives `Invoice {number} is gone.`
Named in `babel.cfg`; `make messages` runs it.
"""

import ast
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import IO, Any

# Calls whose arguments at these places (or of these names) are shown: see each one's signature.
SHOWN: Mapping[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    "t": ((0,), ()),
    "N_": ((0,), ()),
    "shown": ((0,), ()),
    "Finding": ((0, 2), ("what", "say")),
    "SettingField": ((1, 2), ("label", "help")),
    "record": ((2,), ("action",)),
}
SENTENCE_ENDS = (".", "?", "!")
LETTERS = 8  # fewer beside its blanks would fit anything

Found = tuple[int, str | None, str | tuple[str, ...], list[str]]


def messages(
    fileobj: IO[bytes],
    keywords: Mapping[str, Any],  # noqa: ARG001 (Babel's protocol)
    comment_tags: Collection[str],  # noqa: ARG001
    options: Mapping[str, Any],
) -> Iterator[Found]:
    """Yield (line, None, text, comments) for Babel. The option `sentences = no` takes calls only.

    Raises SyntaxError where the file is no Python.
    """
    tree = ast.parse(fileobj.read())
    seen: set[int] = set()
    wanted = list(_arguments(tree))
    if options.get("sentences") != "no":
        wanted += _sentences(tree)
    for node in wanted:
        if id(node) not in seen and _letters(text := text_of(node)):
            seen.add(id(node))
            yield node.lineno, None, text, []
    for call in _nodes(tree, lambda node: isinstance(node, ast.Call)):
        if getattr(call.func, "id", "") == "NN_":
            yield call.lineno, "ngettext", tuple(text_of(one) for one in call.args), []


def text_of(node: ast.AST) -> str:
    """The literal text of a constant or an f-string with named blanks; "" for anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if not isinstance(node, ast.JoinedStr):
        return ""
    text, names = "", list[str]()
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            names.append(_name(part.value, names))
            text += f"{{{names[-1]}}}"
        else:
            text += text_of(part)
    return text


def _name(value: ast.expr, taken: list[str]) -> str:
    found = [
        one.attr if isinstance(one, ast.Attribute) else one.id
        for one in ast.walk(value)
        if isinstance(one, ast.Attribute | ast.Name)
    ]
    name = next((one.strip("_").lower() for one in found if one not in ("join", "len")), "value")
    return name if name not in taken else f"{name}{len(taken)}"


def _arguments(tree: ast.AST) -> Iterator[ast.expr]:
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        places, names = SHOWN.get(name, ((), ()))
        given = [call.args[place] for place in places if place < len(call.args)]
        given += [word.value for word in call.keywords if word.arg in names]
        for one in given:
            yield from _branches(one)


def _branches(node: ast.expr) -> Iterator[ast.expr]:
    """Both texts of `a if … else b`, all of `a or b`."""
    if isinstance(node, ast.IfExp):
        yield from (*_branches(node.body), *_branches(node.orelse))
    elif isinstance(node, ast.BoolOp):
        for one in node.values:
            yield from _branches(one)
    else:
        yield node


def _sentences(tree: ast.AST) -> list[ast.expr]:
    """Every text that reads as a sentence; documentation and parts of f-strings are none."""
    texts = _nodes(tree, lambda node: isinstance(node, ast.Constant | ast.JoinedStr))
    hidden = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for text in texts:
        if isinstance(text, ast.JoinedStr):
            hidden |= {id(part) for part in ast.walk(text) if part is not text}
    return [one for one in texts if id(one) not in hidden and _is_sentence(text_of(one))]


def _nodes(tree: ast.AST, fits: Callable[[ast.AST], bool]) -> list[Any]:
    return [node for node in ast.walk(tree) if fits(node)]


def _is_sentence(text: str) -> bool:
    begins = text[:1].isupper() or text[:1] == "{"
    whole = begins and text.endswith(SENTENCE_ENDS) and " " in text and "\n" not in text
    return whole and _letters(text) >= LETTERS


def _letters(text: str) -> int:
    """How many letters stand outside the blanks."""
    return sum(letter.isalpha() for letter in re.sub(r"{\w*}", "", text))
