"""Settings: connections, preferences, imports, webhooks."""
