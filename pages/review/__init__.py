"""Review: the pile as a table, its run, proposals."""
