"""Words of one customer taken out of JSON and texts: service answers, reasons, readings."""

import re
from collections.abc import Iterable
from typing import Any

from core.audit.names import GONE, without_names
from core.letters import without_marks

SHORTEST = 4  # letters: what is shorter would take parts of other words along


class Words:
    """What one customer is known by."""

    def __init__(self, texts: Iterable[str]) -> None:
        """`texts`: names, phones, e-mail and street addresses as they are stored."""
        known = {text.strip() for text in texts}
        known |= {digits[-9:] for text in known if len(digits := re.sub(r"\D", "", text)) >= 9}
        known |= {" ".join(reversed(text.split())) for text in known}
        known |= {without_marks(text) for text in known}  # as labels print them
        kept = sorted((text for text in known if len(text) >= SHORTEST), key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, kept)), re.IGNORECASE) if kept else None

    def of(self, value: Any) -> Any:
        """JSON without these words, and without what names any customer by its field."""
        return self._replace(without_names(value))

    def _replace(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._replace(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self._replace(part) for part in value]
        return self._pattern.sub(GONE, value) if isinstance(value, str) and self._pattern else value
