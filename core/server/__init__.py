"""The routes beside the pages, and what keeps worker and sandbox alive."""
