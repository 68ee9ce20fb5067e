"""The books: balanced, written once, never edited, and right at every moment."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from core import clock
from core.database.migrate import owner_connection
from core.ledger import repository, service
from core.ledger.errors import AlreadyPosted, NotEnoughBalance, Unbalanced
from core.ledger.schemas import Journal, credit, debit


def journal(key: str, *postings) -> Journal:
    return Journal(key=key, event="test", biz_type="test", biz_id=key, postings=postings, by="test")


def received(key: str, fen: int) -> Journal:
    return journal(key, debit("A.CH.wechatpay.1", fen), credit("L.MER.M1", fen))


async def test_a_journal_moves_both_sides_and_the_trial_balance_is_zero(database, tenant):
    async with database.tenant(tenant) as session:
        await service.post(session, received("a", 10_000))
        await service.post(session, journal("fee", debit("L.MER.M1", 60), credit("I.FEE", 60)))
    async with database.tenant(tenant) as session:
        assert await service.balance(session, "A.CH.wechatpay.1") == 10_000
        assert await service.balance(session, "L.MER.M1") == 9_940
        accounts, total = await service.trial_balance(session)
    assert total == 0
    assert {a.code: a.balance_fen for a in accounts} == {"A.CH.wechatpay.1": 10_000, "L.MER.M1": 9_940, "I.FEE": 60}


async def test_an_unbalanced_journal_is_refused_whole(database, tenant):
    async with database.tenant(tenant) as session:
        with pytest.raises(Unbalanced):
            await service.post(session, journal("x", debit("A.CH.wechatpay.1", 100), credit("L.MER.M1", 99)))
        with pytest.raises(Unbalanced):
            await service.post(session, journal("y", debit("A.CH.wechatpay.1", 0)))
        assert await service.balance(session, "L.MER.M1") == 0


async def test_the_same_key_is_posted_once_even_by_two_at_the_same_time(database, tenant):
    async def post() -> bool:
        try:
            async with database.tenant(tenant) as session:
                await service.post(session, received("once", 500))
            return True
        except AlreadyPosted:
            return False

    assert sorted(await asyncio.gather(*(post() for _ in range(6)))) == [False] * 5 + [True]
    async with database.tenant(tenant) as session:
        assert await service.balance(session, "L.MER.M1") == 500


@pytest.mark.parametrize("table", ["ledger_journal", "ledger_entry", "audit_log", "audit_seal", "allocation", "channel_notice"])
@pytest.mark.parametrize("verb", ["UPDATE core.{} SET tenant_id = tenant_id", "DELETE FROM core.{}"])
async def test_the_database_refuses_to_edit_what_was_written(database, tenant, table, verb):
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with database.tenant(tenant) as session:
            await session.execute(text(verb.format(table)))


async def test_a_reversal_undoes_a_journal_once(database, tenant):
    async with database.tenant(tenant) as session:
        posted = await service.post(session, received("r", 700))
        await service.reverse(session, posted, by="test", memo="记错")
    async with database.tenant(tenant) as session:
        assert await service.balance(session, "L.MER.M1") == 0
        with pytest.raises(AlreadyPosted):
            await service.reverse(session, posted, by="test", memo="再来")


async def test_a_payable_never_falls_below_zero_under_concurrency(database, tenant):
    async with database.tenant(tenant) as session:
        await service.post(session, received("in", 1_000))

    async def take(n: int) -> bool:
        try:
            async with database.tenant(tenant) as session:
                await service.post(session, journal(f"out{n}", debit("L.MER.M1", 300), credit("A.BANK.1", 300)))
            return True
        except NotEnoughBalance:
            return False

    assert sum(await asyncio.gather(*(take(n) for n in range(8)))) == 3
    async with database.tenant(tenant) as session:
        assert await service.balance(session, "L.MER.M1") == 100
        assert not any((await repository.list_faults(session)).values())


async def test_the_balance_at_a_past_moment_is_what_stood_there_then(database, tenant):
    async with database.tenant(tenant) as session:
        await service.post(session, received("t1", 100))
    between = clock.now()
    async with database.tenant(tenant) as session:
        await service.post(session, received("t2", 900))
        assert await service.balance(session, "L.MER.M1", at=between) == 100
        assert await service.balance(session, "L.MER.M1") == 1_000


async def test_a_snapshot_does_not_swallow_a_transaction_that_commits_late(database, tenant):
    """The sum must hold while another transaction, begun before the snapshot, commits after it (architecture §6)."""
    async with database.tenant(tenant) as session:
        await service.post(session, received("early", 100))
    began, may_end = asyncio.Event(), asyncio.Event()

    async def late() -> None:
        async with database.tenant(tenant) as session:
            await service.post(session, received("late", 10))
            began.set()
            await may_end.wait()

    slow = asyncio.create_task(late())
    await began.wait()
    async with database.tenant(tenant) as session:
        await service.post(session, received("after", 1))
    async with database.tenant(tenant) as session:
        await service.take_snapshots(session)
    may_end.set()
    await slow
    async with database.tenant(tenant) as session:
        assert await service.balance(session, "L.MER.M1") == 111
        await service.take_snapshots(session)
    async with database.tenant(tenant) as session:
        assert await service.balance(session, "L.MER.M1") == 111
        assert not any((await repository.list_faults(session)).values())


async def test_payments_into_one_account_do_not_wait_for_each_other(database, tenant):
    """Two open transactions credit the same accounts; neither may wait for the other's commit."""
    async with database.tenant(tenant) as session:
        await service.post(session, received("warm", 1))
    async with database.tenant(tenant) as first:
        await service.post(first, received("one", 10))
        async with database.tenant(tenant) as second:
            await second.simple("SET LOCAL lock_timeout = '200ms'")
            await service.post(second, received("two", 20))
    async with database.tenant(tenant) as session:
        assert await service.balance(session, "L.MER.M1") == 31


async def test_without_a_tenant_the_books_cannot_be_read(database, tenant, addresses):
    with pytest.raises(DBAPIError):
        async with database.reference() as session:
            await session.execute(text("SELECT count(*) FROM core.ledger_entry"))
    async with owner_connection(addresses.owner) as connection:
        with pytest.raises(DBAPIError):
            await connection.execute(text("SELECT count(*) FROM core.ledger_entry"))
