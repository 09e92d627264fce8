"""A linter: data that a page draws as Markdown goes through `pages.common.plain` (rule 16).

    python -m scripts.drawn pages

Told are arguments of Streamlit's elements that draw Markdown (texts, labels, tool tips, captions,
options of radios and segments) and are not made of literals, numbers, times and `plain(…)` alone.
So are grids that are drawn beside `show_grid` and `pick_in_grid`: these show no cell's letters in
another order, and nothing where a value is missing.
A name counts by everything that its function assigns to it; a parameter is data.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

# Element → how many of its first arguments are drawn as Markdown.
DRAWS = {
    "badge": 1, "button": 1, "caption": 1, "checkbox": 1, "date_input": 1, "download_button": 1,
    "error": 1, "expander": 1, "file_uploader": 1, "form_submit_button": 1, "header": 1,
    "info": 1, "link_button": 1, "markdown": 1, "metric": 3, "multiselect": 1, "number_input": 1,
    "page_link": 0, "pills": 1, "popover": 1, "radio": 1, "segmented_control": 1, "selectbox": 1,
    "spinner": 1, "status": 1, "subheader": 1, "success": 1, "table": 1, "tabs": 1,
    "text_area": 1, "text_input": 1, "title": 1, "toast": 1, "toggle": 1, "warning": 1, "write": 9,
    "progress": 0, "image": 0, "dialog": 1,
}  # fmt: skip
NAMED = {"body", "label", "help", "caption", "text", "delta", "title"}
OPTIONS = {"radio", "segmented_control", "pills"}  # they draw their options as Markdown too
OTHERS = {"registry", "log"}  # modules with functions of such names
GRIDS = {"dataframe", "data_editor"}
DRAWS_GRIDS = "show_grid"  # the file that has it may draw one
PLAIN = {"plain", "plain_table", "plain_names"}
NUMBERS = {"len", "int", "float", "round", "sum", "min", "max", "moment", "bool", "abs"}
NUMERIC_TYPES = {"int", "float", "bool"}
SAME = {"join", "format", "get", "capitalize", "keys", "values", "items", "strip", "removesuffix"}


@dataclass
class Reader:
    """One file: its functions, and what each name in them is made of."""

    tree: ast.Module
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    asked: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Find the functions of the file."""
        found = [one for one in ast.walk(self.tree) if isinstance(one, ast.FunctionDef)]
        self.functions = {one.name: one for one in found}

    def findings(self) -> Iterator[tuple[int, str]]:
        """Each line with data that is drawn raw or in a grid of its own, and the element."""
        for scope in [*self.functions.values(), self.tree]:
            for call in _calls(scope):
                name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
                if name in GRIDS and DRAWS_GRIDS not in self.functions:
                    yield call.lineno, f"{ast.unparse(call)[:60]}"
                if name in DRAWS and not _is_no_element(call):
                    for part in _drawn(call, name):
                        if not self.safe(part, scope):
                            yield part.lineno, f"{name}({ast.unparse(part)[:60]})"

    def safe(self, node: ast.AST | None, scope: ast.AST) -> bool:
        """Is this made of our own words, numbers and what was made plain?"""
        match node:
            case None | ast.Constant() | ast.Compare() | ast.UnaryOp():
                return True
            case ast.JoinedStr(values=parts):
                return all(self.safe(one, scope) for one in parts)
            case ast.FormattedValue(value=value, format_spec=form):
                return form is not None or self.safe(value, scope)  # ":," and the like: a number
            case ast.BinOp(left=left, right=right):
                return self.safe(left, scope) and self.safe(right, scope)
            case ast.BoolOp(values=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts):
                return all(self.safe(one, scope) for one in parts)
            case ast.IfExp(body=one, orelse=other):
                return self.safe(one, scope) and self.safe(other, scope)
            case ast.Dict(values=values):
                return all(self.safe(one, scope) for one in values)
            case ast.Starred(value=value) | ast.Subscript(value=value):
                return self.safe(value, scope)
            case ast.DictComp(value=value):
                return self.safe(value, scope)
            case ast.ListComp() | ast.GeneratorExp():
                return self.safe(node.elt, scope)
            case ast.Lambda(body=body):
                return self.safe(body, scope)
            case ast.Call():
                return self._safe_call(node, scope)
            case ast.Name(id=name):
                return self._safe_name(name, scope)
            case ast.Attribute(
                attr="get" | "__getitem__", value=value
            ):  # words.get as a function of options
                return self.safe(value, scope)
        return False

    def _safe_call(self, call: ast.Call, scope: ast.AST) -> bool:
        match call.func:
            case ast.Name(id=name) if name in PLAIN | NUMBERS:
                return True
            case ast.Name(id="t" | "shown"):
                return all(isinstance(one, ast.Constant | ast.IfExp) for one in call.args)
            case ast.Name(id="list" | "dict" | "sorted" | "dotted"):
                return all(self.safe(one, scope) for one in call.args)
            case ast.Name(id=name) if name in self.functions:
                return self._returns(self.functions[name])
            case ast.Name(id=name) if name.endswith(("words", "reasons", "conditions", "documents",
                                                     "states")):  # fmt: skip
                return True  # pages.review.words and the like: tables of literals
            case ast.Attribute(attr=name, value=value) if name in SAME:
                given = [*call.args, *(one.value for one in call.keywords)]
                return self.safe(value, scope) and all(self.safe(one, scope) for one in given)
        return False

    def _returns(self, made: ast.FunctionDef) -> bool:
        returned = [one.value for one in ast.walk(made) if isinstance(one, ast.Return)]
        return bool(returned) and all(self._once(made, one) for one in returned)

    def _once(self, scope: ast.AST, node: ast.AST | None) -> bool:
        """`safe`, where a name made of itself (`text += more`) adds nothing."""
        mark = id(node)
        if mark in self.asked:
            return True
        self.asked.add(mark)
        try:
            return self.safe(node, scope)
        finally:
            self.asked.discard(mark)

    def _safe_name(self, name: str, scope: ast.AST) -> bool:
        if isinstance(scope, ast.FunctionDef):
            for one in [*scope.args.args, *scope.args.kwonlyargs]:
                if one.arg == name:
                    kind = one.annotation
                    return isinstance(kind, ast.Name) and kind.id in NUMERIC_TYPES
        made = list(_assigned(scope, name))
        if not made and name in self.functions:
            return self._returns(self.functions[name])
        if not made and scope is not self.tree:
            return self._safe_name(name, self.tree)
        return bool(made) and all(self._once(scope, one) for one in made)


