"""One merchant number of a channel, one client: learned from a file or declared, it is nobody else's, and nobody is told whose it is."""

import asyncio

import pytest
from sqlalchemy import text

from core.database import routes
from core.tenancy import numbers
from tests.statements.conftest import STATEMENTS

TRADE = STATEMENTS / "broken/ok-wechatpay.csv"
EMPTY = STATEMENTS / "broken/empty-day.csv"
DAY, NUMBER = "2026-03-01", "1999000311"


@pytest.fixture
async def other(client):
    """Another hospital of the same bank."""
    return await client(kind="hospital", plugins=("medical",))


async def held(platform, who, number: str = NUMBER, channel: str = "wechatpay") -> bool:
    async with platform.database.tenant(who.id) as session:
        return await numbers.hold(session, platform.vault, channel, number)


async def counted(platform, who, table: str) -> int:
    async with platform.database.tenant(who.id) as session:
        return await session.scalar(text(f"SELECT count(*) FROM core.{table}"))


async def test_another_clients_file_is_refused_though_no_number_was_declared(hospital, other, hand_in, platform):
    assert not (await hand_in(hospital, "wechatpay-trade", DAY, TRADE)).refused
    said = await hand_in(other, "wechatpay-trade", DAY, TRADE)
    assert (said.verdict, said.reason_code, said.rows_loaded) == ("reject_file", "other_merchant", 0)
    assert NUMBER in said.reason and "开户网点" in said.reason
    assert hospital.name not in said.reason and hospital.code not in said.reason, "nobody is told whose it is"
    assert (await counted(platform, other, "statement_line"), await counted(platform, other, "statement_merchant")) == (0, 0)
    assert not (await hand_in(hospital, "wechatpay-trade", "2026-03-01", STATEMENTS / "broken/goods-name-escaped.csv")).refused


async def test_naming_the_number_does_not_make_it_ones_own(hospital, other, hand_in, platform):
    await hand_in(hospital, "wechatpay-trade", DAY, TRADE)
    for content in (TRADE, EMPTY):
        said = await hand_in(other, "wechatpay-trade", DAY, content, merchant=NUMBER)
        assert (said.verdict, said.reason_code) == ("reject_file", "other_merchant")
    assert await counted(platform, other, "statement_merchant") == 0


async def test_of_two_clients_at_once_one_learns_the_number(hospital, other, hand_in, platform):
    said = await asyncio.gather(*(hand_in(who, "wechatpay-trade", DAY, TRADE) for who in (hospital, other)))
    assert sorted(verdict.refused for verdict in said) == [False, True]


async def test_a_file_that_was_refused_holds_nothing(hospital, other, hand_in):
    said = await hand_in(hospital, "wechatpay-trade", DAY, STATEMENTS / "broken/summary-mismatch.csv", merchant=NUMBER)
    assert said.refused
    assert not (await hand_in(other, "wechatpay-trade", DAY, TRADE)).refused


async def test_a_number_known_from_before_is_held_from_its_next_file_on(hospital, other, hand_in, platform):
    async with platform.database.tenant(hospital.id) as session:
        known = "INSERT INTO core.statement_merchant (id, channel, number, made_by) VALUES (gen_random_uuid(), 'wechatpay', :number, 'test')"
        await session.execute(text(known), {"number": NUMBER})
    assert not (await hand_in(hospital, "wechatpay-trade", DAY, TRADE)).refused
    assert (await hand_in(other, "wechatpay-trade", DAY, TRADE)).refused


async def test_the_same_digits_at_another_channel_are_another_number(hospital, other, platform):
    assert await held(platform, hospital)
    assert await held(platform, hospital), "again is no matter"
    assert not await held(platform, other)
    assert await held(platform, other, channel="alipay")


@pytest.mark.parametrize("channel", ["counter", "bank", ""])
async def test_what_is_no_merchant_number_is_held_by_nobody(hospital, other, platform, channel):
    assert await held(platform, hospital, "COUNTER", channel)
    assert await held(platform, other, "COUNTER", channel)


async def test_the_database_has_the_hash_once_and_no_number(hospital, other, platform):
    assert await held(platform, hospital)
    async with platform.database.reference() as session:
        rows = await session.all(text("SELECT key_hash, tenant_id FROM core.route WHERE kind = 'number'"))
    assert [row.tenant_id for row in rows] == [hospital.id]
    assert NUMBER.encode() not in rows[0].key_hash
    async with platform.database.tenant(other.id) as session:
        assert not await routes.hold(session, "number", rows[0].key_hash)
        await numbers.give_back(session)
    assert not await held(platform, other), "one gives back one's own only"


async def test_what_is_given_back_may_be_anothers(hospital, other, platform):
    assert await held(platform, hospital)
    async with platform.database.tenant(hospital.id) as session:
        await numbers.give_back(session)
    assert await held(platform, other)
