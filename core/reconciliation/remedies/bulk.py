"""Many remedies at once: count and sum frozen, a second person agrees, one job does them all, each with its own state.

What somebody else resolved meanwhile says so on its own line, the others go on; begun again after a kill it goes on where it stopped.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from core import clock, ids
from core.approvals import service as approvals
from core.database import Row, Session
from core.errors import PlatformError
from core.identity import audit
from core.identity.actor import Actor
from core.jobs import service as jobs
from core.reconciliation import rights
from core.reconciliation.differences import repository as differences_table
from core.reconciliation.differences import service as differences
from core.reconciliation.differences.repository import Asked
from core.reconciliation.remedies import offering, repository
from core.reconciliation.remedies import service as remedies
from core.reconciliation.remedies.refusals import BadRemedy, DifferenceNotFound, RemedyBatchEmpty, RemedyBatchNotFound, RemedyNotWaiting
from core.reconciliation.remedies.service import RemedyAsk
from core.reconciliation.states import OPEN, REMEDY
from core.states import Machine
from core.web import i18n
from core.web.filters import status_label

KIND, JOB = "reconciliation.batch", "reconciliation.remedies"
MOST = 2_000
BATCH = Machine("批量处理", "created → approved rejected", "approved → running done partial", "running → done partial", "partial → running done")
ENDED = ("done", "failed", "rejected", "withdrawn", "reversed")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """One remedy of a batch."""

    difference_id: UUID
    ask: RemedyAsk


async def chosen(session: Session, asked: Asked, kind: str, by: Actor) -> list[Row]:
    """The differences of a filter for which a remedy makes sense and that nobody is handling; refund takes the longs."""
    differences.check_reach(by, rights.HANDLE)
    asked = msgspec.structs.replace(asked, free=True, longs=asked.longs or kind == "refund")
    rows = await differences_table.list_page(session, asked, clock.now(), None, MOST + 1)
    if len(rows) > MOST:
        raise RemedyBatchEmpty(why=f"一批最多 {MOST} 条，请收窄条件后分批办理")
    return [row for row in rows if offering.fits(row, kind)]


async def propose(session: Session, settings: Mapping[str, object], asked: Asked, ticked: Sequence[UUID], ask: RemedyAsk, by: Actor) -> UUID:
    """One click: a batch of one remedy for the ticked ones, or for all of the filter where it makes sense. Answers the batch's id."""
    if ask.kind not in offering.BULK:
        raise BadRemedy(why="请选择一种可以批量办理的处理")
    chosen_ids = list(ticked) or [row.id for row in await chosen(session, asked, ask.kind, by)]
    wanted = [Wanted(difference_id=each, ask=ask) for each in chosen_ids]
    return await create(session, settings, wanted, reason=ask.reason, by=by)


async def at_once(
    session: Session, asked: Asked, ticked: Sequence[UUID], action: str, by: Actor, *, owner_id: str = "", due_on: dt.date | None = None
) -> int:
    """Confirm or assign the ticked ones, or all of the filter, in one go; what is not open is left alone. Answers how many."""
    differences.check_reach(by, rights.HANDLE)
    mine = list(ticked) or [row.id for row in await differences_table.list_page(session, asked, clock.now(), None, MOST)]
    rows = [row for row in await differences_table.lock_many(session, mine[:MOST]) if row.status in OPEN]
    if action == "confirm":
        rows = [row for row in rows if row.status in ("open", "rejected")]
        await repository.take(session, [row.id for row in rows], "confirmed")
        await differences.note(session, [row.id for row in rows], "confirmed", by)
        return len(rows)
    owner = await differences.owner_of(session, owner_id)
    values = {"owner_id": owner and owner.id, "owner_name": owner and owner.name}
    values |= {"due_at": differences.end_of_day(due_on)} if due_on else {}
    await repository.write_on(session, [row.id for row in rows], **values)
    facts = {"owner": values["owner_name"] or "", "due_on": due_on and due_on.isoformat()}
    await differences.note(session, [row.id for row in rows], "assigned", by, facts=facts)
    return len(rows)


