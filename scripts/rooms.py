"""Draws docs/rooms.svg from the imports: which room of core uses which, and who draws on top.

`python -m scripts.rooms` writes the drawing; a test fails when it no longer fits the code.
"""

import ast
from collections.abc import Iterator
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "rooms.svg"
TOPS = ("pages", "dashboard")
WIDTH, HEIGHT, GAP, LEFT, TOP = 1180, 92, 34, 56, 62
FILL = {"core.sandbox": "#f3efe2", "core.reversal": "#e2f2ea", "pages": "#e8eef7"}


def room_of(module: str) -> str:
    """`core.orders.piles.scans` → `core.orders`; a module right under core is its own room."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "core" else parts[0]


def modules(root: Path = ROOT) -> Iterator[tuple[str, Path]]:
    """Every module of core and pages by its dotted name, and the server's file."""
    for top in ("core", "pages"):
        for file in sorted((root / top).rglob("*.py")):
            if "migrations" not in file.parts:
                yield ".".join(file.relative_to(root).with_suffix("").parts), file
    yield "dashboard", root / "dashboard.py"


def imports(file: Path) -> Iterator[str]:
    """Every module that a file imports, with the name taken from it: `core.store.db`."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def uses(root: Path = ROOT) -> dict[str, set[str]]:
    """Each room with the rooms it imports, itself left out."""
    found: dict[str, set[str]] = {}
    for name, file in modules(root):
        if name == "core.__init__":
            continue
        room = room_of(name)
        used = {room_of(one) for one in imports(file) if one.split(".")[0] in ("core", "pages")}
        found.setdefault(room, set()).update(used - {room, "core"})
    return found


def levels(used: dict[str, set[str]]) -> list[list[str]]:
    """The rooms from top to bottom, each above all that it imports. ValueError in a circle."""
    height: dict[str, int] = {}

    def measure(room: str, above: tuple[str, ...]) -> int:
        if room in above:
            raise ValueError("a circle of rooms: " + " → ".join([*above, room]))
        if room not in height:
            below = [measure(one, (*above, room)) for one in used.get(room, ())]
            height[room] = 1 + max(below, default=-1)
        return height[room]

    for room in used:
        measure(room, ())
    rows: dict[int, list[str]] = {}
    for room, high in height.items():
        rows.setdefault(high, []).append(room)
    return [sorted(rows[high]) for high in sorted(rows, reverse=True)]


def about(room: str, root: Path = ROOT) -> str:
    """The first sentence of a room's documentation, without its full stop."""
    path = root.joinpath(*room.split("."))
    file = path / "__init__.py" if (path / "__init__.py").exists() else path.with_suffix(".py")
    if not file.exists():
        return "what people see; draws, never decides" if room == "pages" else ""
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return docstring.split("\n\n")[0].replace("\n", " ").rstrip(".")


def draw(root: Path = ROOT) -> str:
    """The whole drawing as SVG."""
    used = uses(root)
    rows = levels(used)
    height = TOP + len(rows) * (HEIGHT + GAP)
    boxes = [
        _box(room, used[room], about(room, root), column, len(row), TOP + line * (HEIGHT + GAP))
        for line, row in enumerate(rows)
        for column, room in enumerate(row)
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="system-ui, sans-serif" role="img" aria-label="The rooms of Refuz">\n'
        f'<rect width="{WIDTH}" height="{height}" fill="#fbfbfa"/>\n'
        '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
        'markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z" fill="#555"/></marker></defs>\n'
        '<text x="56" y="36" font-size="17" font-weight="600" fill="#222">'
        "A room imports only rooms below it</text>\n"
        f'<path d="M28 {TOP}V{height - GAP}" stroke="#555" stroke-width="1.6" fill="none" '
        'marker-end="url(#a)"/>\n'
    )
    return head + "\n".join(boxes) + "\n</svg>\n"


def _box(room: str, used: set[str], sentence: str, column: int, columns: int, y: int) -> str:
    wide = (WIDTH - LEFT - 30 - (columns - 1) * 16) / columns
    x = LEFT + column * (wide + 16)
    below = ", ".join(sorted(one.removeprefix("core.") for one in used)) or "nothing of ours"
    lines = [*_wrapped(sentence, wide, 2), *_wrapped(f"imports {below}", wide, 2)]
    texts = [
        f'<text x="{x + 12:.0f}" y="{y + 21}" font-size="15" font-weight="600" fill="#1d2733">'
        f"{escape(room.replace('.', '/'))}</text>"
    ]
    texts += [
        f'<text x="{x + 12:.0f}" y="{y + 39 + 15 * place}" font-size="11.5" '
        f'fill="#4a5462">{escape(line)}</text>'
        for place, line in enumerate(lines)
    ]
    fill = FILL.get(room, "#ffffff")
    frame = (
        f'<rect x="{x:.0f}" y="{y}" width="{wide:.0f}" height="{HEIGHT}" rx="7" '
        f'fill="{fill}" stroke="#8a8f98"/>'
    )
    return "\n".join([frame, *texts])


def _wrapped(text: str, wide: float, most: int) -> list[str]:
    """The text in at most so many lines of a box so wide, cut with an ellipsis."""
    letters = int((wide - 24) / 5.9)
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) + 1 > letters and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1]} …"]
    return [line for line in lines if line]


if __name__ == "__main__":
    TARGET.write_text(draw(), encoding="utf-8")
