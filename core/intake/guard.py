"""In the server's process nobody opens what strangers sent (rule 16): opening raises, not a habit.

Streamlit and the exports load Pillow and openpyxl, so these are taken their ways to open a file;
the decoders proper cannot be imported at all. Reader processes are started afresh and have none
of this.
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, NoReturn

from core.errors import RefuzError

DECODERS = frozenset({"cv2", "pypdfium2", "pillow_heif", "zxingcpp", "pyzbar", "simplejpeg"})


class OpenedHere(RefuzError):
    """The server's process was about to open a picture or a workbook; a reader does that."""


class _NoDecoders(MetaPathFinder):
    """Stands before all other finders and has an error for the decoders."""

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Refuse a decoder; everything else is found by others."""
        if fullname.partition(".")[0] in DECODERS:
            raise ImportError(f"{fullname} is loaded by reader processes only", name=fullname)
        return None


def install() -> None:
    """From now on this process opens no picture and no workbook, and loads no decoder.

    Raises OpenedHere where a decoder is loaded already.
    """
    loaded = sorted(DECODERS & set(sys.modules))
    if loaded:
        raise OpenedHere(f"{', '.join(loaded)} is loaded in the server's process")
    import openpyxl
    import openpyxl.reader.excel
    from PIL import Image

    def image_open(*_: Any, **__: Any) -> NoReturn:
        raise OpenedHere("Image.open in the server's process")

    def load_workbook(*_: Any, **__: Any) -> NoReturn:
        raise OpenedHere("load_workbook in the server's process")

    Image.open = image_open
    modules: tuple[Any, ...] = (openpyxl, openpyxl.reader.excel)
    for module in modules:
        module.load_workbook = load_workbook
    if not any(isinstance(one, _NoDecoders) for one in sys.meta_path):
        sys.meta_path.insert(0, _NoDecoders())
