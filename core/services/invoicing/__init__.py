"""Invoicing services, one module each."""
