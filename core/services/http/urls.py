"""Addresses as requests writes them, which takes as long as to send a request there."""

import functools
from collections.abc import Mapping
from urllib.parse import urlencode

import requests


@functools.lru_cache(maxsize=256)
def address(url: str) -> str:
    """An address in the writing that is sent. Raises RequestException and urllib3's HTTPError."""
    return _written(url, {})


def with_query(url: str, params: Mapping[str, object]) -> str:
    """An `address` with these parameters, a list's each by itself; None is left out."""
    if "?" in url or "#" in url:
        return _written(url, params)
    given = [(name, one) for name, value in params.items() for one in _each(value)]
    query = urlencode(given)
    return f"{url}?{query}" if query else url


def _each(value: object) -> list[object]:
    """What stands behind one name."""
    values = list(value) if isinstance(value, list | tuple) else [value]
    return [one for one in values if one is not None]


def _written(url: str, params: Mapping[str, object]) -> str:
    request = requests.PreparedRequest()
    request.prepare_url(url, params)
    return str(request.url)
