"""Alembic's migrations, and the script of the first one, written from the tables."""
