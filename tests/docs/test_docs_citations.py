"""What a comment or a document cites is in this repository."""

import functools
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXTS = {".py", ".md", ".js", ".css", ".toml", ".html", ".yaml", ".yml", ".graphql", ".sql", ".ini"}
# A path of one machine, the hosts of registries, and papers that were never part of the project.
FOREIGN = re.compile(
    r"(?<![\w.])/(?:work|home/\w+|Users)/|INTEGRATIONS|DESIGN\.md|pypi\.org|pythonhosted|npmjs"
)


@functools.cache
def texts() -> dict[str, str]:
    """Every text file that git knows, by its path; the pinned requirements are a tool's."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.splitlines()  # fmt: skip
    named = [one for one in listed if Path(one).suffix in TEXTS or one == "Makefile"]
    found = [one for one in named if (ROOT / one).is_file()]
    return {one: (ROOT / one).read_text(encoding="utf-8") for one in found}


def cited(pattern: str) -> dict[str, set[str]]:
    """What the first group of the pattern matches, with the files that say it."""
    found: dict[str, set[str]] = {}
    for path, text in texts().items():
        for match in re.finditer(pattern, text):
            for one in filter(None, match.groups()):
                found.setdefault(one, set()).add(path)
    return found


def rules() -> set[str]:
    """The numbers of docs/rules.md."""
    return set(re.findall(r"^(\d+)\. \S", texts()["docs/rules.md"], re.MULTILINE))


def test_the_rules_are_numbered_one_to_seventeen() -> None:
    assert rules() == {str(number) for number in range(1, 18)}


def test_every_cited_rule_is_in_docs_rules() -> None:
    said = cited(r"\b[Rr]ules?\s+(\d+)\b(?:(?:\s+(?:to|and)\s+|, )(\d+))?")
    assert len(said) > 5
    assert {number: files for number, files in said.items() if number not in rules()} == {}


def test_every_cited_proof_is_defined_in_docs_proofs() -> None:
    defined = set(re.findall(r"^\| (T\d+) \|", texts()["docs/proofs.md"], re.MULTILINE))
    said = {
        one: {file for file in files if not file.endswith((".js", ".graphql"))}
        for one, files in cited(r"(?<![\w/\"'.-])(T\d{1,2})(?![\w\"'])").items()
    }
    assert len(said) >= len(defined) == 13
    assert {one: files for one, files in said.items() if files and one not in defined} == {}


def test_every_test_file_that_docs_proofs_names_exists() -> None:
    names = set(re.findall(r"`(test_\w+\.py)`", texts()["docs/proofs.md"]))
    assert names
    assert names - {Path(path).name for path in texts()} == set()


def test_every_document_that_is_named_exists() -> None:
    known = {Path(path).name for path in texts() if path.endswith(".md")}
    said = cited(r"(?<![\w*{])([A-Za-z_-]+\.md)\b")
    assert {name: files for name, files in said.items() if name not in known} == {}


def test_every_path_that_a_document_names_exists() -> None:
    """Folders and files of the rooms; what a reader is to write himself is called `yours`."""
    gone = {
        (path, named)
        for path, text in texts().items()
        if path.endswith(".md")
        for named in re.findall(r"`((?:core|pages|tests|scripts|docs|data)/[\w./-]+)`", text)
        if "yours" not in named and not _exists(named)
    }
    assert gone == set()


def _exists(named: str) -> bool:
    """A file, a folder, a module, or a name inside a module."""
    path = ROOT / named
    if path.exists() or path.with_suffix(".py").exists():
        return True
    module, _, name = named.rpartition(".")
    file = ROOT / f"{module}.py"
    return file.exists() and re.search(rf"\b(?:def|class) {name}\b", file.read_text()) is not None


def test_nothing_names_a_path_of_one_machine_or_papers_outside() -> None:
    own = str(Path(__file__).relative_to(ROOT))
    assert {
        path: match[0]
        for path, text in texts().items()
        if path != own and (match := FOREIGN.search(text))
    } == {}


def test_no_comment_cites_an_issue() -> None:
    """They are elsewhere, and are closed; what was decided stands in `docs`."""
    assert cited(r"\b([Ii]ssue \"[^\"\n]*)") == {}
