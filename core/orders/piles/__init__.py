"""A pile of parcels: scans, corrections, review."""
