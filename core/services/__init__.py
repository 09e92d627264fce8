"""The outside world: ports, one HTTP client, and one file a service."""
