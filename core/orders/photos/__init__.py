"""Photos of labels and of damage: kept, queued, read."""
