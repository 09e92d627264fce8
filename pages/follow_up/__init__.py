"""Follow-up: what needs a person."""
