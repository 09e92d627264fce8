"""Every GraphQL document of ours against Shopify's own schema, in both versions spoken."""

from pathlib import Path

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, build_schema, parse, validate

from core.services.shops.shopify.documents import document, operations

# Documents that follow a cancel job by its result, which exists from 2026-10 on.
ONLY_FROM_2026_10 = {"CancelOrder", "CancelStateByResult"}


@pytest.fixture(scope="module")
def schemas() -> dict[str, GraphQLSchema]:
    """Shopify's schema by version."""
    folder = Path(__file__).resolve().parents[3] / "shared" / "shopify"
    if not folder.exists():
        pytest.skip("Shopify's schema in ../shared/shopify is absent")
    return {
        version: build_schema(
            (folder / f"admin_{version}.pruned.graphql").read_text(), assume_valid=True
        )
        for version in ("2026-10", "2026-07")
    }


@pytest.mark.parametrize("name", operations())
def test_a_document_fits_the_newest_schema(name: str, schemas: dict[str, GraphQLSchema]) -> None:
    assert validate(schemas["2026-10"], parse(document(name))) == []


@pytest.mark.parametrize("name", operations())
def test_a_document_fits_the_older_schema_unless_it_follows_job_results(
    name: str, schemas: dict[str, GraphQLSchema]
) -> None:
    errors = validate(schemas["2026-07"], parse(document(name)))
    assert bool(errors) == (name in ONLY_FROM_2026_10)
    assert all("obResult" in str(error) for error in errors)


@pytest.mark.parametrize("name", operations())
def test_a_document_holds_one_operation_named_as_its_file(name: str) -> None:
    found = [
        part
        for part in parse(document(name)).definitions
        if isinstance(part, OperationDefinitionNode)
    ]
    assert [part.name.value for part in found if part.name] == [name]
