"""Settlements are kept once by the insurer's number, follow their order, and are set against the insurer's clearing."""

from collections.abc import Sequence
from uuid import UUID

from core import clock, ids
from core.database import Row, Session
from plugins.medical.insurance import repository, rules
from plugins.medical.insurance.errors import SettlementTaken
from plugins.medical.insurance.models import AMOUNTS
from plugins.medical.insurance.schemas import Insurance

_SAME = ("patient_id", "clr_type", *(f"{name}_fen" for name in AMOUNTS))


async def keep(
    session: Session, insurance: Insurance, *, patient_id: UUID, order_id: UUID | None = None, visit_id: UUID | None = None, status: str = "settled"
) -> UUID:
    """Write a settlement down; the same number with the same facts again is the same one.

    SplitBroken when its amounts do not add up, SettlementTaken when the number stands for other facts. `pre_settled` waits for the cash part.
    """
    rules.check(insurance)
    row = {
        "id": ids.uuid7(), "setl_id": insurance.setl_id, "order_id": order_id, "visit_id": visit_id, "patient_id": patient_id,
        "clr_type": insurance.clr_type, "settled_on": insurance.settled_on or (clock.today() if status == "settled" else None), "status": status,
        **{f"{name}_fen": getattr(insurance, name) for name in AMOUNTS},
    }  # fmt: skip
    if await repository.add(session, row):
        return row["id"]
    known = await repository.find_by_setl_id(session, insurance.setl_id)
    if known.order_id != order_id or any(getattr(known, name) != row[name] for name in _SAME):
        raise SettlementTaken(setl_id=insurance.setl_id)
    return known.id


async def settled(session: Session, order_ids: Sequence[UUID]) -> None:
    """The cash of these orders was paid: their settlements count from today."""
    await repository.move_of_orders(session, order_ids, "pre_settled", "settled", clock.today())


async def withdrawn(session: Session, order_ids: Sequence[UUID]) -> None:
    """Orders were withdrawn before they were paid: so are their settlements."""
    await repository.move_of_orders(session, order_ids, "pre_settled", "cancelled", None)


async def of_order(session: Session, order_id: UUID) -> Row | None:
    """The settlement of an order, if it has one."""
    return await repository.find_of_order(session, order_id)
