"""Reads the GraphQL documents beside this file and completes them with the fragments they use."""

import functools
import re
from collections.abc import Mapping
from pathlib import Path

from graphql import REMOVE, StringValueNode, VariableNode, Visitor, parse, print_ast, visit

FOLDER = Path(__file__).parent / "graphql"
_SPREAD = re.compile(r"\.\.\.\s*(\w+Fields)\b")


@functools.cache
def document(name: str) -> str:
    """The document of this name, with its fragments, as it is sent."""
    texts = [(FOLDER / f"{name}.graphql").read_text(encoding="utf-8")]
    for fragment in sorted(set(_SPREAD.findall(texts[0]))):
        texts.append((FOLDER / f"{fragment}.graphql").read_text(encoding="utf-8"))
    return "\n".join(texts)


def filled(name: str, variables: Mapping[str, str]) -> str:
    """The document with the values of its variables written into it, for bulk operations."""
    parsed = parse(document(name))
    values = {key: StringValueNode(value=value) for key, value in variables.items()}

    class Fill(Visitor):
        def enter_variable(self, node: VariableNode, *_: object) -> StringValueNode:
            return values[node.name.value]

        def enter_variable_definition(self, *_: object) -> object:
            return REMOVE

    return print_ast(visit(parsed, Fill()))


def operations() -> list[str]:
    """The names of all documents that are sent, fragments left out."""
    return sorted(
        file.stem for file in FOLDER.glob("*.graphql") if not file.stem.endswith("Fields")
    )
