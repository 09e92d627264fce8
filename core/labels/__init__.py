"""Codes → tracking numbers: what a barcode's text may mean, by each courier's rules."""

from core.labels.label import Label, TrackingCandidate
from core.labels.names import courier_titles
from core.labels.reading import guess_courier, number_variants, read_label
from core.labels.text import normalise

__all__ = [
    "Label",
    "TrackingCandidate",
    "courier_titles",
    "guess_courier",
    "normalise",
    "number_variants",
    "read_label",
]  # fmt: skip
