"""Rates, windows and breakers, shared by all processes."""
