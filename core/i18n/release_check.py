"""What a release still lacks in each language: `make release-check`.

A new English text fails nobody's change; it is shown in English until it is translated here.
"""

import sys
from pathlib import Path
from typing import TypeAlias

from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from core.i18n.language import LANGUAGES, LOCALES

ROOT = Path(__file__).parents[2]
FOLDERS = ("core", "pages")
KEYWORDS = {"t": None, "shown": None, "N_": None, "NN_": (1, 2)}
Text: TypeAlias = "str | tuple[str, ...]"  # several forms where it counts


def extracted(root: Path = ROOT) -> set[Text]:
    """Every text that Babel finds in the code, by the mapping that `make messages` uses."""
    with (root / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found: set[Text] = set()
    for folder in FOLDERS:
        begin = f"{folder}/"
        here = [(pattern.removeprefix(begin), method) for pattern, method in methods]
        given = {pattern.removeprefix(begin): value for pattern, value in options.items()}
        texts = extract_from_dir(root / folder, here, given, keywords=KEYWORDS)
        found |= {text for _, _, text, _, _ in texts}
    return found


def translated(language: str, locales: Path = LOCALES) -> set[Text]:
    """The texts that the catalog of this language has all forms of."""
    with (locales / language / "LC_MESSAGES" / "refuz.po").open("rb") as file:
        catalog = read_po(file, locale=language)
    whole: set[Text] = set()
    for message in catalog:
        forms = [message.string] if isinstance(message.string, str) else message.string
        if message.id and forms and all(forms):
            whole.add(message.id if isinstance(message.id, str) else tuple(message.id))
    return whole


def untranslated(language: str, root: Path = ROOT, locales: Path = LOCALES) -> list[Text]:
    """The texts of the code that this language lacks, in order."""
    return sorted(extracted(root) - translated(language, locales), key=str)


def main() -> int:
    """Tell what is missing; exit status 1 where anything is."""
    status = 0
    for language in sorted(LANGUAGES.keys() - {"en"}):
        missing = untranslated(language)
        status = status or bool(missing)
        sys.stdout.write(f"{language}: {len(missing)} texts are not translated\n")
        sys.stdout.writelines(f"  {text!r}\n" for text in missing)
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
