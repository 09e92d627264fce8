"""The script that Streamlit runs at each look: it draws the frame, and the frame the page."""

import sys
from pathlib import Path

ROOT = str(Path(__file__).resolve().parent.parent)

if __name__ == "__main__":  # a process that reads pictures imports this file, and draws nothing
    if ROOT not in sys.path:
        sys.path.insert(0, ROOT)
    from pages.common.frame import show

    show()
