"""The door at which Alipay knocks: what it signed for us is booked once and answered in seven letters; everything else changes nothing."""

import asyncio
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import text, update

from core import clock
from core.ledger import service as ledger
from core.payments import models, repository
from core.payments.channels.alipay import wire
from tests import trade

FEN = 95_000


class Shop:
    """A school whose collecting account is at Alipay, and the notifications Alipay would send it."""

    def __init__(self, platform, client, school, speaker) -> None:
        self.platform, self.client, self.school, self.speaker = platform, client, school, speaker
        self.account = speaker.account()
        self.path = f"/notify/alipay/{client.code}/{school.account_id}"

    async def order(self) -> str:
        bill, *_ = await trade.bills(self.platform, self.school, source=f"plan:{uuid4().hex[:6]}")
        number = await trade.order(self.platform, self.school, [(bill, FEN)])
        async with self.platform.database.tenant(self.client.id) as session:
            await session.execute(update(models.order).values(channel="alipay", mchid=self.account.mchid).where(models.order.c.number == number))
        return number

    def notice(self, number: str, **other: str) -> bytes:
        told = {
            "notify_id": uuid4().hex,
            "notify_type": "trade_status_sync",
            "app_id": self.account.appid,
            "seller_id": self.account.mchid,
            "trade_no": f"2026090122001004{number[-12:]}",
            "out_trade_no": number,
            "trade_status": "TRADE_SUCCESS",
            "total_amount": wire.yuan(FEN),
            "gmt_payment": wire.local(clock.now()),
            "subject": "秋季学费",
        }
        return self.speaker.body(told | other)

    async def status(self, number: str) -> str:
        async with self.platform.database.tenant(self.client.id) as session:
            return (await repository.find_order(session, number)).status

    async def collected(self) -> int:
        async with self.platform.database.tenant(self.client.id) as session:
            return await ledger.balance(session, f"A.CH.alipay.{self.account.mchid}")


@pytest.fixture
async def shop(platform, client, speaker):
    made = await client(plugins=())
    school = await trade.found(platform, made.id)
    account = speaker.account()
    async with platform.database.tenant(made.id) as session:
        keys = await platform.vault.keys(session)
        sealed = keys.seal(msgspec.json.encode(account.credentials))
        values = {"channel": "alipay", "mchid": account.mchid, "appid": account.appid, "credentials_sealed": sealed}
        await session.execute(update(models.channel_account).values(**values))
    return Shop(platform, made, school, speaker)


@pytest.fixture
def post(web, shop):
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    return lambda body: web.post(shop.path, content=body, headers=headers)


async def test_a_genuine_notice_is_booked_before_it_is_answered_and_a_replay_books_nothing_more(shop, post):
    number = await shop.order()
    body = shop.notice(number)
    answers = await asyncio.gather(*(post(body) for _ in range(5)))
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, b"success")}
    assert answers[0].headers["content-type"].startswith("text/plain")
    assert (await shop.status(number), await shop.collected()) == ("succeeded", FEN)
    assert await trade.faults(shop.platform, shop.client.id) == {}
    async with shop.platform.database.tenant(shop.client.id) as session:
        assert await session.scalar(text("SELECT body FROM core.channel_notice LIMIT 1")) == body


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body.replace(b"TRADE_SUCCESS", b"TRADE_FINISHED"),
        lambda body: body.replace(b"total_amount=950.00", b"total_amount=9500.00"),
        lambda body: body + b"&refund_fee=950.00",
        lambda body: body.replace(b"sign_type=RSA2", b"sign_type=RSA"),
        lambda body: b"",
        lambda body: b"<xml/>",
        lambda body: b'{"trade_status":"TRADE_SUCCESS"}',
    ],
    ids=["status", "amount", "a field more", "kind", "empty", "xml", "json"],
)
async def test_what_alipay_did_not_sign_like_this_is_refused(shop, post, spoil):
    number = await shop.order()
    genuine = shop.notice(number)
    assert spoil(genuine) != genuine
    answer = await post(spoil(genuine))
    assert (answer.status_code, answer.content) == (401, b"failure")
    assert (await shop.status(number), await shop.collected()) == ("pending", 0)


@pytest.mark.parametrize("wrong", [{"total_amount": "949.99"}, {"app_id": "2021000000000001"}, {"seller_id": "2088000000000001"}])
async def test_a_genuine_notice_about_another_amount_app_or_seller_books_nothing_and_is_shown_to_finance(shop, post, wrong):
    number = await shop.order()
    answer = await post(shop.notice(number, **wrong))
    assert (answer.status_code >= 400, answer.content) == (True, b"failure")
    assert (await shop.status(number), await shop.collected()) == ("pending", 0)
    async with shop.platform.database.tenant(shop.client.id) as session:
        (item,) = await repository.list_suspense(session, "open", None, 10)
    assert item.reason == "mismatch"


async def test_a_trade_that_closed_unpaid_is_acknowledged_and_books_nothing(shop, post):
    number = await shop.order()
    answer = await post(shop.notice(number, trade_status="TRADE_CLOSED", gmt_payment=""))
    assert (answer.status_code, answer.content) == (200, b"success")
    assert (await shop.status(number), await shop.collected()) == ("closed", 0)


async def test_a_payment_told_after_the_close_is_not_lost(shop, post):
    number = await shop.order()
    await post(shop.notice(number, trade_status="TRADE_CLOSED", gmt_payment=""))
    assert (await post(shop.notice(number))).content == b"success"
    assert (await shop.status(number), await shop.collected()) == ("succeeded", FEN)


async def test_a_refund_made_in_alipays_own_back_office_is_shown_to_finance(shop, post):
    number = await shop.order()
    await post(shop.notice(number))
    refund = {"refund_fee": "9.50", "gmt_refund": f"{wire.local(clock.now())}.320", "out_biz_no": "R20260902"}
    assert (await post(shop.notice(number, **refund))).content == b"success"
    async with shop.platform.database.tenant(shop.client.id) as session:
        (item,) = await repository.list_suspense(session, "open", None, 10)
    assert (item.reason, item.facts["refund_number"]) == ("foreign_refund", "R20260902")
    assert await shop.collected() == FEN
