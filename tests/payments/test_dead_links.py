"""A channel's page that has expired is not handed out again: the payer gets a fresh one, and the old order is closed first."""

import secrets

import pytest
from sqlalchemy import text

from core import ids
from core.payers.access import Payer
from core.payments import service as payments
from core.payments.channels.protocol import Prepared
from core.payments.schemas import PayItem
from tests.refunds.conftest import channel, office

__all__ = ["channel", "office"]


@pytest.mark.parametrize(("minutes", "fresh"), [(3, False), (6, True)])
async def test_who_comes_back_late_gets_a_page_that_opens(office, monkeypatch, minutes, fresh):
    done = []

    async def create(account, order):
        done.append("created")
        return Prepared(kind="redirect", value=f"https://wx.example/h5?ticket={len(done)}", lives_seconds=300)

    async def close(account, order):
        done.append("closed")

    monkeypatch.setattr(office.channel, "create", create, raising=False)
    monkeypatch.setattr(office.channel, "close", close, raising=False)
    payer = Payer(session_id=ids.uuid7(), payer_id=None, csrf="", device=secrets.token_bytes(16), openids={}, bill_ids=frozenset())

    async def pay(key: str):
        items = [PayItem(office.bills[0], 95_000)]
        return await payments.start_payment(
            office.platform, office.client, payer, items, channel="wechatpay", scene="h5", ip="1.1.1.1", idempotency_key=key
        )

    first = await pay("key-one-1")
    async with office.tenant() as session:
        ago = f"interval '{minutes} minutes'"
        await session.execute(text(f"UPDATE core.payment_order SET created_at = created_at - {ago}, expires_at = expires_at - {ago}"))
    second = await pay("key-two-2")
    assert (second.number != first.number, done) == (fresh, ["created", "closed", "created"] if fresh else ["created"])
