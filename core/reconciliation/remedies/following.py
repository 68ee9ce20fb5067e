"""What happens to remedies without anybody's hand: refunds that arrive, evidence in a channel's file, differences that healed meanwhile."""

import datetime as dt
from uuid import UUID

from core import clock
from core.approvals import lists as approvals
from core.approvals import repository as approvals_repository
from core.database import Session
from core.errors import PlatformError
from core.identity.actor import system
from core.ledger import service as ledger
from core.platform import Platform
from core.reconciliation.differences import service as differences
from core.reconciliation.remedies import bulk, outside, repository
from core.reconciliation.remedies import service as remedies
from core.reconciliation.states import REMEDY
from core.refunds.states import FINAL

AGAIN = dt.timedelta(seconds=30)


async def follow(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """The pulse's step: one transaction for all that came to an end."""
    async with platform.database.tenant(tenant_id) as session:
        await follow_refunds(session)
        await follow_healed(session)
        return clock.now() + AGAIN if await repository.count_running(session) else None


async def after_run(session: Session) -> None:
    """Everything that follows from what is known now; called at the end of every run, again without effect."""
    await take_evidence(session)
    await follow_refunds(session)
    await follow_healed(session)


async def follow_refunds(session: Session) -> None:
    """A refund reached the payer, or will not: its remedy and its batch follow."""
    by = system(session.tenant_id)
    for row in await repository.list_refunds_ended(session, FINAL):
        refunds = [await repository.refund_of_id(session, UUID(each)) for each in row.target.get("refund_ids") or [str(row.refund_id)]]
        if any(each.status not in FINAL for each in refunds):
            continue
        bad = next((each for each in refunds if each.status != "success"), None)
        await remedies.finish(session, row.id, by, error=bad and (bad.error or "退款没有办成，请到退款页面查看原因"))
        await bulk.follow(session, row.batch_id)


async def take_evidence(session: Session) -> int:
    """A refund that nobody could send stands in the channel's own file: it was made there, and is booked with that line as its proof."""
    taken = 0
    for row in await repository.list_evidence(session):
        _difference, _remedy = await remedies.held(session, row.remedy_id)
        try:
            if await outside.settle_item(session, row.item_id, row.channel_number or row.number, row.happened_at or clock.now()):
                taken += 1
                facts = {"reference": row.channel_number or row.number}
                await differences.note(session, [row.difference_id], "executed", system(session.tenant_id), "渠道对账单里已有这笔退款", facts)
        except PlatformError as error:
            await differences.note(session, [row.difference_id], "failed", system(session.tenant_id), error.message)
    return taken


async def follow_healed(session: Session) -> None:
    """The other side came after all: a chase is booked back, a proposal nobody decided yet is withdrawn, a repost is answered."""
    by = system(session.tenant_id)
    for found in await repository.list_healed(session):
        row, remedy = await remedies.held(session, found.id)
        if remedy.kind == "chase" and remedy.status == "done":
            reversal_id = await ledger.reverse(session, remedy.journal_id, by=by.name, memo=f"{row.code} 款项已对上")
            await repository.change(session, remedy.id, status=REMEDY.check(remedy.status, "reversed"), reversal_id=reversal_id)
            await differences.note(session, [row.id], "reversed", by, "款项已对上，追款挂账冲回", {"journal": str(reversal_id)})
        elif remedy.status == "proposed":
            await repository.change(session, remedy.id, status=REMEDY.check(remedy.status, "withdrawn"), finished_at=clock.now())
            await _withdraw(session, remedy.id)
            await differences.note(session, [row.id], "withdrawn", by, "差异已平，不再需要处理", {"kind": remedy.kind})
        elif remedy.status == "running":
            await repository.change(session, remedy.id, status=REMEDY.check(remedy.status, "done"), finished_at=clock.now())
            await bulk.follow(session, remedy.batch_id)


async def _withdraw(session: Session, remedy_id: UUID) -> None:
    """Nobody needs to decide this any more."""
    for row in await approvals.about(session, remedy_id):
        if row.status == "waiting" and row.kind == remedies.KIND:
            await approvals_repository.decide(session, row.id, "withdrawn", "系统", "差异已平，不再需要处理", clock.now())
