"""The tests of what is delivered use the hostile tests' real desk."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "hostile"))
