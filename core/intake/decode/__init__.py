"""Pixels to codes: the stages of the reader."""