def _calls(scope: ast.AST) -> Iterator[ast.Call]:
    """The calls of this function, not those of functions in it."""
    for child in ast.iter_child_nodes(scope):
        if isinstance(child, ast.FunctionDef | ast.ClassDef):
            continue
        if isinstance(child, ast.Call):
            yield child
        yield from _calls(child)


def _is_no_element(call: ast.Call) -> bool:
    owner = call.func.value if isinstance(call.func, ast.Attribute) else call.func
    return isinstance(owner, ast.Call) or (isinstance(owner, ast.Name) and owner.id in OTHERS)


def _drawn(call: ast.Call, name: str) -> Iterator[ast.expr]:
    yield from call.args[: DRAWS[name]]
    yield from (one.value for one in call.keywords if one.arg in NAMED)
    if name in OPTIONS:
        shown = [one.value for one in call.keywords if one.arg == "format_func"]
        yield from shown or call.args[1:2]


def _assigned(scope: ast.AST, name: str) -> Iterator[ast.expr]:
    """What a name is made of: assignments, and what the loops over it go through."""
    for node in ast.walk(scope):
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from _of_target(target, value, name, scope)
            case (
                ast.AnnAssign(target=target, value=value)
                | ast.AugAssign(target=target, value=value)
            ) if value is not None:
                yield from _of_target(target, value, name, scope)
            case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                yield from _of_target(target, value, name, scope, loop=True)
            case ast.Call(func=ast.Attribute(attr="append", value=ast.Name(id=own)), args=[one]):
                if own == name:
                    yield one


def _of_target(
    target: ast.expr, value: ast.expr, name: str, scope: ast.AST, *, loop: bool = False
) -> Iterator[ast.expr]:
    if isinstance(target, ast.Name) and target.id == name:
        yield value
    elif isinstance(target, ast.Tuple):
        places = [getattr(one, "id", "") for one in target.elts]
        if name not in places:
            return
        place = places.index(name)
        if loop and isinstance(value, ast.Name):  # rows written down under a name
            value = next(iter(_assigned(scope, value.id)), value)
        rows = value.elts if loop and isinstance(value, ast.Tuple | ast.List) else [value]
        for row in rows:
            exact = isinstance(row, ast.Tuple) and len(row.elts) == len(places)
            yield row.elts[place] if exact else row  # type: ignore[attr-defined]


def main(folders: list[str]) -> int:
    """Print the findings of these folders; the number of them."""
    found = 0
    for file in sorted(one for folder in folders for one in Path(folder).rglob("*.py")):
        for line, what in Reader(ast.parse(file.read_text("utf-8"))).findings():
            found += 1
            print(f"{file}:{line}: not drawn by way of pages.common.plain: {what}")
    return found


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:] or ["pages"]), 1))
