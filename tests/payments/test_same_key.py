"""One key is one submission: with another way to pay it is another submission, and refused."""

import secrets

import pytest
from sqlalchemy import insert, text

from core import ids
from core.payers.access import Payer
from core.payments import service as payments
from core.payments.channels.protocol import Prepared
from core.payments.errors import KeyReused
from core.payments.models import channel_account
from core.payments.schemas import PayItem
from tests.refunds.conftest import channel, office
from tests.refunds.scripted import Scripted

__all__ = ["channel", "office"]


class Other(Scripted):
    code, title = "alipay", "支付宝"


@pytest.mark.parametrize("crashed", [False, True])
async def test_the_same_key_with_another_channel_is_refused_and_asks_nobody(office, monkeypatch, crashed):
    asked, other = [], Other()
    monkeypatch.setitem(office.platform.channels, "alipay", other)
    for way in (office.channel, other):

        async def create(account, order, way=way):
            asked.append((way.code, account.channel))
            return Prepared(kind="redirect", value=f"https://{way.code}.example/pay")

        monkeypatch.setattr(way, "create", create, raising=False)
    async with office.tenant() as session:
        keys = await office.platform.vault.keys(session)
        row = {"id": ids.uuid7(), "channel": "alipay", "mchid": "2088000000000001", "appid": "a", "base_url": "http://127.0.0.1:9"}
        await session.execute(insert(channel_account), row | {"credentials_sealed": keys.seal(b"{}")})
    payer = Payer(session_id=ids.uuid7(), payer_id=None, csrf="", device=secrets.token_bytes(16), openids={}, bill_ids=frozenset())

    async def pay(code: str):
        items = [PayItem(office.bills[0], 95_000)]
        return await payments.start_payment(
            office.platform, office.client, payer, items, channel=code, scene="h5", ip="1.1.1.1", idempotency_key="same-key-1"
        )

    first = await pay("wechatpay")
    if crashed:
        async with office.tenant() as session:
            await session.execute(text("UPDATE core.payment_order SET status = 'created', prepared = NULL"))
    with pytest.raises(KeyReused):
        await pay("alipay")
    assert asked == [("wechatpay", "wechatpay")]
    assert (await pay("wechatpay")).number == first.number
