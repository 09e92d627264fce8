"""What every table is made of: the one MetaData, its names, keys and references."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, MetaData, TextClause, text

from core.store.types import Key

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def own_id() -> Column[int]:
    """The primary key that numbers a table's rows."""
    return Column("id", Key, primary_key=True, autoincrement=True)


def ref(name: str, target: str, *, nullable: bool = False) -> Column[int]:
    """A foreign key to another table's id, with its index."""
    return Column(name, Key, ForeignKey(f"{target}.id"), nullable=nullable, index=True)


def one_of(column: str, *values: str) -> CheckConstraint:
    """A column that holds one of a few words."""
    allowed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({allowed})", name=column)


def part_index(name: str, *columns: str | TextClause, where: str, unique: bool = False) -> Index:
    """An index of the rows that are asked for only: small, however large the table grows."""
    condition = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)
