"""What Analytics hands out: the courier scorecard, repeat refusers, the weekly digest."""
