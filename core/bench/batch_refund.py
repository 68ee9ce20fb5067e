"""`batch_refund`: 200 longs refunded in one batch through the sandbox, the worker killed twice on the way: 200 refunds, each once."""

import asyncio
import datetime as dt
import time
from uuid import UUID

import asyncpg
import httpx
from sqlalchemy import insert, text

from core import clock, ids
from core.approvals import service as approvals
from core.bench import ground as grounds
from core.bench.chaos import house as houses
from core.bench.chaos.house import House
from core.bench.figures import Figure
from core.bench.ground import Ground, Seat
from core.errors import PlatformError
from core.identity.actor import Actor
from core.payments.accounts import service as accounts
from core.payments.channels.protocol import ChannelAccount, OrderRequest
from core.reconciliation import models, rights
from core.reconciliation.differences.repository import Asked
from core.reconciliation.remedies import bulk
from core.reconciliation.remedies.service import RemedyAsk
from core.sandbox.schema import plain_url
from core.tenancy.directory import ClientProfile

COUNT = 200
AT_ONCE = 10
KILL_AT = (40, 120)
PATIENCE_SECONDS = 240
_DONE = text("SELECT count(*) FILTER (WHERE status IN ('running', 'done')) AS begun, count(*) FILTER (WHERE status = 'done') AS done FROM core.recon_remedy")
_THEIRS = """
    SELECT count(*) AS refunds, count(DISTINCT out_refund_no) AS numbers, count(DISTINCT out_trade_no) AS orders, coalesce(sum(amount_fen), 0) AS fen
    FROM sandbox.wechat_refund WHERE state = 'SUCCESS'
"""


async def batch_refund(ground: Ground) -> list[Figure]:
    """On servers of its own: money that the channel has and nobody here knows, one click, two people, two kills."""
    async with houses.opened() as house:
        client, seat = await _client(house)
        paid = await _longs(house, client, seat)
        batch_id = await _agreed(house, client)
        began = time.perf_counter()
        kills = await _killed_on_the_way(house, client, batch_id)
        seconds = time.perf_counter() - began
        refunds, orders, fen = await _theirs(house)
        async with house.platform.database.tenant(client.id) as session:
            batch = await session.one(text("SELECT status, count, amount_fen FROM core.recon_remedy_batch"))
            open_count = await session.scalar(text("SELECT count(*) FROM core.recon_difference WHERE status <> 'resolved'"))
    each_once = refunds == orders == COUNT and fen == paid == batch.amount_fen and batch.status == "done" and open_count == 0
    note = (
        f"{orders} orders refunded once each by {refunds} refunds, {fen} of {paid} fen, worker killed {kills} times, "
        f"batch {batch.status}, {open_count} differences left, {seconds:.0f} s"
    )
    holds = each_once and kills == len(KILL_AT)
    return [Figure(figure="batch_refund", value=refunds, unit="refunds", reach=f"= {COUNT}, each once", holds=holds, note=note)]


async def _client(house: House) -> tuple[ClientProfile, Seat]:
    async with httpx.AsyncClient(base_url=house.settings.sandbox_url, trust_env=False) as outside:
        given = (await outside.post("/sandbox/api/wechatpay/merchants", json={"name": "长款退款"})).raise_for_status().json()
    stage = Ground(house.postgres, house.settings, house.platform, house.platform.plugins, *await grounds.found_bank(house.platform))
    seat = await grounds.seat(stage, given["credentials"], mchid=given["mchid"], appid=given["appid"], base_url=given["base_url"])
    return await house.platform.directory.profile(seat.id), seat


