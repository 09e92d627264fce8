"""What pages keep for a while is never shown to somebody who may see less."""

import ast
from pathlib import Path

import pytest
from pages_support import ROOT
from sqlalchemy import Engine, select

from core import rights
from core.rights import OPERATOR, Actor, Right
from core.store.tables import pile_orders
from pages.common.session import own_rights
from pages.review import orders

KEPT = [
    (file, one)
    for file in sorted((ROOT / "pages").rglob("*.py"))
    for one in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    if isinstance(one, ast.FunctionDef)
    if any("cache_data" in ast.unparse(mark) for mark in one.decorator_list)
]
PICTURES = {"_cut", "_label"}  # of one session, by an id that it was shown


def test_names_kept_for_one_person_are_not_shown_to_another_without_that_right(
    desk: Engine,
) -> None:
    with desk.connect() as connection:
        ids = tuple(connection.scalars(select(pile_orders.c.order_id)))

    def customers(held: frozenset[Right]) -> set[str]:
        with rights.acting(Actor("somebody", held)):
            return set(orders._rows(1, ids, (0,), own_rights())["customer"])

    with_names = customers(OPERATOR)
    assert "Ana Pop" in with_names
    assert "Ana Pop" not in customers(OPERATOR - {Right.NAMES})
    assert customers(OPERATOR) == with_names


@pytest.mark.parametrize("kept", KEPT, ids=lambda one: getattr(one, "name", Path(str(one)).stem))
def test_whatever_a_page_keeps_is_kept_by_rights(kept: tuple[Path, ast.FunctionDef]) -> None:
    file, one = kept
    by = {ast.unparse(argument.annotation or ast.Constant("")) for argument in one.args.args}
    assert "Rights" in by or one.name in PICTURES, f"{file.name}: {one.name}"
