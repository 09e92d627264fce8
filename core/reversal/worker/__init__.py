"""The worker process: the durable engine, its queue and scheduled jobs."""
