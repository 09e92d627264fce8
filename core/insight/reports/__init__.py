"""Files for people: scorecards, digests, claims, exports."""
