"""Speaks Shopify's Admin GraphQL: sign-in, cost, and what its top-level errors mean.

THROTTLED and ACCESS_DENIED arrive with HTTP 200 (recorded). The bucket of cost points is
followed from `extensions.cost.throttleStatus`.
"""

import datetime as dt
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.clock import now
from core.services.codes import ServiceCode
from core.services.http.answers import inner
from core.services.http.client import Answer, HttpClient
from core.services.http.tokens import AccessToken, Failure, account, before_effect, lent, tokens
from core.services.outcome import Evidence, Refusal, Refused, RefusedForNow, Unknown
from core.services.shops.shopify.codes import ShopifyCode
from core.services.shops.shopify.documents import document

# Cost points of a document not sent before, by the published rule: a list costs
# 2 + max(1, ⌊2 ln first⌋) times a row, a change 10.
CHANGE_COST = 10.0
ROW_COSTS = {"ListOrders": 19.0, "ListChanges": 1.0, "WebhookList": 1.0}
OTHER_COSTS = {"ReadOrder": 37.0, "MoreLines": 21.0, "MoreParcels": 3.0}
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
_MAY_NOT_SEE = re.compile(
    r"not approved to (?:access|use)|protected customer data|access denied", re.IGNORECASE
)
_BY_STATUS = {
    402: ShopifyCode.FROZEN,
    404: ShopifyCode.NO_SHOP,
    423: ShopifyCode.LOCKED,
}


# Shopify's protected customer data: an app sees it only where that was switched on.
PROTECTED = frozenset({"email", "phone", "shippingAddress", "billingAddress", "customer"})


@dataclass(frozen=True)
class Data:
    """The `data` of an answer, and how many points it was asked for.

    `hidden`: fields that this app may not see; they are empty, the rest is as good as ever.
    """

    fields: dict[str, object]
    evidence: Evidence
    cost: float = 0.0
    hidden: frozenset[str] = frozenset()

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
        self.hidden: frozenset[str] = frozenset()  # what this app was not shown so far
        self._account = account(client.base_url, sign_in.client_id, sign_in.client_secret)

    @property
    def has_job_results(self) -> bool:
        """Whether this version can tell how a cancel job ended (2026-10 and later)."""
        return self.version >= "2026-10"  # "unstable" too

    def run(self, name: str, variables: Mapping[str, object], *, effect: bool) -> Data | Failure:
        """Send one document; a token that has run out is asked for again, once."""
        outcome = self._run_once(name, variables, effect=effect)
        lending = not self._sign_in.token
        if lending and isinstance(outcome, Refused) and outcome.code == Refusal.SIGNED_OUT:
            outcome = self._run_once(name, variables, effect=effect)
        return outcome

    def _run_once(self, name: str, variables: Mapping[str, Any], *, effect: bool) -> Data | Failure:
        """Send a query or mutation with the token that is there; its cost is known or estimated."""
        token = self._token()
        if not isinstance(token, str):
            return before_effect(token) if effect else token
        rows = int(variables.get("first") or 0)
        cost = self._costs.get((name, rows)) or cost_by_rule(name, rows)
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
            tokens().drop(self._account, token)
            why = ShopifyCode.NO_ENTRY.of()
            return Refused(why, Refusal.SIGNED_OUT, answer.evidence)
        return self._read(name, rows, answer, cost)

    def _read(self, name: str, rows: int, answer: Answer, reserved: float) -> Data | Failure:
        evidence = Evidence(
            "shopify", f"{name} {self.version}", answer.status, answer.evidence.excerpt
        )
        if answer.status != 200:
            return _by_status(answer.status, evidence)
        body = answer.json
        if not isinstance(body, dict):
            return Unknown(ServiceCode.ANSWER_UNREADABLE.of(title="Shopify"), evidence)
        asked, wait = self._follow_cost((name, rows), body, reserved)
        errors, data = body.get("errors"), body.get("data")
        hidden = _hidden(errors, data) if errors else frozenset()
        if errors and not hidden:
            return _by_errors(errors, wait, evidence)
        if not isinstance(data, dict):
            return Unknown(ShopifyCode.NO_DATA.of(), evidence)
        self.hidden |= hidden
        return Data(data, evidence, asked, hidden)

    def _follow_cost(
        self, what: tuple[str, int], body: dict[str, object], reserved: float
    ) -> tuple[float, float | None]:
        """Points asked for, and the seconds until as many are there (None: not told)."""
        cost = inner(inner(body, "extensions"), "cost")
        status = inner(cost, "throttleStatus")
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
            why = ShopifyCode.NO_SIGN_IN.of()
            return Refused(why, Refusal.NO_PERMISSION)
        return tokens().get(self._account, self._fetch)

    def _fetch(self) -> AccessToken | Failure:
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
            why = ShopifyCode.UNKNOWN_APP.of()
            return Refused(why, Refusal.NO_PERMISSION, answer.evidence)
        return Unknown(ShopifyCode.NO_TOKEN.of(), answer.evidence)


