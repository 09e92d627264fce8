"""Writes the SQL of the first migration from the tables of the code, for both databases.

Run it (`make schema`) after a change of a table, as long as no release is out: nobody has data.
From the first release on `0001_*.sql` stays as it is, and each change gets a migration of its own.
"""

from pathlib import Path

from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from core.store.tables import metadata

VERSIONS = Path(__file__).parent / "versions"
DIALECTS: dict[str, type[Dialect]] = {
    "sqlite": sqlite.dialect,
    "postgresql": postgresql.dialect,
}
END = ";\n"  # of each statement of the script


def script(name: str) -> str:
    """The statements that make every table and index on the database of this name."""
    dialect = DIALECTS[name]()
    statements = []
    for table in metadata.sorted_tables:
        statements.append(str(CreateTable(table).compile(dialect=dialect)))
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        statements += [str(CreateIndex(index).compile(dialect=dialect)) for index in indexes]
    lines = (END.join(text.strip() for text in statements) + END).splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines)


def main() -> None:
    """Write both scripts."""
    for name in DIALECTS:
        (VERSIONS / f"0001_{name}.sql").write_text(script(name), encoding="utf-8")


if __name__ == "__main__":
    main()
