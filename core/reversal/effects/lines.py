"""The log lines of effects: one when an effect was claimed for sending, one when it settled."""

import structlog

from core.reversal.effects.ledger import Change, Effect

log = structlog.get_logger(__name__)


def sent(effect: Effect) -> None:
    """The intent is committed, and the call begins."""
    log.info("effect_sent", **_named(effect), attempt=effect.attempt)


def settled(effect: Effect, change: Change) -> None:
    """What became of it; the code of the reason only, since its words may name customers."""
    why = change.why.code if change.why is not None else ""
    fields = {"state": str(change.state), "outcome": change.outcome, "why": str(why)}
    log.info("effect_settled", **_named(effect), **fields)


def _named(effect: Effect) -> dict[str, object]:
    return {"effect": effect.id, "kind": str(effect.kind), "target": effect.target}
