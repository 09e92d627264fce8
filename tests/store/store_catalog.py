"""What a database says of its own tables: columns, types, checks, references and indexes."""

from typing import Any

from sqlalchemy import Engine, inspect

# As the database itself words them: SQLAlchemy does not read an index of an expression back.
INDEXES = {
    "sqlite": "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    "postgresql": "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
}


def tables(engine: Engine) -> dict[str, dict[str, Any]]:
    """Each table by its name, without Alembic's own; triggers are not looked at."""
    inspector = inspect(engine)
    names = sorted(set(inspector.get_table_names()) - {"alembic_version"})
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(INDEXES[engine.dialect.name]).all()
    return {
        name: {
            **_table(inspector, name),
            "indexes": sorted(" ".join(words.split()) for table, words in rows if table == name),
        }
        for name in names
    }


def _table(inspector: Any, name: str) -> dict[str, Any]:
    columns = [{**column, "type": str(column["type"])} for column in inspector.get_columns(name)]
    return {
        "columns": columns,
        "key": inspector.get_pk_constraint(name),
        "checks": sorted(inspector.get_check_constraints(name), key=str),
        "references": sorted(inspector.get_foreign_keys(name), key=str),
        "unique": sorted(inspector.get_unique_constraints(name), key=str),
    }
