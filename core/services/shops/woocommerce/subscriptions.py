"""Asks WooCommerce to tell us of changes by itself, and notices those it has switched off.

After seven failures in a row the shop disables a webhook and tells nobody; the same subscription
made twice is sent twice (WOOCOMMERCE I). So the list is read first.
"""

from collections.abc import Mapping

from core.services.codes import ServiceCode
from core.services.outcome import Confirmed, Outcome, Refusal, Refused, Unknown
from core.services.shops.woocommerce.api import Failure, JsonAnswer, WooApi
from core.services.shops.woocommerce.codes import WooCode

TOPICS = ("order.created", "order.updated", "order.deleted", "order.restored")
NAME = "Refuz"


def subscribe(api: WooApi, uri: str, secret: str) -> Outcome[int]:
    """Subscribe `uri` to every topic it lacks and revive what was disabled.

    Confirmed(how many were new or revived). The secret always goes with it: the shop does not
    tell which one it has.
    """
    if not uri.startswith("https://"):
        return Refused(WooCode.HTTPS_ONLY.of(), Refusal.INVALID)
    if not secret:
        return Refused(WooCode.SECRET_FIRST.of(), Refusal.INVALID)
    answer = listed(api)
    if not isinstance(answer, JsonAnswer):
        return answer
    ours = [row for row in answer.rows if row.get("delivery_url") == uri]
    changed = 0
    for topic in TOPICS:
        rows = [row for row in ours if row.get("topic") == topic]
        if any(map(_is_active, rows)):
            continue
        row = rows[-1] if rows else None
        body = {"name": NAME, "topic": topic, "delivery_url": uri, "secret": secret}
        if row is None:
            done = api.post("/webhooks", body)
        else:
            done = api.put(f"/webhooks/{row.get('id')}", {"status": "active", "secret": secret})
        if not isinstance(done, JsonAnswer):
            return done
        if done.fields.get("status") != "active":
            why = ServiceCode.NO_SUBSCRIPTION.of(title="WooCommerce")
            return Unknown(why, done.evidence)
        changed += 1
    return Confirmed(changed, answer.evidence)


def listed(api: WooApi) -> JsonAnswer | Failure:
    """The shop's webhooks."""
    return api.get("/webhooks", {"per_page": 100})


def switched_off(answer: JsonAnswer) -> list[str]:
    """The topics of ours that the shop has disabled, each once; one that is active is enough."""
    ours = [row for row in answer.rows if row.get("name") == NAME]
    going = {_place(row) for row in ours if _is_active(row)}
    return sorted({str(row.get("topic")) for row in ours if _place(row) not in going})


def _is_active(row: Mapping[str, object]) -> bool:
    return row.get("status") == "active"


def _place(row: Mapping[str, object]) -> tuple[object, object]:
    """What is sent, and where to."""
    return row.get("topic"), row.get("delivery_url")