async def create(
    session: Session, settings: Mapping[str, object], wanted: Sequence[Wanted], *, reason: str, by: Actor, skip: bool = False
) -> UUID:
    """Freeze a batch and ask a second person. What cannot be done is refused with its number, and then nothing is written; `skip` leaves it out."""
    differences.check_reach(by, rights.HANDLE)
    reason = " ".join(reason.replace("\0", "").split())
    if not reason or len(reason) > 200:
        raise BadRemedy(why="请填写 1–200 字的处理原因")
    if not wanted or len(wanted) > MOST:
        raise RemedyBatchEmpty(why="没有选中任何差异" if not wanted else f"一批最多 {MOST} 条，请分批提交")
    held = {row.id: row for row in await differences_table.lock_many(session, [each.difference_id for each in wanted])}
    rows: list[dict[str, object]] = []
    for each in wanted:
        row = held.pop(each.difference_id, None)
        try:
            if row is None:
                raise DifferenceNotFound()
            if row.status not in OPEN:
                raise differences.resolved(row)
            rows.append(await remedies.drafted(session, settings, row, each.ask, by))
        except PlatformError:
            if not skip:
                raise
    if not rows:
        raise RemedyBatchEmpty(why="选中的差异都已处理或不能这样处理")
    return await _write(session, rows, reason, by)


async def _write(session: Session, rows: list[dict[str, object]], reason: str, by: Actor) -> UUID:
    batch_id, kinds = ids.uuid7(), {row["kind"] for row in rows}
    kind = kinds.pop() if len(kinds) == 1 else "mixed"
    total_fen = sum(row["amount_fen"] for row in rows)
    code = ids.number("DB", clock.today().strftime("%y%m%d"), 8)
    batch = {
        "id": batch_id, "code": code, "kind": kind, "reason": reason, "status": "created", "count": len(rows), "amount_fen": total_fen,
        "made_by": by.name, "made_by_id": by.id,
    }  # fmt: skip
    await repository.add_batch(session, batch)
    await repository.add(session, [row | {"batch_id": batch_id, "position": place} for place, row in enumerate(rows, 1)])
    mine = [row["difference_id"] for row in rows]
    await repository.take(session, mine, "handling")
    await differences.note(session, mine, "proposed", by, reason, {"kind": kind, "batch": code})
    proposal = {"code": code, "kind": kind, "count": len(rows), "amount_fen": total_fen}
    with i18n.speaking(i18n.SOURCE):
        title = f"批量{status_label(kind, 'remedy_kind')} · {len(rows)} 条"
    await approvals.propose(
        session, by, kind=KIND, title=title, subject_id=batch_id, proposal=proposal, reason=reason, amount_fen=total_fen
    )
    await audit.record(session, by, "recon.batch.create", "remedy_batch", batch_id, after=proposal, reason=reason)
    return batch_id


async def approve(session: Session, batch_id: UUID, proposal: Mapping[str, object], by: Actor) -> None:
    """Another person agrees with exactly this count and sum: the job begins."""
    batch = await held_batch(session, batch_id)
    by.check_other(batch.made_by_id)
    if (batch.count, batch.amount_fen, batch.status) != (proposal["count"], proposal["amount_fen"], "created"):
        raise RemedyNotWaiting(status=status_label(batch.status, "remedy_batch"))
    await repository.move_batch_items(session, batch_id, "proposed", status=REMEDY.check("proposed", "approved"), checked_by=by.name)
    job_id = await _start(session, batch, by)
    await repository.change_batch(session, batch_id, status=BATCH.check(batch.status, "approved"), checked_by=by.name, job_id=job_id)
    after = {"code": batch.code, "count": batch.count, "amount_fen": batch.amount_fen}
    await audit.record(session, by, "recon.batch.approve", "remedy_batch", batch_id, after=after)


