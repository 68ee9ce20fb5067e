"""A drill from end to end: open a client, let payers come, hurt everything that runs, then heal it and count."""

import asyncio
import contextlib
import random
from collections.abc import Sequence
from uuid import UUID

import httpx
import msgspec
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core import ids
from core.approvals import service as approvals
from core.bench import ground
from core.bench.chaos import by_hand, mornings, tally
from core.bench.chaos import house as houses
from core.bench.chaos.house import PROCESSES, House
from core.bench.chaos.traffic import Owed, Traffic
from core.bench.ground import Ground, Seat
from core.errors import PlatformError
from core.identity.actor import Actor
from core.refunds import service as refunds
from core.refunds.schemas import RefundAsk
from core.tenancy.directory import ClientProfile

log = structlog.get_logger()
LIES = (
    ("notice_lose", 10, None), ("notice_duplicate", 15, None), ("notice_reorder", 10, 3.0), ("notice_delay", 15, 2.0),
    ("notice_tamper_amount", 5, None), ("notice_tamper_signature", 5, None), ("api_error", 4, None), ("api_timeout", 2, 6.0),
    ("api_tamper", 2, None), ("pay_after_close", 30, 2.0), ("refund_fail", 5, None), ("refund_slow", 10, 3.0),
)  # fmt: skip
"""What the outside world does, in percent, and for how many seconds."""
FULL_DISK_SECONDS = 2.0


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How much of everything; the same seed hurts in the same order."""

    payments: int = 300
    refunds: int = 60
    kills_each: int = 4
    pause_seconds: float = 2.0
    at_once: int = 12
    seed: int = 1
    without: tuple[str, ...] = ()
    """Lies that are not told: a refund that fails is sent again after five minutes, too long for a short drill."""
    drain_seconds: float = 480


async def run(plan: Plan) -> tally.Tally:
    """Run a drill and count."""
    chance = random.Random(plan.seed)
    async with houses.opened() as house:
        client, seat = await _client(house)
        await mornings.prepare(house, client, seat)
        bills = await _bills(house, seat, plan.payments)
        traffic = Traffic(house, client.code, seat.mchid, chance)
        await _lie(house, [lie for lie in LIES if lie[0] not in plan.without])
        trouble = asyncio.create_task(_hurt(house, plan, chance))
        asking = asyncio.create_task(_refund(house, client, plan, chance))
        try:
            await traffic.flow(bills, plan.at_once)
            await trouble
            await asking
        finally:
            trouble.cancel()
            asking.cancel()
        await _lie(house, ())
        await house.until_ready()
        await _until_decided(house, client, plan.drain_seconds)
        found = await tally.take(house, client, dict(traffic.done), traffic.unexpected)
        found.equation, told = await mornings.close(house, client)
        found.faults += told
        return found


async def _client(house: House) -> tuple[ClientProfile, Seat]:
    async with httpx.AsyncClient(base_url=house.settings.sandbox_url, trust_env=False) as outside:
        given = (await outside.post("/sandbox/api/wechatpay/merchants", json={"name": "混沌演练"})).raise_for_status().json()
    stage = Ground(house.postgres, house.settings, house.platform, house.platform.plugins, *await ground.found_bank(house.platform))
    seat = await ground.seat(stage, given["credentials"], mchid=given["mchid"], appid=given["appid"], base_url=given["base_url"])
    return await house.platform.directory.profile(seat.id), seat


async def _bills(house: House, seat: Seat, count: int) -> list[Owed]:
    stage = Ground(house.postgres, house.settings, house.platform, house.platform.plugins, seat.id, seat.id)
    people = await ground.add_people(stage, seat, count)
    async with house.platform.database.tenant(seat.id) as session:
        await ground.issue(session, ground.drafts(seat, people, "chaos"))
        rows = await session.all(text("SELECT id, pay_code, amount_fen FROM core.bill ORDER BY id"))
    return [Owed(row.id, row.pay_code, row.amount_fen) for row in rows]


async def _lie(house: House, lies: Sequence[tuple[str, int, float | None]]) -> None:
    faults = [{"kind": kind, "percent": percent, "seconds": seconds} for kind, percent, seconds in lies]
    async with httpx.AsyncClient(base_url=house.settings.sandbox_url, trust_env=False, timeout=15) as outside:
        (await outside.put("/sandbox/api/faults", json={"faults": faults})).raise_for_status()


async def _hurt(house: House, plan: Plan, chance: random.Random) -> None:
    """Kill each process so many times in a random order, fill the disk once, and let workers with wrong clocks join half-way."""
    victims = [name for name in PROCESSES for _ in range(plan.kills_each)]
    chance.shuffle(victims)
    for number, name in enumerate(victims):
        await asyncio.sleep(plan.pause_seconds * (0.5 + chance.random()))
        for _ in range(200):
            if house.kill(name):
                break
            await asyncio.sleep(0.1)
        if number == len(victims) // 2:
            house.add_wrong_clocks()
            await house.fill_disk(FULL_DISK_SECONDS)


async def _refund(house: House, client: ClientProfile, plan: Plan, chance: random.Random) -> None:
    """Ask for money back on paid bills, approved by somebody else, while everything burns."""
    maker, checker = (Actor(kind="user", id=str(ids.uuid7()), name=name, tenant_id=client.id, rights={refunds.CHECK: None, refunds.MAKE: None})
                      for name in ("经办", "复核"))  # fmt: skip
    asked: set[UUID] = set()
    while len(asked) < plan.refunds:
        await asyncio.sleep(0.3)
        with contextlib.suppress(PlatformError, OSError, DBAPIError):  # also what a full disk says: nothing of it was written, it is asked again
            async with house.platform.database.tenant(client.id) as session:
                rows = await session.all(text("SELECT id, paid_fen FROM core.bill WHERE status = 'paid' ORDER BY random() LIMIT 20"))
            fresh = [row for row in rows if row.id not in asked][: plan.refunds - len(asked)]
            for row in fresh:
                await _refund_one(house, client, RefundAsk(amount_fen=chance.randint(1, row.paid_fen), reason="退费演练", bill_id=row.id), maker, checker)
                asked.add(row.id)


async def _refund_one(house: House, client: ClientProfile, ask: RefundAsk, maker: Actor, checker: Actor) -> None:
    kinds = approvals.kinds_of(house.platform.plugins, client.plugins)
    async with house.platform.database.tenant(client.id) as session:
        made = await refunds.request(session, client.settings, ask, maker)
        approval = await session.scalar(text("SELECT id FROM core.approval WHERE subject_id = :id AND status = 'waiting'"), {"id": made.id})
        await approvals.approve(session, kinds, approval, checker)


async def _until_decided(house: House, client: ClientProfile, seconds: float) -> None:
    """Wait until nothing is open any more, with people who take over what the machine has given up; the rest is counted as a fault."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                with contextlib.suppress(PlatformError, OSError):
                    await by_hand.look_after(house.platform, client)
                    if not await tally.undecided(house, client):
                        return
                await asyncio.sleep(1)
