"""What is done is written once: no function, and no run of lines, stands in two files alike."""

import ast
from collections import defaultdict
from collections.abc import Iterator

from core.config import CHECKOUT

LINES, LETTERS = 8, 160  # so many lines alike, with so many letters, are one idea written twice
NODES = 30  # of a function's syntax tree: smaller ones are no idea yet
SKIPPED = ("#", "from ", "import ", "@", '"""')


def sources() -> dict[str, str]:
    """Each file of the program by its path; migrations stand alone by their nature."""
    files = [
        one for room in ("core", "pages", "scripts") for one in (CHECKOUT / room).rglob("*.py")
    ]
    return {
        str(one.relative_to(CHECKOUT)): one.read_text()
        for one in sorted(files)
        if "migrations" not in one.parts
    }


class _Names(ast.NodeTransformer):
    """Names of variables by the order in which they appear."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self.known.setdefault(node.id, f"v{len(self.known)}")
        return node


def shape(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """What a function does, whatever its variables are called; "" for a small one."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    if sum(1 for one in body for _ in ast.walk(one)) < NODES:
        return ""
    names = _Names()
    return ast.dump(ast.Module([names.visit(one) for one in body], []))


def functions_alike(texts: dict[str, str]) -> list[list[str]]:
    """The functions that do the same, by file and name."""
    found = defaultdict(list)
    for file, text in texts.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (form := shape(node)):
                found[form].append(f"{file}: {node.name}")
    return [places for places in found.values() if len(places) > 1]


def runs(text: str) -> Iterator[tuple[str, ...]]:
    """Each run of LINES lines that hold code."""
    lines = [one.strip() for one in text.splitlines()]
    code_lines = [one for one in lines if one and not one.startswith(SKIPPED)]
    for at in range(len(code_lines) - LINES + 1):
        run = tuple(code_lines[at : at + LINES])
        if sum(map(len, run)) >= LETTERS:
            yield run


def lines_alike(texts: dict[str, str]) -> set[tuple[str, ...]]:
    """The files, two or more, that share a run of lines."""
    found: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for file, text in texts.items():
        for run in runs(text):
            found[run].add(file)
    return {tuple(sorted(files)) for files in found.values() if len(files) > 1}


def test_no_two_functions_do_the_same() -> None:
    assert functions_alike(sources()) == []


def test_no_two_files_share_a_run_of_lines() -> None:
    assert lines_alike(sources()) == set()


ONE = '''
def blocked(shop, pause):
    """Whether a shop rests."""
    left = shop.until - pause
    names = [one.name for one in shop.orders if one.open and one.total > left]
    return names if left > 0 else []
'''


def test_the_same_function_under_other_names_would_be_found() -> None:
    other = ONE.replace("left", "rest").replace("names", "found").replace("blocked", "waits")
    texts = {"core/a.py": ONE, "pages/b.py": other.replace("Whether a shop rests.", "Else.")}
    assert functions_alike(texts) == [["core/a.py: blocked", "pages/b.py: waits"]]
    assert functions_alike({**texts, "pages/b.py": other.replace("> 0", ">= 0")}) == []


def test_the_same_lines_in_two_files_would_be_found() -> None:
    lines = "\n".join(f"order_{n} = parcels[{n}].opened(by='ana')" for n in range(LINES))
    assert lines_alike({"a.py": lines, "b.py": f"x = 1\n{lines}"}) == {("a.py", "b.py")}
    assert lines_alike({"a.py": lines, "b.py": lines.replace("ana", "ion")}) == set()
