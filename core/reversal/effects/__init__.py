"""Exactly-once mechanics of an irreversible call; knows no shop."""
