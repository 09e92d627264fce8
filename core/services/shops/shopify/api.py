"""Speaks Shopify's Admin GraphQL: sign-in, cost, and what its top-level errors mean.

THROTTLED and ACCESS_DENIED arrive with HTTP 200 (recorded). The bucket of cost points is
followed from `extensions.cost.throttleStatus`.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.services.http.client import Answer, HttpClient
from core.services.http.tokens import TOKENS, Failure, Token, account, before_effect, lent
from core.services.outcome import Evidence, Refused, RefusedForNow, Unknown
from core.services.shops.shopify.documents import document
from core.store.types import now

FIRST_GUESS = 10.0  # cost points of a document not sent before
FIRST_GUESS_OF_ROW = {"ListOrders": 5.0}  # and of each row that it asks for; else 1
LONGEST_PAUSE = 60.0

# Errors found before anything is carried out.
_NOT_CARRIED_OUT = frozenset(
    {
        "argumentLiteralsIncompatible",
        "argumentNotAccepted",
        "BAD_REQUEST",
        "INVALID_VARIABLE",
        "MAX_COST_EXCEEDED",
        "missingRequiredArguments",
        "parseError",
        "selectionMismatch",
        "SHOP_INACTIVE",
        "undefinedField",
        "undefinedType",
        "variableMismatch",
    }
)
_STATUS_WORDS = {
    402: "The shop is frozen: its plan has to be paid first.",
    404: "There is no such shop, or not this API version: check the shop's address in Settings.",
    423: "Shopify has locked the shop.",
}


@dataclass(frozen=True)
class Data:
    """The `data` of an answer without errors, and how many points it was asked for."""

    fields: dict[str, Any]
    evidence: Evidence
    cost: float = 0.0

    def part(self, name: str) -> dict[str, Any]:
        """An object of the answer; empty where it is null or missing."""
        value = self.fields.get(name)
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True)
class SignIn:
    """A lasting token, or the client id and secret of a Dev Dashboard app."""

    token: str = ""
    client_id: str = ""
    client_secret: str = ""


class ShopifyApi:
    """One shop's Admin API in one version."""

    def __init__(self, client: HttpClient, version: str, sign_in: SignIn) -> None:
        self.client = client
        self.version = version
        self._sign_in = sign_in
        self._costs: dict[tuple[str, int], float] = {}  # by document and rows asked for
        self._account = account(client.base_url, sign_in.client_id, sign_in.client_secret)

    @property
    def has_job_results(self) -> bool:
        """Whether this version can tell how a cancel job ended (2026-10 and later)."""
        return self.version >= "2026-10"  # "unstable" too

    def run(self, name: str, variables: Mapping[str, Any], *, effect: bool) -> Data | Failure:
        """Send one document; a token that has run out is asked for again, once."""
        outcome = self._run_once(name, variables, effect)
        lending = not self._sign_in.token
        if lending and isinstance(outcome, Refused) and outcome.code == "signed_out":
            outcome = self._run_once(name, variables, effect)
        return outcome

    def _run_once(self, name: str, variables: Mapping[str, Any], effect: bool) -> Data | Failure:
        token = self._token()
        if not isinstance(token, str):
            return before_effect(token) if effect else token
        rows = int(variables.get("first") or 0)
        guess = FIRST_GUESS + FIRST_GUESS_OF_ROW.get(name, 1.0) * rows
        cost = self._costs.get((name, rows), guess)
        answer = self.client.call(
            "POST",
            f"/admin/api/{self.version}/graphql.json",
            json={"query": document(name), "variables": dict(variables)},
            headers={"X-Shopify-Access-Token": token},
            effect=effect,
            cost=cost,
        )
        if not isinstance(answer, Answer):
            return answer
        if answer.status in (401, 403):
            TOKENS.drop(self._account, token)
            why = "Shopify did not let us in: check the token or the app's id and secret."
            return Refused(why, "signed_out", answer.evidence)
        return self._read(name, rows, answer, cost)

    def _read(self, name: str, rows: int, answer: Answer, reserved: float) -> Data | Failure:
        evidence = Evidence(
            "shopify", f"{name} {self.version}", answer.status, answer.evidence.excerpt
        )
        if answer.status != 200:
            return _by_status(answer.status, evidence)
        body = answer.json
        if not isinstance(body, dict):
            return Unknown("Shopify answered with something unreadable.", evidence)
        asked, wait = self._follow_cost((name, rows), body, reserved)
        errors = body.get("errors")
        if errors:
            return _by_errors(errors, wait, evidence)
        data = body.get("data")
        if not isinstance(data, dict):
            return Unknown("Shopify answered without data.", evidence)
        return Data(data, evidence, asked)

    def _follow_cost(
        self, what: tuple[str, int], body: dict[str, Any], reserved: float
    ) -> tuple[float, float | None]:
        """Points asked for, and the seconds until as many are there (None: not told)."""
        cost = _object(_object(body, "extensions"), "cost")
        status = _object(cost, "throttleStatus")
        asked = _points(cost.get("requestedQueryCost"))
        actual = _points(cost.get("actualQueryCost"))
        available = _points(status.get("currentlyAvailable"))
        maximum = _points(status.get("maximumAvailable"))
        restore = _points(status.get("restoreRate"))
        if asked:
            self._costs[what] = asked
        if available is None or not maximum or not restore:
            return asked or 0.0, None
        # A throttled call uses nothing, but its turn is not given back: the next ones would come
        # too early by what was missing, each of them.
        unused = reserved - actual if actual is not None else 0.0
        self.client.throttle.observe(available, maximum, restore, unused)
        return asked or 0.0, max(0.0, ((asked or reserved) - available) / restore)

    # -------------------------------------------------------------- sign-in

    def _token(self) -> str | Failure:
        if self._sign_in.token:
            return self._sign_in.token
        if not (self._sign_in.client_id and self._sign_in.client_secret):
            why = "Give a token, or the client ID and the client secret, in Settings."
            return Refused(why, "no_permission")
        return TOKENS.get(self._account, self._fetch)

    def _fetch(self) -> Token | Failure:
        """The client-credentials grant (Shopify's documentation): a token for about a day."""
        answer = self.client.call(
            "POST",
            "/admin/oauth/access_token",
            form={
                "grant_type": "client_credentials",
                "client_id": self._sign_in.client_id,
                "client_secret": self._sign_in.client_secret,
            },
            effect=False,
            cost=0.0,
        )
        if not isinstance(answer, Answer):
            return answer
        body = answer.json if isinstance(answer.json, dict) else {}
        token, seconds = body.get("access_token"), _points(body.get("expires_in"))
        if answer.status == 200 and isinstance(token, str) and token:
            return lent(token, seconds or 3600.0)
        if 400 <= answer.status < 500:
            why = "Shopify does not know this app's id and secret, or the app is not installed."
            return Refused(why, "no_permission", answer.evidence)
        return Unknown("Shopify gave no token.", answer.evidence)


