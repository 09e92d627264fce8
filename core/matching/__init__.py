"""A code to its order: exact, by alias, by a courier's cut."""
