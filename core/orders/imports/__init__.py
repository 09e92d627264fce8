"""Spreadsheets of orders, aliases, invoices and courier reports."""
