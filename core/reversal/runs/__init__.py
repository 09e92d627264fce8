"""Runs as pages see them: start, steer, results, follow-up."""
