"""Which document is meant: accounts, references, who names it, what its service says of it."""
