"""How each courier writes its own name."""

from core.labels.reading import couriers


def courier_titles(slugs: str) -> str:
    """ "fan, gls" → "FAN Courier, GLS"; a courier without a rule of ours keeps its word."""
    by_slug = couriers()
    return ", ".join(by_slug[one].title if one in by_slug else one for one in slugs.split(", "))
