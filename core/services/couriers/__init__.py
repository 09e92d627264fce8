"""Couriers' tracking, one module each."""
