"""Every connection goes back to its pool, also when a task is cancelled or a request breaks off before its handler."""

import asyncio
import gc

from core.database import Database


async def test_a_task_cancelled_while_it_begins_gives_its_connection_back(addresses, tenant, caplog):
    database = Database(addresses.app, pool_size=3)

    async def work():
        async with database.tenant(tenant) as session:
            await session.simple("SELECT 1")

    for turns in range(40):
        await asyncio.gather(work(), work())
        task = asyncio.create_task(work())
        for _ in range(turns % 10):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    gc.collect()
    await database.close()
    assert "garbage collector" not in caplog.text


async def test_requests_whose_client_is_not_found_give_their_connections_back(bank, staff, caplog):
    operator = await staff(bank.id, "billing.bill.read")
    answers = await asyncio.gather(*(operator.get("/api/v1/approvals") for _ in range(40)))
    gc.collect()
    assert {answer.status_code for answer in answers} == {404}
    assert "garbage collector" not in caplog.text