async def _longs(house: House, client: ClientProfile, seat: Seat) -> int:
    """Payments at the channel that were never ordered here, and the differences a run would find; answers their sum, fen."""
    async with house.platform.database.tenant(client.id) as session:
        account = await accounts.by_id(session, house.platform.vault, seat.account_id)
    numbers = [(f"EXT{n:013d}", 1_000 + n) for n in range(COUNT)]
    waiting = iter(numbers)
    found: list[dict[str, object]] = []

    async def payer(outside: httpx.AsyncClient) -> None:
        for number, fen in waiting:
            found.append(await _pay(house, outside, account, number, fen))

    async with httpx.AsyncClient(base_url=house.settings.sandbox_url, trust_env=False, timeout=30) as outside:
        await asyncio.gather(*(payer(outside) for _ in range(AT_ONCE)))
    async with house.platform.database.tenant(client.id) as session:
        await session.execute(insert(models.difference), found)
    return sum(fen for _number, fen in numbers)


async def _pay(house: House, outside: httpx.AsyncClient, account: ChannelAccount, number: str, fen: int) -> dict[str, object]:
    """One payment at the channel, and its difference."""
    way, now = house.platform.channels["wechatpay"], clock.now()
    order = OrderRequest(
        number=number, description="无单收款", amount_fen=fen, scene="native", notify_url="http://127.0.0.1:9/nobody", placed_at=now,
        expires_at=now + dt.timedelta(minutes=30),
    )  # fmt: skip
    await way.create(account, order)
    (await outside.post(f"/sandbox/api/wechatpay/orders/{account.mchid}/{number}/pay", json={})).raise_for_status()
    state = await way.query(account, order.ref)
    return {
        "id": ids.uuid7(), "code": f"D{number}", "bill_on": clock.today(), "klass": "LG1", "channel": "wechatpay", "merchant_number": account.mchid,
        "kind": "pay", "number": number, "channel_number": state.channel_txn_id, "channel_fen": fen, "channel_at": state.paid_at, "amount_fen": fen,
        "differs": "presence", "missing_in": ["business", "platform"], "status": "open",
    }  # fmt: skip


async def _agreed(house: House, client: ClientProfile) -> UUID:
    """One person clicks, another agrees."""
    given = {right: None for right in (rights.READ, rights.HANDLE, rights.CHECK)}
    maker, checker = (Actor(kind="user", id=str(ids.uuid7()), name=name, tenant_id=client.id, rights=given) for name in ("经办", "复核"))
    async with house.platform.database.tenant(client.id) as session:
        batch_id = await bulk.propose(session, client.settings, Asked(), (), RemedyAsk(kind="refund", reason="长款退回"), maker)
    async with house.platform.database.tenant(client.id) as session:
        kinds = approvals.kinds_of(house.platform.plugins, client.plugins)
        waits = await session.scalar(text("SELECT id FROM core.approval WHERE subject_id = :id AND status = 'waiting'"), {"id": batch_id})
        await approvals.approve(session, kinds, waits, checker)
    return batch_id


async def _killed_on_the_way(house: House, client: ClientProfile, batch_id: UUID) -> int:
    """Watch the batch, kill -9 the worker at two points, wait for the end; answers how often it was killed."""
    kills, deadline = 0, time.perf_counter() + PATIENCE_SECONDS
    while time.perf_counter() < deadline:
        try:
            async with house.platform.database.tenant(client.id) as session:
                row = await session.one(_DONE)
                status = await session.scalar(text("SELECT status FROM core.recon_remedy_batch WHERE id = :id"), {"id": batch_id})
        except (PlatformError, OSError):
            await asyncio.sleep(0.2)
            continue
        if kills < len(KILL_AT) and row.begun >= KILL_AT[kills]:
            kills += house.kill("worker")
        if status in ("done", "partial"):
            break
        await asyncio.sleep(0.02)
    return kills


async def _theirs(house: House) -> tuple[int, int, int]:
    """Refunds that went through at the channel, the orders they belong to, and their sum."""
    outside = await asyncpg.connect(plain_url(house.outside.app_url))
    try:
        row = await outside.fetchrow(_THEIRS)
    finally:
        await outside.close()
    return row["refunds"], row["orders"], row["fen"]
