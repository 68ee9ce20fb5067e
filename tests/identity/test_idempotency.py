"""Asked twice, done once."""

import asyncio
import datetime as dt

import pytest
from sqlalchemy import update

from core import clock
from core.identity import idempotency
from core.identity.errors import IdempotencyInProgress, IdempotencyKeyMissing, IdempotencyKeyReused
from core.identity.idempotency import Answer
from core.identity.models import idempotency as table

WHERE = {"who": "user-1", "route": "POST /api/v1/refunds"}


@pytest.fixture
def counted(platform, tenant):
    """Asks with a key; `.done` counts how often the work was really done."""

    class Asking:
        done = 0

        async def __call__(self, key, body=b"{}", **where):
            async def work() -> Answer:
                self.done += 1
                return Answer(201, {"n": self.done})

            async with platform.database.tenant(tenant) as session:
                return await idempotency.once(session, **(WHERE | where), key=key, body=body, work=work)

    return Asking()


async def test_the_same_key_and_body_get_the_same_answer(counted):
    assert await counted("key-00001") == Answer(201, {"n": 1})
    assert await counted("key-00001") == Answer(201, {"n": 1})
    assert counted.done == 1


async def test_the_same_key_with_another_body_is_refused(counted):
    await counted("key-00002")
    with pytest.raises(IdempotencyKeyReused):
        await counted("key-00002", body=b'{"amount_fen": 2}')
    assert counted.done == 1


async def test_a_key_counts_for_one_asker_and_one_route(counted):
    await counted("key-00003")
    await counted("key-00003", who="user-2")
    await counted("key-00003", route="POST /api/v1/payouts")
    assert counted.done == 3


@pytest.mark.parametrize("key", [None, "", "short", "x" * 101, "with\nnewline"])
async def test_a_request_without_a_proper_key_is_refused(counted, key):
    with pytest.raises(IdempotencyKeyMissing):
        await counted(key)


async def test_twins_at_the_same_moment_do_the_work_once(counted):
    answers = await asyncio.gather(*(counted("key-00004") for _ in range(5)))
    assert counted.done == 1
    assert answers == [Answer(201, {"n": 1})] * 5


async def test_work_that_failed_keeps_nothing_and_may_be_tried_again(platform, tenant, counted):
    async def fails() -> Answer:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        async with platform.database.tenant(tenant) as session:
            await idempotency.once(session, **WHERE, key="key-00005", body=b"{}", work=fails)
    assert await counted("key-00005") == Answer(201, {"n": 1})


async def test_between_two_transactions_a_twin_is_told_to_come_back(platform, tenant):
    async def claim():
        async with platform.database.tenant(tenant) as session:
            return await idempotency.claim(session, **WHERE, key="key-00006", body=b"{}")

    assert await claim() is None
    with pytest.raises(IdempotencyInProgress):
        await claim()
    async with platform.database.tenant(tenant) as session:
        await session.execute(update(table).values(created_at=clock.now() - dt.timedelta(seconds=61)))
    assert await claim() is None, "what a crash left is taken over"
    async with platform.database.tenant(tenant) as session:
        await idempotency.store(session, **WHERE, key="key-00006", answer=Answer(200, {"ok": True}))
    assert await claim() == Answer(200, {"ok": True})


async def test_what_was_not_done_after_all_releases_its_key(platform, tenant):
    for _ in range(2):
        async with platform.database.tenant(tenant) as session:
            assert await idempotency.claim(session, **WHERE, key="key-00007", body=b"{}") is None
            await idempotency.release(session, **WHERE, key="key-00007")
