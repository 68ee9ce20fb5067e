"""Refunds at the window: offered whatever they are of, and paid out while a worker asks about them."""

import asyncio

import pytest
from sqlalchemy import text

from core.counter import payouts, service, shifts
from core.identity.actor import Actor
from core.jobs.pulse import pulse
from core.payments.accounts import service as accounts
from core.payments.capture import decide
from core.payments.channels.protocol import ChannelState
from core.payments.schemas import PayItem
from core.refunds import sending
from core.refunds import service as refunds
from core.refunds.schemas import RefundAsk
from tests import trade
from tests.counter.conftest import MCHID


@pytest.fixture
def at(platform, shop):
    """Does some work in a transaction of its own."""

    async def run(work):
        async with platform.database.tenant(shop.tenant_id) as session:
            return await work(session)

    return run


@pytest.fixture
def sent(platform, shop, at):
    """A refund that waits to be paid out at a window; answers its item."""
    maker = Actor(kind="user", id="maker", name="经办甲", tenant_id=shop.tenant_id, rights={"refunds.refund.make": None})

    async def ask(**given):
        asked = RefundAsk(reason="退费", **given)
        made = await at(lambda s: refunds.request(s, {"refund_auto_limit_fen": 10_000_000}, asked, maker))
        await pulse(platform, shop.tenant_id)
        return (await at(lambda s: refunds.find(s, made.id))).items[0]

    return ask


async def test_money_without_an_owner_goes_back_from_the_window_as_a_transfer_not_out_of_the_drawer(platform, shop, cashier, at, sent):
    async def unknown(session):
        _, account = await accounts.collecting(session, platform.vault, "counter")
        state = ChannelState(
            state="succeeded", order_number="C2611220000000000", mchid=MCHID, appid="", channel_txn_id="B1", amount_fen=77_700, currency="CNY",
        )  # fmt: skip
        await decide(session, account, state)
        return await session.scalar(text("SELECT id FROM core.suspense_item"))

    item = await sent(suspense_id=await at(unknown), amount_fen=77_700)
    assert [row.number for row in await at(payouts.waiting)] == [item.number]
    shift_id = await at(lambda s: shifts.open_shift(s, cashier, "一号窗口", 20_000))
    await at(lambda s: payouts.pay_out(s, platform.vault, cashier, item.number))
    shift = await at(lambda s: shifts.find(s, shift_id, cashier))
    assert (shift.expected_fen, shift.by_kind) == (20_000, {"transfer": (1, -77_700)})
    assert await trade.faults(platform, shop.tenant_id) == {}


async def test_a_refund_is_paid_out_while_workers_ask_about_it(platform, shop, cashier, at, sent):
    """Window and worker hold the refund before its item: neither has to be turned away by the database."""
    bill, _ = await trade.bills(platform, shop)
    await at(lambda s: shifts.open_shift(s, cashier, "一号窗口", 0))
    await at(lambda s: service.take_cash(s, platform.vault, cashier, [PayItem(bill, 95_000)], 95_000, "k1"))
    profile = await platform.directory.profile(shop.tenant_id)
    for _ in range(6):
        item = await sent(bill_id=bill, amount_fen=1_000)
        await asyncio.gather(
            *(sending.advance(platform, profile, item.id) for _ in range(3)),
            at(lambda s, number=item.number: payouts.pay_out(s, platform.vault, cashier, number)),
        )
    assert await at(payouts.waiting) == []
    assert await trade.faults(platform, shop.tenant_id) == {}