def _object(place: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = place.get(name)
    return value if isinstance(value, dict) else {}


def _points(value: object) -> float | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number else None  # type: ignore[arg-type]


def _by_status(status: int, evidence: Evidence) -> Refused | Unknown:
    if not 400 <= status < 500 or status == 408:
        return Unknown(f"Shopify answered {status}, which says nothing.", evidence)
    why = _STATUS_WORDS.get(status, f"Shopify answered {status}: check the shop's address.")
    return Refused(why, "invalid", evidence)


def _by_errors(
    errors: object, wait: float | None, evidence: Evidence
) -> Refused | RefusedForNow | Unknown:
    rows = [row for row in errors if isinstance(row, dict)] if isinstance(errors, list) else []
    codes = {str(_object(row, "extensions").get("code", "")) for row in rows}
    said = " ".join(str(row.get("message", "")) for row in rows)[:400] or str(errors)[:400]
    if "THROTTLED" in codes:
        seconds = min(LONGEST_PAUSE, 1.0 if wait is None else max(0.1, wait))
        until = now() + dt.timedelta(seconds=seconds)
        return RefusedForNow("Shopify asked us to slow down.", until)
    if "ACCESS_DENIED" in codes:
        return Refused(
            f"Shopify does not allow this app to do it. {said}", "no_permission", evidence
        )
    if codes and codes <= _NOT_CARRIED_OUT:
        code = "too_costly" if "MAX_COST_EXCEEDED" in codes else "invalid"
        return Refused(f"Shopify does not understand the request. {said}", code, evidence)
    return Unknown(f"Shopify answered with an error. {said}", evidence)
