"""Refuz's core: everything the desk decides. Nothing here knows the pages."""
