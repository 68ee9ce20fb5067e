"""Many refunds at once: count and sum are frozen when the batch is made, a second person agrees, one job does them all, each with its own state."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from core import clock, ids
from core.approvals import service as approvals
from core.database import Row, Session
from core.errors import PlatformError
from core.identity import audit
from core.identity.actor import Actor, system
from core.jobs import service as jobs
from core.refunds import batches_repository as repository
from core.refunds import batching, money_repository, service
from core.refunds import repository as refunds
from core.refunds.errors import BadRefund, BatchEmpty, BatchNotFound, RefundNotWaiting
from core.refunds.schemas import RefundAsk
from core.refunds.states import BATCH, FINAL, UNDONE

KIND, JOB = "refunds.batch", "refunds.batch"
MOST = 2_000


async def create(
    session: Session, settings: Mapping[str, object], asks: Sequence[RefundAsk], *, title: str, reason: str, by: Actor, org_id: UUID | None = None
) -> UUID:
    """Freeze a batch and ask a second person; every request in it must be possible now, or none is written. Answers the batch's id."""
    if not asks or len(asks) > MOST:
        raise BatchEmpty(why="没有选中任何条目" if not asks else f"一批最多 {MOST} 笔，请分批提交")
    if not reason.strip() or not title.strip():
        raise BadRefund(why="请填写批次名称和退款原因")
    batch_id = ids.uuid7()
    total_fen = sum(ask.amount_fen for ask in asks)
    row = {
        "id": batch_id, "number": ids.number("TB", clock.today().strftime("%y%m%d"), 8), "title": title.strip()[:80], "reason": reason.strip()[:200],
        "status": "created", "count": len(asks), "amount_fen": total_fen, "org_id": org_id, "made_by": by.name, "made_by_id": by.id,
    }  # fmt: skip
    await repository.add(session, row)
    for ask in sorted(asks, key=lambda ask: (str(ask.bill_id), str(ask.suspense_id))):
        await money_repository.lock_source(session, bill_id=ask.bill_id, suspense_id=ask.suspense_id)
    for position, ask in enumerate(asks, 1):
        try:
            await service.draft(session, settings, ask, by, batch_id=batch_id, position=position)
        except PlatformError as error:
            raise BadRefund(f"第 {position} 笔：{error.message}".replace("{", "(").replace("}", ")")) from error
    proposal = {"number": row["number"], "count": len(asks), "amount_fen": total_fen}
    await approvals.propose(
        session, by, kind=KIND, title=f"批量退款 · {row['title']}", subject_id=batch_id, proposal=proposal, reason=row["reason"],
        amount_fen=total_fen, org_id=org_id,
    )  # fmt: skip
    await audit.record(session, by, "refunds.batch.create", "refund_batch", batch_id, after=proposal, reason=row["reason"])
    return batch_id


async def approve(session: Session, batch_id: UUID, proposal: Mapping[str, object], by: Actor) -> None:
    """Another person agrees with exactly this count and sum: the job begins."""
    batch = await _held(session, batch_id)
    by.check_other(batch.made_by_id)
    if (batch.count, batch.amount_fen) != (proposal["count"], proposal["amount_fen"]):
        raise RefundNotWaiting(status=batch.status)
    job_id = await jobs.start(session, JOB, f"批量退款 {batch.title}", {"batch_id": str(batch_id)}, by=by)
    values = {"status": BATCH.check(batch.status, "approved"), "checked_by": by.name, "checked_at": clock.now(), "job_id": job_id}
    await repository.change(session, batch_id, **values)
    agreed = {name: proposal[name] for name in ("number", "count", "amount_fen")}
    await audit.record(session, by, "refunds.batch.approve", "refund_batch", batch_id, after=agreed)


async def refuse(session: Session, batch_id: UUID, status: str, by: Actor) -> None:
    """The batch was refused or taken back; its refunds end with it."""
    batch = await _held(session, batch_id)
    await repository.end_all(session, batch_id, "rejected" if status == "rejected" else "cancelled")
    await repository.change(session, batch_id, status=BATCH.check(batch.status, "rejected"), finished_at=clock.now())
    await audit.record(session, by, "refunds.batch.reject", "refund_batch", batch_id, after={"status": status})


async def run_again(session: Session, batch_id: UUID, by: Actor) -> UUID:
    """Take up again whatever did not succeed; what did is left alone. Answers the new job's id."""
    reopened = await repository.reopen(session, batch_id, UNDONE)
    batch = await _held(session, batch_id)
    if batch.status != "partial" or not reopened:
        raise RefundNotWaiting(status=batch.status)
    job_id = await jobs.start(session, JOB, f"批量退款 {batch.title}", {"batch_id": str(batch_id)}, by=by)
    await repository.change(session, batch_id, status=BATCH.check(batch.status, "running"), job_id=job_id, finished_at=None)
    await audit.record(session, by, "refunds.batch.again", "refund_batch", batch_id, after={"refunds": reopened})
    return job_id


async def begin(session: Session, batch_id: UUID) -> tuple[Row, list[UUID]]:
    """The job looks what is left to do."""
    batch = await _held(session, batch_id)
    if batch.status == "approved":
        await repository.change(session, batch_id, status=BATCH.check(batch.status, "running"))
    return batch, await repository.list_waiting(session, batch_id)


async def hold_one(session: Session, batch: Row, refund_id: UUID) -> None:
    """Hold one refund of an approved batch; it is sent by the queue like any other."""
    refund = await refunds.lock(session, refund_id)
    if refund.status == "requested":
        await service.hold_approved(session, refund, batch.checked_by)
        after = {"batch": batch.number, "amount_fen": refund.amount_fen}
        await audit.record(session, system(session.tenant_id), "refunds.refund.approve", "refund", refund_id, after=after)


async def fail_one(session: Session, batch: Row, refund_id: UUID, error: PlatformError) -> None:
    """One refund of the batch cannot be done: said on it, the others go on."""
    refund = await refunds.lock(session, refund_id)
    if refund.status == "requested":
        await refunds.change(session, refund_id, status="failed", error=error.message, finished_at=clock.now())
        await audit.record(session, system(session.tenant_id), "refunds.refund.fail", "refund", refund_id, reason=error.message)
        await batching.follow(session, batch.id, "failed")


async def longs(session: Session, reason_code: str, reason: str, limit: int = MOST, *, again: bool = True) -> list[RefundAsk]:
    """A request for every open suspense item (of one kind, or all) that nobody refunds yet; unless `again`, only for those that nobody ever began."""
    rows = await repository.list_longs(session, reason_code, FINAL if again else (), limit)
    return [RefundAsk(amount_fen=row.left_fen, reason=reason, suspense_id=row.id) for row in rows]


async def _held(session: Session, batch_id: UUID) -> Row:
    batch = await repository.lock(session, batch_id)
    if batch is None:
        raise BatchNotFound()
    return batch
