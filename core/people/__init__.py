"""Devices that may scan."""
