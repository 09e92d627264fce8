"""Takes one rule of the judge away, here or in a worker: a proof that could not fail is none."""

from collections.abc import Iterator

from core.orders.documents.accounts import Accounts, ConnectedAccount
from core.orders.judge import rules
from core.orders.judge.facts import Facts
from core.orders.judge.reasons import JudgeCode
from core.reasons import Reason

ACCOUNT = "account"  # the first account is as good as another
REASONS = (
    JudgeCode.CONTESTED, JudgeCode.TOTAL_DIFFERS, JudgeCode.CURRENCY_DIFFERS,
    JudgeCode.ISSUED_BEFORE, JudgeCode.CUSTOMER_DIFFERS, JudgeCode.SEVERAL_FOUND,
    JudgeCode.REFERENCE_UNCLEAR, JudgeCode.INVOICE_PAID, JudgeCode.PARTLY_REVERSED,
    JudgeCode.IMPORT_ROW_REFUSED,
)  # fmt: skip
EVERY = (ACCOUNT, *map(str, REASONS))


def take_away(name: str) -> None:
    """Let this process judge without the rule."""
    if name == ACCOUNT:

        def first(self: Accounts, service: str) -> ConnectedAccount | None:
            return next(iter(self.of(service)), None)

        Accounts.only = first  # type: ignore[method-assign]
        return
    judged = rules.documents

    def without(facts: Facts) -> Iterator[Reason]:
        return (one for one in judged(facts) if one.code != name)

    rules.documents = without
