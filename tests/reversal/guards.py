"""Performers that each lack one guard: a proof that could not fail would prove nothing."""

from dataclasses import replace

from core.reasons import Reason
from core.reversal.effects import executor
from core.reversal.effects.calls import EffectCall
from core.reversal.effects.executor import EffectExecutor
from core.reversal.effects.ledger import Change, Effect
from core.services.outcome import Evidence
from core.store.states import EffectState


class WithoutIntent(EffectExecutor):
    """Sends first and writes down afterwards that it was going to (rule 3)."""

    def _claim_and_send(self, effect: Effect, call: EffectCall) -> Effect:
        outcome = call.send(effect)
        executor.failpoint("sent without intent", effect)
        claimed = self._claim(effect)
        if claimed is None:
            return self._again(effect)
        return self._settle(claimed, call, self._change_by(claimed, call, outcome))


class WithoutAsking(EffectExecutor):
    """Sends again what it does not know of (rule 4)."""

    def _may_be_there(self, effect: Effect) -> bool:
        return effect.attempt == 0 and super()._may_be_there(effect)

    def _doubt(self, call: EffectCall, why: Reason | None, evidence: Evidence | None) -> Change:
        change = super()._doubt(call, why, evidence)
        if call.resend_when_unknown:
            return change
        return Change(EffectState.PLANNED, "unknown", why, 0.0, evidence)


class WithoutSettling(EffectExecutor):
    """Asks at once, while what was sent may still be on its way (rule 4)."""

    def _doubt(self, call: EffectCall, why: Reason | None, evidence: Evidence | None) -> Change:
        change = super()._doubt(call, why, evidence)
        return replace(change, wait=0.0) if change.state == EffectState.UNKNOWN else change


GUARDS: dict[str, type[EffectExecutor]] = {
    "intent": WithoutIntent,
    "asking": WithoutAsking,
    "settling": WithoutSettling,
}
