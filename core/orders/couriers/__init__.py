"""What couriers say of parcels: tracking, returns, proposed piles."""
