"""What the shop, the couriers and people tell of orders: sync, imports, piles, photos."""
