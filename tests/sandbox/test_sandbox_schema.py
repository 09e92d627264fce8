"""The sandbox's schema is a part of Shopify's own: names, types, arguments, nullability."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    is_required_argument,
    is_required_input_field,
)

from core.sandbox.services.shopify import graphql_api


@pytest.fixture(scope="module")
def real() -> GraphQLSchema:
    """Shopify's schema of 2026-10."""
    file = Path(__file__).resolve().parents[3] / "shared/shopify/admin_2026-10.pruned.graphql"
    if not file.exists():
        pytest.skip("Shopify's schema in ../shared/shopify is absent")
    return build_schema(file.read_text(), assume_valid=True)


def differences(ours: GraphQLSchema, real: GraphQLSchema) -> Iterator[str]:
    """Each place where the sandbox's schema is not a part of the real one, in words."""
    for name, own in ours.type_map.items():
        if name.startswith("__"):
            continue
        theirs = real.type_map.get(name)
        if type(theirs) is not type(own):
            yield f"{name} is {type(theirs).__name__}, not {type(own).__name__}"
        elif isinstance(own, GraphQLEnumType) and isinstance(theirs, GraphQLEnumType):
            yield from (f"{name} has no {value}" for value in own.values.keys() - theirs.values)
        elif isinstance(own, GraphQLInputObjectType) and isinstance(theirs, GraphQLInputObjectType):
            yield from _inputs(own, theirs)
        elif isinstance(own, (GraphQLObjectType, GraphQLInterfaceType)) and isinstance(
            theirs, (GraphQLObjectType, GraphQLInterfaceType)
        ):
            yield from _fields(own, theirs)


Composite = GraphQLObjectType | GraphQLInterfaceType


def _fields(own: Composite, theirs: Composite) -> Iterator[str]:
    known = {one.name for one in theirs.interfaces}
    yield from (f"{own.name} is no {one.name}" for one in own.interfaces if one.name not in known)
    for name, field in own.fields.items():
        there = theirs.fields.get(name)
        if there is None:
            yield f"{own.name} has no {name}"
            continue
        if str(field.type) != str(there.type):
            yield f"{own.name}.{name} is {there.type}, not {field.type}"
        yield from _arguments(f"{own.name}.{name}", field.args, there.args)


def _arguments(
    place: str, own: dict[str, GraphQLArgument], theirs: dict[str, GraphQLArgument]
) -> Iterator[str]:
    for name, argument in own.items():
        there = theirs.get(name)
        if there is None:
            yield f"{place} takes no {name}"
        elif str(argument.type) != str(there.type) and argument.type is not there.type:
            yield f"{place}({name}) is {there.type}, not {argument.type}"
    required = {name for name, one in theirs.items() if is_required_argument(one)}
    yield from (f"{place} also needs {name}" for name in required - own.keys())


def _inputs(own: GraphQLInputObjectType, theirs: GraphQLInputObjectType) -> Iterator[str]:
    if own.is_one_of != theirs.is_one_of:
        yield f"{own.name}: @oneOf differs"
    for name, field in own.fields.items():
        there = theirs.fields.get(name)
        if there is None:
            yield f"{own.name} has no {name}"
        elif str(field.type) != str(there.type):
            yield f"{own.name}.{name} is {there.type}, not {field.type}"
    required = {name for name, one in theirs.fields.items() if is_required_input_field(one)}
    yield from (f"{own.name} also needs {name}" for name in required - own.fields.keys())


def test_the_sandboxs_schema_is_a_part_of_shopifys(real: GraphQLSchema) -> None:
    assert list(differences(graphql_api.schema("2026-10"), real)) == []


@pytest.mark.parametrize(
    ("before", "after", "difference"),
    [
        ("cancelledAt: DateTime\n", "cancelledAt: DateTime!\n", "Order.cancelledAt"),
        ("  tags: [String!]!\n", "  tags: [String]!\n", "Order.tags"),
        ("  note: String\n", "  note: String\n  trackingNumber: String\n", "trackingNumber"),
        ("staffNote: String)", "staffNote: String!)", "orderCancel(staffNote)"),
        ("tagsAdd(id: ID!, ", "tagsAdd(id: ID!, force: Boolean, ", "takes no force"),
        (
            "input OrderCancelRefundMethodInput @oneOf",
            "input OrderCancelRefundMethodInput",
            "oneOf",
        ),
        ("  DECLINED\n", "  REFUSED\n", "has no REFUSED"),
        ("type Order implements Node", "type Order", ""),
    ],
)
def test_the_comparison_notices(
    real: GraphQLSchema, before: str, after: str, difference: str
) -> None:
    """Each kind of difference is found, and a smaller schema is none."""
    text = graphql_api.SDL.read_text()
    assert before in text
    changed = build_schema(text.replace(before, after, 1), assume_valid=True)
    found = list(differences(changed, real))
    assert any(difference in one for one in found) if difference else found == []


def test_results_of_cancel_jobs_exist_from_2026_10_on() -> None:
    assert "jobResult" not in graphql_api.schema("2026-07").type_map["OrderCancelPayload"].fields
    assert "jobResult" in graphql_api.schema("2026-10").type_map["OrderCancelPayload"].fields
