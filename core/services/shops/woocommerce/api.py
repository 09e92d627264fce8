"""Speaks WooCommerce's REST interface (wc/v3) and says what its answers and errors mean.

An answer is believed only as JSON: with 200 came a home page, PHP's words about a fatal error and
warnings before the JSON; 500 and 502 came after the effect had taken place (WOOCOMMERCE 0.4, 0.5).
Errors are told apart by their code, never by their words: those are in the site's language.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.services.codes import ServiceCode
from core.services.http.client import Answer, HttpClient
from core.services.outcome import Evidence, NotSent, Refusal, Refused, RefusedForNow, Unknown
from core.services.shops.woocommerce.codes import WooCode

PREFIX = "/wp-json/wc/v3"


@dataclass(frozen=True)
class JsonAnswer:
    """The JSON of an answer with a good status."""

    body: Any
    evidence: Evidence

    @property
    def fields(self) -> dict[str, Any]:
        """The body as an object; empty where it is something else."""
        return self.body if isinstance(self.body, dict) else {}

    @property
    def rows(self) -> list[dict[str, object]]:
        """The body as a list of objects; empty where it is something else."""
        rows = self.body if isinstance(self.body, list) else []
        return [row for row in rows if isinstance(row, dict)]


Failure = NotSent | RefusedForNow | Refused | Unknown


class WooApi:
    """One shop, by its consumer key and secret over TLS."""

    def __init__(self, client: HttpClient, key: str, secret: str) -> None:
        self.client = client
        self._sign_in = base64.b64encode(f"{key}:{secret}".encode()).decode()

    def get(self, path: str, params: Mapping[str, object] | None = None) -> JsonAnswer | Failure:
        """Ask; `path` below wc/v3."""
        return self._call("GET", path, params=params, effect=False)

    def put(self, path: str, body: Mapping[str, object]) -> JsonAnswer | Failure:
        """Change something."""
        return self._call("PUT", path, json=dict(body), effect=True)

    def post(
        self, path: str, body: Mapping[str, object], *, effect: bool = True
    ) -> JsonAnswer | Failure:
        """Make something; without effect: a question that is asked by POST."""
        return self._call("POST", path, json=dict(body), effect=effect)

    def index(self) -> JsonAnswer | Failure:
        """The site's own description, for which no key is needed."""
        params = {"_fields": "name,namespaces,timezone_string"}
        return self._read("GET /", self._send("GET", "/wp-json/", params=params, effect=False))

    def _call(self, method: str, path: str, **more: Any) -> JsonAnswer | Failure:
        return self._read(f"{method} {path}", self._send(method, PREFIX + path, **more))

    def _send(self, method: str, path: str, **more: Any) -> Answer | Failure:
        headers = {"Authorization": f"Basic {self._sign_in}"}
        return self.client.call(method, path, headers=headers, **more)

    def _read(self, request: str, answer: Answer | Failure) -> JsonAnswer | Failure:
        if not isinstance(answer, Answer):
            return answer
        evidence = Evidence("woocommerce", request, answer.status, answer.evidence.excerpt)
        if 200 <= answer.status < 300 and isinstance(answer.json, dict | list):
            return JsonAnswer(answer.json, evidence)
        code = answer.json.get("code") if isinstance(answer.json, dict) else None
        if not isinstance(code, str) or answer.status < 400:
            return Unknown(WooCode.NO_JSON.of(), evidence)
        return _refused(answer.status, code, evidence)


def _refused(status: int, code: str, evidence: Evidence) -> Refused:
    if status in (401, 403):
        code = WooCode.NO_ENTRY if status == 401 else WooCode.NO_RIGHT
        return Refused(code.of(), Refusal.NO_PERMISSION, evidence)
    if code == "woocommerce_rest_shop_order_invalid_id":  # 404 when asked, 400 when changed
        return Refused(ServiceCode.ORDER_GONE.of(), Refusal.NOT_FOUND, evidence)
    if code == "rest_no_route":
        return Refused(WooCode.NO_ROUTE.of(), Refusal.INVALID, evidence)
    return Refused(WooCode.NOT_TAKEN.of(code=code), Refusal.INVALID, evidence)
