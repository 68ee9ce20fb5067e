"""What workers do for remedies: go through agreed batches, one difference at a time."""

from uuid import UUID

from core.errors import PlatformError
from core.jobs.context import JobContext
from core.reconciliation.remedies import bulk, following, repository
from core.reconciliation.remedies import service as remedies
from core.refunds import sending


async def run_batch(context: JobContext, params: dict[str, str]) -> dict[str, object]:
    """Do every remedy of a batch that is still to be done; begun again it goes on where it stopped."""
    batch_id = UUID(params["batch_id"])
    async with context.session() as session:
        batch, to_do = await bulk.begin(session, batch_id)
    done = batch.count - len(to_do)
    for remedy_id in to_do:
        try:
            async with context.session() as session:
                await bulk.do_one(session, batch, remedy_id)
        except PlatformError as error:
            if error.status >= 500:
                raise
            async with context.session() as session:
                await remedies.fail(session, remedy_id, error)
        done += 1
        await context.progress(done, batch.count)
        if batch.kind == "refund" and done % sending.AT_ONCE == 0:
            await sending.send_due(context.platform, context.tenant_id)
    if batch.kind in ("refund", "mixed"):
        await sending.send_due(context.platform, context.tenant_id)
    async with context.session() as session:
        await following.follow_refunds(session)
        await bulk.follow(session, batch_id)
        counts = {row.status: row.remedies for row in await repository.count_batch(session, batch_id)}
    under_way = counts.get("running", 0) + counts.get("approved", 0)
    return {
        "href": f"/console/remedy-batches/{batch_id}",
        "label": "查看批次",
        "counts": [
            ["完成", counts.get("done", 0), None, "good"],
            ["未办成", counts.get("failed", 0), None, "bad"],
            ["办理中", under_way, None, "wait"],
        ],
    }
