"""Signing a month: one person proposes its sums, another signs them, and from then on nothing of the month changes (§2.7)."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

from core import clock, ids
from core.approvals import service as approvals
from core.database import Row, Session
from core.errors import InvalidRequest
from core.identity import audit
from core.identity.actor import Actor
from core.settlement import gathering_repository
from core.settlement import months_repository as repository
from core.settlement.errors import MonthNotFound, MonthNotReady
from core.settlement.states import MONTH
from core.web.i18n import gettext as _
from core.web.i18n import listed

KIND = "settlement.month"


def first_of(text: str) -> dt.date:
    """A month as people and addresses write it (`2026-11`); MonthNotFound for anything else."""
    try:
        return dt.datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        raise MonthNotFound() from None


def following(first: dt.date) -> dt.date:
    """The first day of the next month."""
    return (first + dt.timedelta(days=32)).replace(day=1)


async def hindrances(session: Session, first: dt.date) -> list[str]:
    """Why a month cannot be signed yet; empty when it can."""
    after = following(first)
    sums, open_runs = await repository.sums(session, first, after), await repository.open_runs(session, first, after)
    found = []
    if after > clock.today():
        found.append(_("月份还没有结束"))
    if sums.unfinished:
        found.append(_("还有 %(n)s 个批次没有付款或结转", n=sums.unfinished))
    if open_runs:
        found.append(_("这些日期的对账还没有关账：%(days)s", days=listed(f"{row.bill_on:%m-%d}" for row in open_runs)))
    if not sums.batches:
        found.append(_("该月没有结算批次"))
    return found


async def totals(session: Session, first: dt.date) -> dict[str, int]:
    """What a month comes to, fen and counts."""
    row = await repository.sums(session, first, following(first))
    return {name: int(value) for name, value in row._mapping.items()}


async def propose(session: Session, first: dt.date, reason: str, by: Actor) -> UUID:
    """Ask a second person to sign a month as it stands; nothing of it may be open any more."""
    await gathering_repository.lock(session)
    if why := await hindrances(session, first):
        raise MonthNotReady(month=f"{first:%Y-%m}", why="；".join(why))
    row = await _held(session, first)
    sums = await totals(session, first)
    await repository.change(
        session, row.id, status=MONTH.check(row.status, "proposed"), totals=sums, made_by=by.name, made_by_id=by.id, checked_by=None
    )
    proposal = {"month": f"{first:%Y-%m}", "totals": sums, "action": "sign"}
    await audit.record(session, by, "settlement.month.propose", "settlement_month", row.id, after={"month": f"{first:%Y-%m}", **sums})
    return await approvals.propose(
        session, by, kind=KIND, title=f"月度结算签认 {first:%Y-%m}", subject_id=row.id, proposal=proposal, reason=reason, amount_fen=sums["paid_fen"]
    )


async def propose_reopen(session: Session, first: dt.date, reason: str, by: Actor) -> UUID:
    """Ask a second person to open a signed month again."""
    row = await repository.lock(session, first)
    if row is None or row.status != "signed":
        raise MonthNotReady(month=f"{first:%Y-%m}", why=_("它还没有签认"))
    if not reason.strip():
        raise InvalidRequest(_("请填写重新打开的原因"))
    proposal = {"month": f"{first:%Y-%m}", "action": "reopen"}
    return await approvals.propose(
        session, by, kind=KIND, title=f"重新打开月度结算 {first:%Y-%m}", subject_id=row.id, proposal=proposal, reason=reason
    )


async def approve(session: Session, month_id: UUID, proposal: Mapping[str, object], by: Actor) -> None:
    """Another person signs exactly the proposed sums, or opens the month again."""
    await gathering_repository.lock(session)
    row = await repository.lock_by_id(session, month_id)
    if row is None:
        raise MonthNotFound()
    if proposal["action"] == "reopen":
        await repository.change(session, month_id, status=MONTH.check(row.status, "open"), signed_at=None)
        await audit.record(session, by, "settlement.month.reopen", "settlement_month", month_id, reason=str(proposal["reason"]))
        return
    why = await hindrances(session, row.month)
    if await totals(session, row.month) != proposal["totals"]:
        why = [_("提交之后金额有变化，请退回后重新提交")]
    if why:
        raise MonthNotReady(month=f"{row.month:%Y-%m}", why="；".join(why))
    await repository.change(session, month_id, status=MONTH.check(row.status, "signed"), checked_by=by.name, signed_at=clock.now())
    await audit.record(session, by, "settlement.month.sign", "settlement_month", month_id, after={"month": f"{row.month:%Y-%m}"})


async def refuse(session: Session, month_id: UUID, status: str, by: Actor) -> None:
    """The proposal was refused or taken back: the month is open again; a signed one stays signed."""
    row = await repository.lock_by_id(session, month_id)
    if row is not None and row.status == "proposed":
        await repository.change(session, month_id, status=MONTH.check(row.status, "open"))


async def _held(session: Session, first: dt.date) -> Row:
    await repository.open_month(session, {"id": ids.uuid7(), "month": first, "status": "open"})
    row = await repository.lock(session, first)
    assert row is not None
    return row
