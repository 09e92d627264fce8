"""People, preferences, connections and the record of who did what."""
