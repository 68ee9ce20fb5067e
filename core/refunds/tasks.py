"""What workers do for refunds: send what is due, go through batches, give excess back where the client wants it so."""

import contextlib
import datetime as dt
from uuid import UUID

from core import clock
from core.errors import PlatformError
from core.identity.actor import system
from core.jobs.context import JobContext
from core.platform import Platform
from core.refunds import batches, batches_repository, batching, repository, sending, service
from core.refunds.errors import RefundTooLarge
from core.refunds.states import FINAL

EXCESS = ("double_payment", "late_success", "nothing_owed")
"""Money that surely is the payer's own: paid twice, too late, too much. Unknown money is looked at by a person first."""


async def send(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """The queue of refunds."""
    return await sending.send_due(platform, tenant_id)


async def give_excess_back(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """Excess goes back by itself where the client's policy says so (`auto_refund_excess`, architecture §11.1); what a person stopped is theirs."""
    client = await platform.directory.profile(tenant_id)
    if client.settings.get("auto_refund_excess") is not True:
        return None
    async with platform.database.tenant(tenant_id) as session:
        found = [ask for reason in EXCESS for ask in await batches.longs(session, reason, "多付款项自动退回", 50, again=False)]
    for ask in found:
        with contextlib.suppress(RefundTooLarge):  # another worker was faster, or somebody gave it an owner
            async with platform.database.tenant(tenant_id) as session:
                row = await service.draft(session, client.settings, ask, system(tenant_id))
                await service.hold_approved(session, await repository.lock(session, row["id"]), "系统（多付自动退回）")
    return clock.now() if found else None


async def run_batch(context: JobContext, params: dict[str, str]) -> dict[str, object]:
    """Hold and send every refund of a batch that is still to be done; begun again it goes on where it stopped."""
    batch_id = UUID(params["batch_id"])
    async with context.session() as session:
        batch, waiting = await batches.begin(session, batch_id)
    done = batch.count - len(waiting)
    for refund_id in waiting:
        try:
            async with context.session() as session:
                await batches.hold_one(session, batch, refund_id)
        except PlatformError as error:
            if error.status >= 500:
                raise
            async with context.session() as session:
                await batches.fail_one(session, batch, refund_id, error)
        done += 1
        await context.progress(done, batch.count)
        if done % sending.AT_ONCE == 0:
            await sending.send_due(context.platform, context.tenant_id)
    await sending.send_due(context.platform, context.tenant_id)
    async with context.session() as session:
        await batching.follow(session, batch_id, "success")
        counts = {row.status: row.refunds for row in await batches_repository.count_statuses(session, batch_id)}
    ended = sum(counts.get(status, 0) for status in FINAL)
    return {
        "href": f"/console/refund-batches/{batch_id}",
        "label": "查看批次",
        "counts": [
            ["成功", counts.get("success", 0), None, "good"],
            ["失败", ended - counts.get("success", 0), None, "bad"],
            ["办理中", batch.count - ended, None, "wait"],
        ],
    }

