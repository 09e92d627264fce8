"""Scan: photos, webcam, scanner, phone, and the card of one parcel."""
