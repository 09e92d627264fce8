"""Asking the services whether the record is true."""
