"""How each courier writes its own name."""

TITLES = {
    "cargus": "Cargus",
    "dhl": "DHL",
    "dpd": "DPD",
    "fan": "FAN Courier",
    "fedex": "FedEx",
    "gls": "GLS",
    "packeta": "Packeta",
    "posta": "Poșta Română",
    "sameday": "Sameday",
    "ups": "UPS",
    "usps": "USPS",
}


def courier_titles(slugs: str) -> str:
    """ "fan, gls" → "FAN Courier, GLS"; a courier without a rule of ours keeps its word."""
    return ", ".join(TITLES.get(slug, slug) for slug in slugs.split(", "))
