"""One series per client and year without a gap: under many jobs at once, under kill -9, and while receipts are being voided."""

import asyncio
import signal
import sys

from sqlalchemy import text

from core.identity.actor import system
from core.receipts import service
from tests import families
from tests.receipts.shop import pay, rows

NUMBERS_AND_HANGS = """
import asyncio, sys
from uuid import UUID
from core import clock
from core.database import Database
from core.receipts import repository

async def main(url, tenant):
    database = Database(url)
    async with database.tenant(UUID(tenant)) as session:
        await repository.number_waiting(session, clock.today().year, "{}", clock.now(), 500)
        print("numbered", flush=True)
        await asyncio.sleep(600)

asyncio.run(main(*sys.argv[1:]))
"""
"""A worker that has given the numbers and dies before they are safe."""


async def waiting(platform, shop, count: int) -> None:
    """So many receipts wait for a number."""
    for _ in range(count):
        await pay(platform, shop, [(await families.bill(platform, shop, shop.children[0]), 95_000)])
    async with platform.database.tenant(shop.id) as session:
        paid = await session.all(text("SELECT payment_id, array_agg(DISTINCT bill_id) AS bills FROM core.allocation GROUP BY payment_id"))
        for row in paid:
            await service.prepare(session, row.payment_id, row.bills)


async def issue(platform, shop, limit: int = 500) -> int:
    async with platform.database.tenant(shop.id) as session:
        return await service.issue_waiting(session, shop.client, limit)


async def test_a_worker_killed_with_the_numbers_in_hand_leaves_no_gap(platform, shop, addresses):
    await waiting(platform, shop, 5)
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", NUMBERS_AND_HANGS, addresses.app, str(shop.id), stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        assert await worker.stdout.readline() == b"numbered\n"
        other = asyncio.create_task(issue(platform, shop))
        worker.send_signal(signal.SIGKILL)
        await worker.wait()
        assert await other == 5
    assert [r.seq for r in await rows(platform, shop)] == [1, 2, 3, 4, 5]


async def test_numbers_go_on_after_a_batch_that_was_rolled_back(platform, shop):
    await waiting(platform, shop, 4)
    assert await issue(platform, shop, 2) == 2
    try:
        async with platform.database.tenant(shop.id) as session:
            await service.issue_waiting(session, shop.client, 1)
            raise RuntimeError("the worker's machine goes away")
    except RuntimeError:
        pass
    assert await issue(platform, shop) == 2
    assert [r.seq for r in await rows(platform, shop)] == [1, 2, 3, 4]


async def test_voiding_and_numbering_at_once_leave_no_gap(platform, shop):
    await waiting(platform, shop, 12)
    async with platform.database.tenant(shop.id) as session:
        held = await session.all(text("SELECT payment_id, bill_id FROM core.receipt"))

    async def void(row, key: str) -> None:
        async with platform.database.tenant(shop.id) as session:
            await service.red_flush(session, row.payment_id, row.bill_id, 95_000, "退费", system(shop.id), key)

    await asyncio.gather(
        *(issue(platform, shop, 3) for _ in range(4)), *(void(row, f"RF{n}") for n, row in enumerate(held[:6])), issue(platform, shop, 3)
    )
    while await issue(platform, shop):
        pass
    made = await rows(platform, shop)
    numbered = [r for r in made if r.number]
    assert [r.seq for r in numbered] == list(range(1, len(numbered) + 1))
    assert {r.status for r in made if not r.number} <= {"voided"}
    assert sum(r.amount_fen for r in numbered) == 6 * 95_000


async def test_a_new_year_begins_at_one(platform, shop):
    await waiting(platform, shop, 2)
    assert await issue(platform, shop) == 2
    async with platform.database.tenant(shop.id) as session:
        await session.execute(text("UPDATE core.receipt SET year = year - 1, number = 'R' || (year - 1) || lpad(seq::text, 8, '0')"))
    await waiting(platform, shop, 1)
    assert await issue(platform, shop) == 1
    assert sorted((r.year, r.seq) for r in await rows(platform, shop))[-1][1] == 1
