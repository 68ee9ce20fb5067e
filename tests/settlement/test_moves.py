"""Money that finds its merchant later, or another one: it counts on the day it moved, and costs its share of the one fee."""

import datetime as dt

import pytest
from sqlalchemy import text

from core import clock
from core.billing import corrections, credit, service
from core.payments import repository
from core.payments.suspense import service as suspense
from tests.settlement.conftest import DAY, Hall


@pytest.fixture
def tomorrow(monkeypatch):
    """What is done now was done yesterday."""

    def come() -> dt.date:
        later = clock.now() + DAY
        monkeypatch.setattr(clock, "now", lambda: later)
        return clock.today() - DAY

    return come


async def agreed(hall: Hall, approval_id) -> None:
    async with hall.tenant() as session:
        row = await session.one(text("SELECT subject_id, kind FROM core.approval WHERE id = :id"), {"id": approval_id})
    kind = next(a for _, a in hall.platform.plugins.collect_all("register_approvals") if a.kind == row.kind)
    await hall.agree(row.subject_id, kind.permission)


async def test_suspense_and_credit_count_when_they_find_a_merchant(hall, tomorrow):
    bill, meals, more = await hall.bill(("TUITION", 95_000)), await hall.bill(("MEAL", 40_000)), await hall.bill(("TUITION", 55_000))
    for _ in range(2):
        await hall.pay(bill=bill, fen=95_000)
    assert (await hall.calculate())["TUITION"].gross_fen == 95_000
    child = hall.trade.children[0]
    async with hall.tenant() as session:
        [item] = await repository.list_suspense(session, "open", None, 50)
        asked = await suspense.propose(session, item.id, amount_fen=40_000, reason="家长来电", by=hall.maker, bill_id=meals)
    await agreed(hall, asked)
    async with hall.tenant() as session:
        asked = await suspense.propose(session, item.id, amount_fen=55_000, reason="留作余额", by=hall.maker, party_id=child)
    await agreed(hall, asked)
    async with hall.tenant() as session:
        assert await credit.use(session, [child], more, hall.maker, "once") == 55_000
    assert (await hall.calculate())["TUITION"].gross_fen == 95_000, "not on the day of the payment"
    batches = await hall.calculate(tomorrow())
    assert {code: (batch.gross_fen, batch.fee_fen) for code, batch in batches.items()} == {"MEAL": (40_000, 240), "TUITION": (55_000, 330)}
    assert await hall.faults() == {}


async def test_money_moved_to_another_merchants_bill_takes_its_fee_along(hall, tomorrow):
    bill, meals = await hall.bill(("TUITION", 95_000)), await hall.bill(("MEAL", 40_000))
    await hall.pay(bill=bill, fen=95_000)
    await hall.calculate()
    async with hall.tenant() as session:
        source, target = await service.find_bill(session, bill), await service.find_bill(session, meals)
        asked = await corrections.propose_move(session, source, target, 40_000, "缴错了账单", hall.maker)
    await agreed(hall, asked)
    batches = await hall.calculate(tomorrow())
    assert {code: (batch.gross_fen, batch.fee_fen) for code, batch in batches.items()} == {"MEAL": (40_000, 240), "TUITION": (-40_000, -240)}
    assert await hall.faults() == {}


async def test_what_the_client_takes_at_its_own_window_is_not_paid_out(hall):
    payment = await hall.pay(("TUITION", 95_000))
    async with hall.tenant() as session:
        await session.execute(text("UPDATE core.payment SET channel = 'counter', mchid = 'DESK' WHERE id = :id"), {"id": payment})
    assert await hall.calculate() == {}
    hall.settings["settlement_skips"] = []
    assert (await hall.calculate())["TUITION"].gross_fen == 95_000


async def test_several_channels_are_in_one_batch(hall):
    await hall.pay(("TUITION", 95_000))
    other = await hall.pay(("TUITION", 5_000))
    async with hall.tenant() as session:
        await session.execute(text("UPDATE core.payment SET channel = 'stripe', mchid = 'acct_1' WHERE id = :id"), {"id": other})
    await hall.reconciled()
    batch = (await hall.calculate())["TUITION"]
    assert (batch.gross_fen, batch.pay_count, batch.gate["without_rate"]) == (100_000, 2, ["stripe"])
    assert {item.channel for item in await hall.items(batch.id)} == {"wechatpay", "stripe"}


async def test_a_channel_that_keeps_its_fee_gives_none_back(hall):
    payment = await hall.pay(("TUITION", 10_000))
    await hall.refund(payment, 10_000)
    async with hall.tenant() as session:
        await session.execute(text("UPDATE core.payment SET channel = 'stripe'"))
        await session.execute(text("UPDATE core.rate SET channel = 'stripe', rate_ppm = 29000, fixed_fen = 30"))
    await hall.reconciled()
    batch = (await hall.calculate())["TUITION"]
    assert (batch.fee_fen, batch.fee_refund_fen, batch.net_fen, batch.status) == (320, 0, -320, "carried")
    assert await hall.faults() == {}
