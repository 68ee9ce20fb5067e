"""A store's day: what the platform owes for it against what its own till has, to the fen; a difference is accepted by a second person, with a reason."""

from collections.abc import Sequence
from uuid import UUID

from core import clock
from core.approvals import service as approvals
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.money import format_yuan
from core.web.i18n import N_
from plugins.medical.robots import days_repository as repository
from plugins.medical.robots.errors import StoreDayChanged, StoreDayNotFound
from plugins.medical.robots.states import STORE_DAY

MAKE, CHECK = "medical.store_day.make", "medical.store_day.check"
KIND = "medical.store_day"
OBJECT = "store_day"
_FIGURES = ("shop_orders", "shop_fen", "till_orders", "till_fen", "differences", "digest")


async def propose(session: Session, day_id: UUID, reason: str, by: Actor) -> UUID:
    """Ask a second person to accept a day's differences as they are now; answers the proposal's id."""
    row = await _held(session, day_id, by, MAKE)
    STORE_DAY.check(row.status, "accepted")
    found = await repository.find_day(session, day_id, None)
    proposal = {"store": found.store, "platform": row.platform, "bill_on": row.bill_on.isoformat(), **{name: getattr(row, name) for name in _FIGURES}}
    return await approvals.propose(
        session, by, kind=KIND, title=f"接受门店日差异 {found.store} {row.bill_on}", subject_id=row.id, proposal=proposal, reason=reason,
        amount_fen=abs(row.shop_fen - row.till_fen), org_id=row.store_id,
    )  # fmt: skip


async def accept(session: Session, day_id: UUID, proposal: dict, by: Actor) -> None:
    """The second person accepts exactly the figures that were proposed. StoreDayChanged where the day has become another."""
    await repository.hold(session)
    row = await _held(session, day_id, by, CHECK)
    status = STORE_DAY.check(row.status, "accepted")
    if any(getattr(row, name) != proposal[name] for name in _FIGURES):
        raise StoreDayChanged()
    await repository.change_day(session, row.id, status=status, reason=str(proposal["reason"])[:200], accepted_by=by.name, checked_at=clock.now())
    await repository.follow(session, row.bill_on)
    before, after = {"status": row.status}, {"status": status}
    await audit.record(session, by, "medical.store_day.accept", OBJECT, row.id, before=before, after=after, reason=proposal["reason"])


def describe(proposal: dict) -> Sequence[tuple[str, str, str]]:
    """What a second person reads: both sides of the day."""
    return [
        (N_("平台订单数"), "", str(proposal["shop_orders"])),
        (N_("平台结算金额"), "", format_yuan(proposal["shop_fen"])),
        (N_("门店订单数"), "", str(proposal["till_orders"])),
        (N_("门店结算金额"), "", format_yuan(proposal["till_fen"])),
        (N_("差额"), "", format_yuan(proposal["shop_fen"] - proposal["till_fen"])),
        (N_("不一致订单"), "", str(proposal["differences"])),
    ]


async def find(session: Session, day_id: UUID, reach: Sequence[UUID] | None) -> Row:
    """A store day; StoreDayNotFound outside the reach."""
    found = await repository.find_day(session, day_id, reach)
    if found is None:
        raise StoreDayNotFound()
    return found


async def _held(session: Session, day_id: UUID, by: Actor, permission: str) -> Row:
    row = await repository.lock_day(session, day_id)
    if row is None or not by.reaches(permission, row.store_id):
        raise StoreDayNotFound()
    return row
