"""What is written differently on SQLite and PostgreSQL, once each; nobody else asks which it is."""
