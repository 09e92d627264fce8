"""The product is Refuz everywhere; *storno* is the word for the correcting invoice alone."""

import re
import subprocess
from pathlib import Path

import pytest

from core.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = "|".join(sorted(main.commands))
FORMER = re.compile(
    r"\bstorno\.(?:db|toml|service|po|pot|mo|log|conf|cfg|ini|env|ya?ml|sqlite)\b"  # its files
    r"|(?<![\w)\]])\.storno\b(?! *\()"  # its folder
    r"|\bx-storno\b|\bstorno-(?:cli|desk|app|web|worker)\b|\bstorno (?:desk|app)\b"
    r"|(?<![\w-])(?:import|from|-m) (?-i:storno)\b"
    rf"|\bstorno (?:{COMMANDS})\b"  # its command line
    r"|\bstorno(?:error|desk|settings)\b"
    r"|(?<!\w)(?<!\.)storno_(?-i:[A-Z])\w*",  # its variables
    re.IGNORECASE,
)
MEMBER = re.compile(r"^    STORNO_\w+ = ")  # of an enum: about the document
# What measures against an older checkout calls it by the name that it knows itself by.
OLDER = {"benchmarks/pages.py": {"STORNO_HOME", "X-Storno"}}


def former(text: str) -> list[str]:
    """The product's former names in a text."""
    return [
        found[0]
        for line in text.splitlines()
        if not MEMBER.match(line)
        for found in FORMER.finditer(line)
    ]


def files() -> list[str]:
    """What the repository holds."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    mine = Path(__file__).relative_to(ROOT).as_posix()
    return [name for name in listed.stdout.splitlines() if name != mine]


def naming() -> set[str]:
    """The files in which the word stands at all; git finds them faster."""
    asked = ["git", "grep", "-l", "-i", "-a", "storno"]
    return set(subprocess.run(asked, cwd=ROOT, capture_output=True, text=True).stdout.splitlines())


def test_no_file_has_the_products_former_name() -> None:
    asked = naming()
    assert "README.md" in asked
    found = {
        name: set(names)
        for name in files()
        if name in asked
        and (ROOT / name).is_file()
        and (names := former((ROOT / name).read_text(encoding="utf-8", errors="ignore")))
    }
    assert found == OLDER
    assert [name for name in files() if "storno" in name.lower()] == []


def test_a_measure_that_uses_the_former_name_says_why() -> None:
    for name in OLDER:
        text = (ROOT / name).read_text(encoding="utf-8")
        before = text[: text.index("STORNO_")].splitlines()[-3:]
        assert any("former name" in line for line in before)


@pytest.mark.parametrize(
    "text",
    [
        'os.environ["STORNO_KEY_FILE"]', "export STORNO_PORT=1", "~/.storno/keys",
        'home / ".storno"', "sqlite:///storno.db", "storno serve --port 1", "python -m storno",
        '{"x-storno": "1"}', "class StornoError(Exception)", "the Storno desk", "storno.service",
    ],
)  # fmt: skip
def test_each_form_of_the_former_name_is_seen(text: str) -> None:
    assert former(text)


@pytest.mark.parametrize(
    "text",
    [
        "Confirmed(Storno(series, number))", "invoices.c.storno_number", "find_storno(invoice)",
        "RunCode.STORNO_TWICE", '    STORNO_TWICE = "storno_twice"', "EffectKind.STORNO",
        "the storno is dated today", "_storno_of(row)", "ports.Storno", "metadata[storno_key]",
        "from core.services.ports import Storno", "  .storno(series)",
    ],
)  # fmt: skip
def test_the_document_keeps_its_word(text: str) -> None:
    assert former(text) == []
