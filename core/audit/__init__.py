"""The record of who did what, and the alarms that wait for a person."""
