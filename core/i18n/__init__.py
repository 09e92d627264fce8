"""The words people read, in their language."""
