"""Orders that nobody decided: how often they are asked for, and when they stop standing in a bill's way."""

import pytest
from sqlalchemy import text

from core import clock
from core.payments import capture, desk
from core.payments.channels.errors import AlreadyPaid, ChannelUnknown
from core.payments.channels.protocol import ChannelState
from core.payments.errors import AnotherPaymentUnderWay
from core.payments.schemas import PayItem
from core.payments.service import LADDER_SECONDS, advance
from core.payments.suspense import service as suspense
from tests import trade
from tests.refunds.conftest import channel, office

__all__ = ["channel", "office"]


async def placed(office, queries: int, expired: bool) -> str:
    number = await trade.order(office.platform, office.trade, [(office.bills[0], 95_000)])
    async with office.tenant() as session:
        ends = "now() - interval '1 hour'" if expired else "now() + interval '90 seconds'"
        asked = text(f"UPDATE core.payment_order SET expires_at = {ends}, queries = :queries WHERE number = :number")
        await session.execute(asked, {"number": number, "queries": queries})
    return number


async def standing(office, number: str):
    async with office.tenant() as session:
        row = await session.one(text("SELECT status, next_query_at, last_error FROM core.payment_order WHERE number = :n"), {"n": number})
    return row, (row.next_query_at - clock.now()).total_seconds() if row.next_query_at else None


@pytest.mark.parametrize(("queries", "expired", "least", "most"), [(2, False, 10, 20), (40, False, 60, 90), (40, True, 200, LADDER_SECONDS[-1])])
async def test_a_channel_that_does_not_answer_is_left_in_peace_between_questions(office, monkeypatch, queries, expired, least, most):
    number = await placed(office, queries, expired)

    async def silent(account, order):
        raise ChannelUnknown(reason="ConnectTimeout")

    monkeypatch.setattr(office.channel, "query", silent, raising=False)
    await advance(office.platform, office.client, number)
    row, wait = await standing(office, number)
    assert row.status == "pending" and least < wait <= most


async def test_an_amount_that_differs_blocks_the_bill_until_two_people_have_looked_into_it(office, monkeypatch):
    number = await placed(office, 40, expired=True)

    async def paid(account, order):
        return ChannelState(
            state="succeeded", order_number=number, mchid=trade.MCHID, appid=trade.APPID, channel_txn_id="42X", amount_fen=94_999, currency="CNY",
            paid_at=clock.now(),
        )  # fmt: skip

    async def close(account, order):
        raise AlreadyPaid(channel_code="ORDERPAID", channel_message="")

    monkeypatch.setattr(office.channel, "query", paid, raising=False)
    monkeypatch.setattr(office.channel, "close", close, raising=False)
    await advance(office.platform, office.client, number)

    async def at_the_desk():
        async with office.tenant() as session:
            items, account = [PayItem(office.bills[0], 95_000)], office.trade.account
            return await desk.record(session, office.trade.account_id, account, items, scene="cash", key="k" * 10, reference="r1", description="d")

    with pytest.raises(AnotherPaymentUnderWay):
        await at_the_desk()
    async with office.tenant() as session:
        item = await session.one(text("SELECT id, reason, status FROM core.suspense_item"))
        await suspense.resolve(session, item.id, {"close": True, "amount_fen": 0, "reason": "已与渠道核实"}, office.checker)
    row, wait = await standing(office, number)
    assert (item.reason, item.status, row.status, row.last_error, wait) == ("mismatch", "open", "failed", suspense.LOOKED_INTO, None)
    assert await at_the_desk()


async def test_a_live_order_is_not_ended_by_a_strangers_word(office):
    number = await placed(office, 2, expired=False)
    async with office.tenant() as session:
        told = ChannelState(
            state="succeeded", order_number=number, mchid="9999999999", appid=trade.APPID, channel_txn_id="42Y", amount_fen=95_000, currency="CNY",
            paid_at=clock.now(),
        )  # fmt: skip
        await capture.decide(session, office.trade.account, told)
        item = await session.one(text("SELECT id FROM core.suspense_item"))
        await suspense.resolve(session, item.id, {"close": True, "amount_fen": 0, "reason": "别的商户号"}, office.checker)
    assert (await standing(office, number))[0].status == "pending"
