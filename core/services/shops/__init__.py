"""Shops: orders read and cancelled, a module or package each."""
