"""What is known of customers: told to them, forgotten on request and by time."""
