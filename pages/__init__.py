"""What people see: pages draw and ask, core decides."""
