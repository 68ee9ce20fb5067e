"""A day with payments and refunds at each channel's sandbox, over real HTTP: fetched by schedule, judged, loaded."""

import asyncio
import contextlib
import datetime as dt

import httpx
import msgspec
import pytest
from sqlalchemy import insert

from core import clock, ids
from core.identity.actor import system
from core.payments.channels.alipay import Alipay
from core.payments.channels.conformance import listening
from core.payments.channels.conformance.refunds import refunded
from core.payments.channels.conformance.world import paid, refund_of
from core.payments.channels.protocol import ChannelAccount
from core.payments.channels.stripe import StripeGateway
from core.payments.channels.unionpay import UnionPay
from core.payments.channels.wechatpay import WechatPay
from core.payments.models import channel_account
from core.statements import fetchers, fetching, fetching_repository, lists
from core.statements.lists import LinesAsked
from tests.payer_fixtures import outside_world
from tests.payments.channels.test_conformance_alipay import PERSON, AlipayWorld
from tests.payments.channels.test_conformance_stripe import ALL, CardWorld
from tests.payments.channels.test_conformance_unionpay import UnionPayWorld
from tests.payments.channels.test_conformance_wechatpay import WechatWorld

__all__ = ["outside_world"]
CHANNELS = {
    "wechatpay": (WechatPay, WechatWorld, "wechatpay-trade"),
    "alipay": (Alipay, AlipayWorld, "alipay-trade"),
    "unionpay": (UnionPay, UnionPayWorld, "unionpay"),
    "stripe": (StripeGateway, CardWorld, "stripe-balance"),
}


@pytest.fixture
async def make_world(outside_world):
    """Makes a merchant at a channel's sandbox, and a payer who pays it."""
    async with contextlib.AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx.AsyncClient(timeout=5, trust_env=False))
        outside = await stack.enter_async_context(httpx.AsyncClient(base_url=outside_world, trust_env=False))

        async def make(code: str):
            makes, kind, _ = CHANNELS[code]
            ear = await stack.enter_async_context(listening(makes(client)))

            async def register() -> ChannelAccount:
                wanted = {"name": "榕城第一实验学校"} | ({"webhook_url": ear.notify_url(ALL)} if code == "stripe" else {})
                given = (await outside.post(f"/sandbox/api/{code}/merchants", json=wanted)).json()
                return ChannelAccount(channel=code, **{name: given[name] for name in ("mchid", "appid", "base_url", "credentials")})

            world = kind(client, outside, await register(), ear, register)
            if code == "alipay":
                world.scene = "native"
                users = (await outside.get("/sandbox/api/alipay/users", params={"appid": world.account.appid})).json()
                world.buyer = next(user["open_id"] for user in users if user["code"] == PERSON)
            return world

        yield make


async def collect(platform, client, account: ChannelAccount, days: int = 3) -> None:
    """The client collects on this account since some days."""
    async with platform.database.tenant(client.id) as session:
        sealed = (await platform.vault.keys(session)).seal(msgspec.json.encode(account.credentials))
        row = {
            "id": ids.uuid7(), "channel": account.channel, "mchid": account.mchid, "appid": account.appid, "mode": account.mode,
            "base_url": account.base_url, "credentials_sealed": sealed, "created_at": clock.now() - dt.timedelta(days=days),
        }  # fmt: skip
        await session.execute(insert(channel_account), row)


async def fetched(platform, client, day: dt.date) -> dict[dt.date, object]:
    """Everything that is due is fetched; the awaited files by day."""
    for _ in range(5):
        due_at = await fetching.fetch_due(platform, client.id)
        if due_at is None or due_at > clock.now():
            break
    async with platform.database.tenant(client.id) as session:
        return {row.bill_on: row for row in await fetching_repository.list_days(session, day - dt.timedelta(days=9), day + dt.timedelta(days=9))}


