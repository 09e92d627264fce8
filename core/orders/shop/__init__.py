"""The shop's orders: synchronised, told by webhooks, written to the tables."""
