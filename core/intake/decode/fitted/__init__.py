"""Codes fitted as a whole to a row of brightness, where blur has drowned their bars."""
