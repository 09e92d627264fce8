"""One pass over a reversal, at a shop that answers as a test tells it to."""

from dataclasses import dataclass
from typing import Any

from effects_model import Bench
from sqlalchemy import select

from core.reversal.effects import ledger
from core.reversal.steps.context import Options, ReversalContext
from core.settings import preferences
from core.store import db
from core.store.tables import orders


@dataclass(frozen=True)
class AtShop(ReversalContext):
    """A pass over a reversal whose shop is `stands_for`."""

    stands_for: Any = None

    @property
    def shop(self) -> Any:
        """The shop that answers as it is told to."""
        return self.stands_for


def pass_over(bench: Bench, shop: Any = None, **options: Any) -> AtShop:
    """A pass that begins now, with these options of the reversal."""
    with db.reading(bench.engine) as connection:
        known = ledger.of_reversal(connection, bench.subject.reversal_id)
        chosen = preferences.load(connection)
        changed = connection.scalar(select(orders.c.updated_at))
    return AtShop(
        engine=bench.engine, reversal_id=bench.subject.reversal_id,
        order_id=bench.subject.order_id, order_name="#1", gid="gid/1", shop_id=bench.shop_id,
        order_updated_at=changed, options=Options(**options), subject=bench.subject,
        preferences=chosen, connections={}, breakers={}, existing_effects=known, stands_for=shop,
    )  # fmt: skip
