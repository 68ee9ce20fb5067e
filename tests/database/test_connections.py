"""Every connection goes back to its pool, also when a task is cancelled or a request breaks off before its handler."""

import asyncio
import gc

import pytest
from sqlalchemy import text

from core.database import Database
from core.database.routes import Routes
from core.tenancy.directory import Directory


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


async def test_who_holds_the_last_connection_can_still_look_up_whose_request_it_is(addresses, client, platform):
    made = await client()
    database = Database(addresses.app, pool_size=1)
    directory = Directory(database, Routes(database, platform.vault.route_hash))
    async with asyncio.timeout(60), database.tenant(made.id) as session:
        assert (await directory.profile(made.id)).code == made.code
        assert await session.scalar(text("SELECT 1")) == 1
    await database.close()


async def test_a_transaction_ended_early_is_committed_and_gives_its_connection_back(addresses, tenant):
    database = Database(addresses.app, pool_size=1)
    told = []

    async def tell():
        told.append("committed")

    async with asyncio.timeout(60), database.tenant(tenant) as session:
        session.after_commit(tell)
        async with session.ending():
            await session.simple("CREATE TEMPORARY TABLE seen (n int)")
        assert told == ["committed"]
        async with database.tenant(tenant) as other:
            assert await other.scalar(text("SELECT count(*) FROM seen")) == 0
        with pytest.raises(RuntimeError, match="over"):
            await session.scalar(text("SELECT 1"))
    assert told == ["committed"]
    await database.close()


async def test_what_fails_in_the_last_steps_undoes_the_whole_transaction(addresses, tenant):
    database = Database(addresses.app, pool_size=1)
    async with asyncio.timeout(60), database.tenant(tenant) as session:
        await session.simple("CREATE TEMPORARY TABLE gone (n int)")
        with pytest.raises(ZeroDivisionError):
            async with session.ending():
                raise ZeroDivisionError
        async with database.tenant(tenant) as other:
            assert await other.scalar(text("SELECT to_regclass('gone')")) is None
    await database.close()