async def refuse(session: Session, batch_id: UUID, status: str, by: Actor) -> None:
    """The batch was refused or taken back; its remedies end with it, its differences are free again."""
    batch = await held_batch(session, batch_id)
    ended = "rejected" if status == "rejected" else "withdrawn"
    mine = [difference_id for difference_id, _remedy in await repository.list_batch_ids(session, batch_id, ["proposed"])]
    await repository.move_batch_items(session, batch_id, "proposed", status=REMEDY.check("proposed", ended), finished_at=clock.now())
    await repository.move_differences(session, batch_id, "handling", "rejected" if ended == "rejected" else "confirmed")
    await differences.note(session, mine, ended, by, "", {"batch": batch.code})
    await repository.change_batch(session, batch_id, status=BATCH.check(batch.status, "rejected"), finished_at=clock.now())
    await audit.record(session, by, "recon.batch.reject", "remedy_batch", batch_id, after={"status": status})


async def run_again(session: Session, batch_id: UUID, by: Actor) -> UUID:
    """Take up again only what failed and nobody has resolved another way since; answers the new job's id."""
    differences.check_reach(by, rights.HANDLE)
    failed = await repository.list_batch_ids(session, batch_id, ["failed"])
    rows = {row.id: row for row in await differences_table.lock_many(session, [difference_id for difference_id, _remedy in failed])}
    busy = await repository.list_live(session, list(rows))
    again = [(d, r) for d, r in failed if rows[d].status in OPEN and d not in busy]
    batch = await held_batch(session, batch_id)
    if batch.status != "partial" or not again:
        raise RemedyNotWaiting(status=status_label(batch.status, "remedy_batch"))
    for _difference_id, remedy_id in again:
        await repository.change(session, remedy_id, status=REMEDY.check("failed", "approved"), error=None, finished_at=None, refund_id=None)
    await repository.take(session, [difference_id for difference_id, _remedy in again], "handling")
    job_id = await _start(session, batch, by)
    await repository.change_batch(session, batch_id, status=BATCH.check(batch.status, "running"), job_id=job_id, finished_at=None)
    await audit.record(session, by, "recon.batch.again", "remedy_batch", batch_id, after={"count": len(again)})
    return job_id


async def _start(session: Session, batch: Row, by: Actor) -> UUID:
    with i18n.speaking(i18n.SOURCE):
        title = f"批量{status_label(batch.kind, 'remedy_kind')} {batch.code}"
    return await jobs.start(session, JOB, title, {"batch_id": str(batch.id)}, by=by)


async def begin(session: Session, batch_id: UUID) -> tuple[Row, list[UUID]]:
    """The job looks what is left to do: agreed to, and not begun."""
    batch = await held_batch(session, batch_id)
    if batch.status == "approved":
        await repository.change_batch(session, batch_id, status=BATCH.check(batch.status, "running"))
    return batch, [remedy_id for _difference_id, remedy_id in await repository.list_batch_ids(session, batch_id, ["approved"])]


async def do_one(session: Session, batch: Row, remedy_id: UUID) -> None:
    """One remedy of an agreed batch, in a transaction of its own, as the person who agreed."""
    row, remedy = await remedies.held(session, remedy_id)
    if remedy.status == "approved":
        by = Actor(kind="user", id="", name=batch.checked_by or "", tenant_id=session.tenant_id)
        await remedies.carry(session, row, remedy, by)


async def follow(session: Session, batch_id: UUID | None) -> None:
    """The batch follows its remedies: done when all are, partial when some will not be."""
    if batch_id is None:
        return
    batch = await held_batch(session, batch_id)
    counts = {row.status: row.remedies for row in await repository.count_batch(session, batch_id)}
    if batch.status not in ("approved", "running", "partial") or not set(counts) <= set(ENDED):
        return
    wanted = "done" if set(counts) <= {"done", "reversed"} else "partial"
    if batch.status != wanted:
        await repository.change_batch(session, batch_id, status=BATCH.check(batch.status, wanted), finished_at=clock.now())


async def held_batch(session: Session, batch_id: UUID) -> Row:
    """A batch, held; RemedyBatchNotFound outside this client."""
    batch = await repository.lock_batch(session, batch_id)
    if batch is None:
        raise RemedyBatchNotFound()
    return batch


async def find(session: Session, batch_id: UUID, by: Actor) -> Row:
    """A batch to look at."""
    differences.check_reach(by)
    batch = await repository.find_batch(session, batch_id)
    if batch is None:
        raise RemedyBatchNotFound()
    return batch
