"""Analytics: filters, charts and papers over parcels."""
