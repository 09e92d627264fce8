"""Addresses with parameters: what is written here is what requests would write."""

import pytest
import requests

from core.services.http.urls import address, with_query


@pytest.mark.parametrize(
    "url",
    ["https://a.example/x/ü z", "https://a.example", "https://a.example/?route=/v3", "http://b/#c"],
)
@pytest.mark.parametrize(
    "params",
    [
        {},
        {"name": "", "none": None},
        {"awb[]": ["1", None, "2 3"], "number": 5, "empty": [], "yes": True},
        {"text": "ș&=+~/%20'\"#?", "tuple": ("x",)},
    ],
)
def test_a_query_is_written_as_requests_writes_it(url: str, params: dict[str, object]) -> None:
    request = requests.PreparedRequest()
    request.prepare_url(url, params)
    assert with_query(address(url), params) == request.url
