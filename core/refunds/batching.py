"""A batch follows its refunds: done when all succeeded, partial when some will not."""

from uuid import UUID

from core import clock
from core.database import Session
from core.refunds import batches_repository
from core.refunds.states import BATCH, FINAL


async def follow(session: Session, batch_id: UUID | None, status: str) -> None:
    """A refund of a batch came to an end; when it was the last one, so does the batch. The refund's new state must be written."""
    if batch_id is None or status not in FINAL:
        return
    batch = await batches_repository.lock(session, batch_id)
    if batch.status in ("created", "rejected"):
        return
    counts = {row.status: row.refunds for row in await batches_repository.count_statuses(session, batch_id)}
    if set(counts) <= set(FINAL):
        wanted = "done" if set(counts) == {"success"} else "partial"
        if batch.status != wanted:
            await batches_repository.change(session, batch_id, status=BATCH.check(batch.status, wanted), finished_at=clock.now())
