"""Figures over parcels: counted, drawn as charts, written as reports."""
