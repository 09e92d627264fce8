"""Reads the GraphQL documents beside this file and completes them with the fragments they use."""

import functools
import re
from pathlib import Path

FOLDER = Path(__file__).parent / "graphql"
_SPREAD = re.compile(r"\.\.\.\s*(\w+Fields)\b")


@functools.cache
def document(name: str) -> str:
    """The document of this name, with its fragments, as it is sent."""
    texts = [(FOLDER / f"{name}.graphql").read_text(encoding="utf-8")]
    for fragment in sorted(set(_SPREAD.findall(texts[0]))):
        texts.append((FOLDER / f"{fragment}.graphql").read_text(encoding="utf-8"))
    return "\n".join(texts)


def operations() -> list[str]:
    """The names of all documents that are sent, fragments left out."""
    return sorted(
        file.stem for file in FOLDER.glob("*.graphql") if not file.stem.endswith("Fields")
    )
