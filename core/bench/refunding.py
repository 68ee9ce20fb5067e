"""`refund`: refunds per second, receipt taken back, booked, sent and settled, ÷ captures per second of the running application."""

import asyncio
import os
import statistics
import subprocess
import sys
import time
from uuid import UUID

from sqlalchemy import text

from core import clock
from core.app import make_platform
from core.bench import notifications
from core.bench.figures import Figure, at_least
from core.bench.ground import Ground, Seat, add_orders, seat, web_process
from core.identity.actor import Actor
from core.jobs.delivery import deliver_events
from core.ledger import service as ledger
from core.payments.channels.protocol import ChannelAccount, RefundRef, RefundRequest, RefundRules, RefundState
from core.refunds import repository, sending, service
from core.refunds.schemas import RefundAsk
from core.settings import Settings

COUNT = 400
ROUNDS = 3
AT_ONCE = 24
REFUNDED_FEN = 30_000


class AtOnce:
    """A channel that takes every refund and is done with it at once: what is left to measure is ours."""

    refund_rules = RefundRules()

    async def refund(self, account: ChannelAccount, refund: RefundRequest) -> RefundState:
        """Done."""
        return RefundState(
            state="succeeded", number=refund.number, order_number=refund.order.number, mchid=account.mchid, amount_fen=refund.amount_fen,
            reference="50" + refund.number,
        )  # fmt: skip

    async def query_refund(self, account: ChannelAccount, refund: RefundRef) -> RefundState:
        """Never asked."""
        return RefundState(state="unknown", number=refund.number, order_number=refund.order.number)


async def refund(ground: Ground) -> list[Figure]:
    """On one client, whose merchants every refund has to lock; captures over HTTP and refunds in turn on the same server."""
    made = await seat(ground, notifications.credentials())
    ground.platform.channels["wechatpay"] = AtOnce()
    captures, refunds = [], []
    with web_process(ground) as port:
        await _captured(ground, made, port, 100)
        for _ in range(ROUNDS):
            orders, speed = await _captured(ground, made, port, COUNT)
            captures.append(speed)
            await _prepare(ground, made)
            refunds.append(await _refunded(ground, made, orders))
    ratio = statistics.median(b / a for a, b in zip(captures, refunds, strict=True))
    note = (
        f"{statistics.median(refunds):.0f}/s from held to arrived, {statistics.median(captures):.0f} captures/s over HTTP; one client, "
        f"the channel answers at once; median of {ROUNDS} rounds"
    )
    return [at_least("refund", ratio, 0.5, "ratio", note)]


async def _captured(ground: Ground, made: Seat, port: int, count: int) -> tuple[list[str], float]:
    orders = await add_orders(ground, made, count)
    seconds, _ = await notifications.deliver(port, [notifications.signed(made, number, fen) for number, fen in orders], AT_ONCE)
    return [number for number, _ in orders], count / seconds


async def _prepare(ground: Ground, made: Seat) -> None:
    """What workers did in the meantime: receipts written, balances shortened, first statistics taken."""
    for _ in range(COUNT // 50):
        await deliver_events(ground.platform, made.id)
    async with ground.platform.database.tenant(made.id) as session:
        await ledger.take_snapshots(session)
    ground.postgres.psql("ANALYZE", "banyan")


async def _refunded(ground: Ground, made: Seat, orders: list[str]) -> float:
    """Ask for a refund of each bill and have it approved, then measure until everything is receipted, booked, sent and has arrived."""
    by = Actor(kind="user", id="bench", name="bench", tenant_id=made.id)
    asked: list[UUID] = []
    async with ground.platform.database.tenant(made.id) as session:
        bills = text("SELECT i.bill_id FROM core.payment_order o JOIN core.payment_order_item i ON i.order_id = o.id WHERE o.number = ANY(:numbers)")
        for row in await session.all(bills, {"numbers": orders}):
            ask = RefundAsk(bill_id=row.bill_id, amount_fen=REFUNDED_FEN, reason="bench", effective_on=None)
            asked.append((await service.draft(session, {}, ask, by, told=[]))["id"])
    waiting = iter(asked)

    async def approve() -> None:
        for refund_id in waiting:
            async with ground.platform.database.tenant(made.id) as session:
                await service.hold_approved(session, await repository.lock(session, refund_id), "bench")

    await asyncio.gather(*(approve() for _ in range(8)))
    seconds = await asyncio.to_thread(_sent_by_workers, ground, made)
    async with ground.platform.database.tenant(made.id) as session:
        done = await session.scalar(text("SELECT count(*) FROM core.refund WHERE status = 'success' AND id = ANY(:ids)"), {"ids": asked})
    if done != len(asked):
        raise RuntimeError(f"{len(asked) - done} of {len(asked)} refunds did not arrive")
    return len(asked) / seconds


def _sent_by_workers(ground: Ground, made: Seat) -> float:
    """As many worker processes as the application has web processes go through the queue; answers the seconds they took together."""
    names = ("data_dir", "database_url", "master_keys", "log_level")
    env = os.environ | {f"BANYAN_{name.upper()}": str(getattr(ground.settings, name)) for name in names}
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "core.bench.refunding", str(made.id)], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(ground.settings.workers)
    ]
    try:
        for worker in workers:
            worker.stdout.readline()  # it is ready
        began = time.perf_counter()
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        for worker in workers:
            worker.stdout.readline()  # nothing is due any more
        return time.perf_counter() - began
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
            worker.stdin.close()
            worker.stdout.close()


async def work(tenant_id: UUID) -> None:
    """A worker of the benchmark: waits for its word, then sends what is due until nothing is."""
    platform = await make_platform(Settings.load())
    platform.channels["wechatpay"] = AtOnce()
    try:
        async with platform.database.tenant(tenant_id) as session:
            await repository.next_due(session)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        while (due_at := await sending.send_due(platform, tenant_id)) is not None:
            if due_at > clock.now():  # the rest is in the other worker's hands
                await asyncio.sleep(0.02)
        sys.stdout.write("done\n")
        sys.stdout.flush()
    finally:
        await platform.close()


if __name__ == "__main__":
    asyncio.run(work(UUID(sys.argv[1])))
