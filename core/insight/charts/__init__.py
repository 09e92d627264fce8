"""Charts: their style, and how each is drawn."""
