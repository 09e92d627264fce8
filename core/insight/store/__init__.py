"""Facts packed by day, read into memory and counted."""