VERDICTS = {"wechatpay": "accept_normalised"}
"""WeChat Pay writes a byte order mark before the first header, which is taken off and noted."""


@pytest.mark.parametrize("code", CHANNELS)
async def test_a_day_of_payments_and_refunds_is_fetched_and_accepted(platform, client, make_world, code):
    world = await make_world(code)
    payment, other = await paid(world, amount_fen=10_000), await paid(world, amount_fen=333)
    refund = refund_of(payment, 2_500)
    await refunded(world, refund)
    day = await world.age(payment.order)
    assert await world.age(other.order) == day
    if code == "unionpay":  # there a refund is a trade of its own, with a settlement day of its own
        await world.age(msgspec.structs.replace(other.order, number=refund.number))
    school = await client(plugins=())
    await collect(platform, school, world.account)
    rows = await fetched(platform, school, day)
    assert rows[day].status == "fetched", (rows[day].error, rows[day])
    async with platform.database.tenant(school.id) as session:
        found = await lists.find(session, rows[day].statement_id)
        lines = (await lists.list_lines(session, found.id, LinesAsked(), None)).items
    trades = {(line.kind, line.number): line for line in lines if line.counts}
    assert (found.source, found.verdict, found.merchant_number) == (CHANNELS[code][2], VERDICTS.get(code, "accept"), world.account.mchid), found.reason
    assert set(trades) == {("pay", payment.order.number), ("pay", other.order.number), ("refund", refund.number)}
    assert (found.pay_count, found.pay_amount_fen, found.refund_count, found.refund_amount_fen) == (2, 10_333, 1, 2_500)
    assert trades["refund", refund.number].order_number == payment.order.number
    assert found.fee_fen == sum(line.fee_fen for line in lines)
    assert trades["pay", payment.order.number].fee_fen > 0
    assert trades["pay", payment.order.number].channel_number == payment.state.channel_txn_id
    empty = rows[day - dt.timedelta(days=1)]
    assert empty.status == "empty"
    async with platform.database.tenant(school.id) as session:
        assert (await lists.find(session, empty.statement_id)).reason_code == "empty_day"
        assert await fetching.day_complete(session, day)


async def test_fetching_again_changes_nothing_and_two_workers_do_not_meet(platform, client, make_world):
    world = await make_world("wechatpay")
    payment = await paid(world, amount_fen=10_000)
    day = await world.age(payment.order)
    school = await client(plugins=())
    await collect(platform, school, world.account)
    await asyncio.gather(*(fetching.fetch_due(platform, school.id) for _ in range(4)))
    first = await fetched(platform, school, day)
    assert first[day].tries == 1
    async with platform.database.tenant(school.id) as session:
        known = {row.source: row for row in await fetching_repository.list_days(session, day, day)}
        assert list(known) == ["wechatpay-trade"]
        await fetching_repository.hurry(session, day, clock.now(), again=True)
    second = await fetched(platform, school, day)
    assert (second[day].tries, second[day].statement_id) == (2, first[day].statement_id)
    async with platform.database.tenant(school.id) as session:
        assert len((await lists.list_statements(session, lists.Asked(start=day, until=day), None)).items) == 1


async def test_who_presses_sees_what_came_though_workers_are_at_it_too(make_world, platform, client):
    world = await make_world("wechatpay")
    payment = await paid(world, amount_fen=1_200)
    day = await world.age(payment.order)
    school = await client(plugins=())
    await collect(platform, school, world.account)
    known = fetchers.of(platform, ())

    async def press():
        assert await fetching.ask_now(platform, school.id, known, day, system(school.id)) == 1
        return await listed(platform, school, day)

    seen, *_ = await asyncio.gather(press(), *(fetching.fetch_due(platform, school.id) for _ in range(4)))
    assert [(row.status, row.next_at) for row in seen] == [("fetched", None)]


async def listed(platform, school, day):
    async with platform.database.tenant(school.id) as session:
        return await fetching_repository.list_days(session, day, day)
