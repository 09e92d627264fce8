"""Asks the judge about one order, as the card and the shop's messages do."""

from sqlalchemy import Connection

from core.errors import UserError
from core.i18n.reasons import sentence
from core.orders.judge.facts import Choices, Facts, of_order
from core.orders.judge.reasons import OVER, rule_of
from core.orders.judge.rules import Judgement, judge, reasons
from core.orders.piles import review
from core.reasons import Reason
from core.reversal.codes import RunCode
from core.rights import Right, door
from core.settings import preferences
from core.store import db


class NothingToRun(UserError):
    """No parcel of the pile can run; the message says what to do."""


class HeldByJudge(NothingToRun):
    """The judge holds the order back; `may_waive`: a person may go against it with a reason."""

    def __init__(self, reason: Reason, *, may_waive: bool) -> None:
        super().__init__(sentence(reason))
        self.reason = reason
        self.may_waive = may_waive


@door(Right.SCAN, Right.PILE, Right.RUN)
def judged(order_id: int, pile_id: int | None) -> Judgement:
    """What the judge says of an order, as the card asks. Raises NothingToRun once it is gone."""
    with db.reading() as connection:
        return judge(judged_facts(connection, order_id, pile_id))


def judged_facts(connection: Connection, order_id: int, pile_id: int | None) -> Facts:
    """What the judge looks at: the order as it lies in the pile, else by itself.

    Raises NothingToRun for an order that is gone.
    """
    here = review.of_pile(connection, pile_id, order_id) if pile_id is not None else []
    if here:
        return here[0][1]
    chosen = preferences.load(connection)
    choices = Choices(document=chosen.document, cancel_fulfillments=chosen.allow_fulfillment_cancel)
    facts = of_order(connection, order_id, choices)
    if facts is None:
        raise NothingToRun(RunCode.ORDER_GONE)
    return facts


def against(facts: Facts, why: str) -> list[Reason]:
    """The judge's reasons that a person goes against, none where nothing holds the order.

    `why` is the person's reason, "" for none. Raises HeldByJudge where one of them may not be gone
    against or no reason is given, and NothingToRun once the reversal is begun (rule 12).
    """
    judged = judge(facts)
    if judged.reason is None:
        return []
    if judged.group in OVER:
        raise NothingToRun(RunCode.BEGUN)
    standing = list(reasons(facts)) if facts.chosen.included else [judged.reason]
    stuck = next((one for one in standing if not rule_of(one).may_waive), None)
    if stuck is not None or not why:
        raise HeldByJudge(stuck or judged.reason, may_waive=stuck is None)
    return standing
