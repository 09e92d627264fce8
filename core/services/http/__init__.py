"""One HTTP client: what may leave, what came back, what became of it."""
