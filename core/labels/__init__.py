"""Codes → tracking numbers: what a barcode's text may mean, by each courier's rules."""

from core.labels.label import Candidate, Label
from core.labels.names import courier_titles
from core.labels.reading import guess_courier, read_label, writings_of
from core.labels.text import normalise

__all__ = [
    "Candidate", "Label", "courier_titles", "guess_courier", "normalise", "read_label",
    "writings_of",
]  # fmt: skip
