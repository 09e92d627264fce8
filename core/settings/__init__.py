"""Preferences, connections and their secrets."""