def cost_by_rule(name: str, rows: int) -> float:
    """Points of one of our documents, before Shopify has told them."""
    if name in ROW_COSTS:
        return 2.0 + max(1, math.floor(2 * math.log(max(1, rows)))) * ROW_COSTS[name]
    return OTHER_COSTS.get(name, CHANGE_COST)


def _hidden(errors: object, data: object) -> frozenset[str]:
    """The protected fields that the errors keep from us; empty where they tell of anything else.

    Each error must be of such a field, by its path or, where it has none, by its words, and the
    data must be there beside them.
    """
    if not isinstance(data, dict) or all(value is None for value in data.values()):
        return frozenset()
    found: set[str] = set()
    for row in errors if isinstance(errors, list) else [None]:
        if not isinstance(row, dict):
            return frozenset()
        path = [part for part in row.get("path") or () if isinstance(part, str)]
        named = [part for part in path if part in PROTECTED]
        code = inner(row, "extensions").get("code")
        if code not in (None, "", "ACCESS_DENIED") or (path and not named):
            return frozenset()
        if not path and not _MAY_NOT_SEE.search(str(row.get("message", ""))):
            return frozenset()
        found.add(named[0] if named else "customer")
    return frozenset(found)


def _points(value: object) -> float | None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number else None  # type: ignore[arg-type]


def _by_status(status: int, evidence: Evidence) -> Refused | Unknown:
    if not 400 <= status < 500 or status == 408:
        return Unknown(ShopifyCode.NO_STATUS.of(status=status), evidence)
    why = _BY_STATUS.get(status, ShopifyCode.CHECK_ADDRESS).of(status=status)
    return Refused(why, Refusal.INVALID, evidence)


def _by_errors(
    errors: object, wait: float | None, evidence: Evidence
) -> Refused | RefusedForNow | Unknown:
    rows = [row for row in errors if isinstance(row, dict)] if isinstance(errors, list) else []
    codes = {str(inner(row, "extensions").get("code", "")) for row in rows}
    messages = " ".join(str(row.get("message", "")) for row in rows)[:400] or str(errors)[:400]
    if "THROTTLED" in codes:
        seconds = min(LONGEST_PAUSE, 1.0 if wait is None else max(0.1, wait))
        until = now() + dt.timedelta(seconds=seconds)
        return RefusedForNow(ShopifyCode.SLOWER.of(), until)
    hidden = all(_MAY_NOT_SEE.search(str(row.get("message", ""))) for row in rows)
    if "ACCESS_DENIED" in codes or (codes == {""} and hidden):
        return Refused(ShopifyCode.MAY_NOT.of(said=messages), Refusal.NO_PERMISSION, evidence)
    if codes and codes <= _NOT_CARRIED_OUT:
        code = Refusal.TOO_COSTLY if "MAX_COST_EXCEEDED" in codes else Refusal.INVALID
        return Refused(ShopifyCode.NOT_UNDERSTOOD.of(said=messages), code, evidence)
    return Unknown(ShopifyCode.ERROR.of(said=messages), evidence)
