"""The door at which WeChat Pay knocks: what it signed for us is booked once; everything else changes nothing."""

import asyncio
import re
import time
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import text, update

from core.bench import notifications
from core.bench.ground import Seat
from core.ledger import service as ledger
from core.payments import repository
from core.payments.models import channel_account
from tests import trade


@pytest.fixture
async def shop(platform, client):
    """A client whose collecting account knows the key that signs the notices below."""
    made = await client(plugins=())
    school = await trade.found(platform, made.id)
    async with platform.database.tenant(made.id) as session:
        keys = await platform.vault.keys(session)
        sealed = keys.seal(msgspec.json.encode(notifications.credentials()))
        await session.execute(update(channel_account).values(credentials_sealed=sealed, appid=notifications.APPID))
    return Shop(platform, made, school)


class Shop:
    def __init__(self, platform, client, school) -> None:
        self.platform, self.client, self.school = platform, client, school

    async def order(self, amount_fen: int = 95_000) -> str:
        bill, *_ = await trade.bills(self.platform, self.school, source=f"plan:{uuid4().hex[:6]}")
        return await trade.order(self.platform, self.school, [(bill, amount_fen)])

    def notice(self, number: str, amount_fen: int = 95_000, mchid: str = trade.MCHID, client_code: str = "") -> "Notice":
        seat = Seat(self.client.id, client_code or self.client.code, [], self.school.account_id, mchid)
        return Notice(notifications.signed(seat, number, amount_fen))

    async def status(self, number: str) -> str:
        async with self.platform.database.tenant(self.client.id) as session:
            return (await repository.find_order(session, number)).status

    async def collected(self) -> int:
        async with self.platform.database.tenant(self.client.id) as session:
            return await ledger.balance(session, f"A.CH.wechatpay.{trade.MCHID}")


class Notice:
    """A signed request, taken apart so that a test can change it."""

    def __init__(self, raw: bytes) -> None:
        head, _, self.body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        self.path = first.split(" ")[1]
        self.headers = dict(line.split(": ", 1) for line in lines if not line.startswith("Host"))

    async def send(self, web):
        return await web.post(self.path, content=self.body, headers=self.headers)


async def test_a_genuine_notice_is_booked_before_it_is_answered(shop, web):
    number = await shop.order()
    answer = await shop.notice(number).send(web)
    assert answer.status_code == 200
    assert answer.json()["code"] == "SUCCESS"
    assert (await shop.status(number), await shop.collected()) == ("succeeded", 95_000)
    assert await trade.faults(shop.platform, shop.client.id) == {}


async def test_a_replayed_notice_is_acknowledged_and_books_nothing_more(shop, web):
    number = await shop.order()
    notice = shop.notice(number)
    answers = await asyncio.gather(*(notice.send(web) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    assert await shop.collected() == 95_000


async def test_its_own_words_are_kept_byte_for_byte(shop, web):
    notice = shop.notice(await shop.order())
    await notice.send(web)
    async with shop.platform.database.tenant(shop.client.id) as session:
        assert await session.scalar(text("SELECT body FROM core.channel_notice")) == notice.body


@pytest.mark.parametrize(
    "spoil",
    [
        lambda n: setattr(n, "body", n.body.replace(b"TRANSACTION.SUCCESS", b"TRANSACTION.SUCCESs")),
        lambda n: n.headers.update({"Wechatpay-Signature": n.headers["Wechatpay-Signature"][:-8] + "AAAAAAA="}),
        lambda n: n.headers.update({"Wechatpay-Signature": "WECHATPAY/SIGNTEST/" + n.headers["Wechatpay-Signature"]}),
        lambda n: n.headers.update({"Wechatpay-Timestamp": str(int(time.time()) - 600)}),
        lambda n: n.headers.update({"Wechatpay-Timestamp": str(int(time.time()) + 600)}),
        lambda n: n.headers.pop("Wechatpay-Signature"),
        lambda n: n.headers.pop("Wechatpay-Nonce"),
        lambda n: setattr(n, "body", b""),
        lambda n: setattr(n, "body", b"<xml/>"),
    ],
    ids=["altered", "forged", "probe", "ten minutes ago", "in ten minutes", "unsigned", "no nonce", "empty", "xml"],
)
async def test_what_wechat_did_not_sign_like_this_and_now_is_refused(shop, web, spoil):
    number = await shop.order()
    notice = shop.notice(number)
    spoil(notice)
    answer = await notice.send(web)
    assert answer.status_code == 401
    assert (await shop.status(number), await shop.collected()) == ("pending", 0)


@pytest.mark.parametrize("wrong", [{"amount_fen": 94_999}, {"amount_fen": 9_500_000}, {"mchid": "1900009999"}])
async def test_a_genuine_notice_for_another_amount_or_merchant_books_nothing_and_is_shown_to_finance(shop, web, wrong):
    number = await shop.order()
    answer = await shop.notice(number, **wrong).send(web)
    assert answer.status_code >= 400
    assert (await shop.status(number), await shop.collected()) == ("pending", 0)
    async with shop.platform.database.tenant(shop.client.id) as session:
        (item,) = await repository.list_suspense(session, "open", None, 10)
    assert item.reason == "mismatch"


async def test_a_notice_at_another_clients_address_finds_nothing(shop, web, client):
    stranger = await client(plugins=())
    number = await shop.order()
    assert (await shop.notice(number, client_code=stranger.code).send(web)).status_code == 404
    assert await shop.status(number) == "pending"


@pytest.mark.parametrize("path", ["/notify/wechatpay/nobody/{account}", "/notify/alipay/{client}/{account}", "/notify/wechatpay/{client}/x"])
async def test_an_unknown_address_is_not_found(shop, web, path):
    notice = shop.notice(await shop.order())
    notice.path = path.format(client=shop.client.code, account=shop.school.account_id)
    assert (await notice.send(web)).status_code == 404


async def test_a_suspended_clients_money_is_booked_all_the_same(shop, web, bank):
    number = await shop.order()
    async with shop.platform.database.tenant(bank.id) as session:
        await session.execute(text("UPDATE core.client SET status = 'suspended' WHERE id = :id"), {"id": shop.client.id})
    assert (await shop.notice(number).send(web)).status_code == 200
    assert await shop.collected() == 95_000


async def test_money_for_no_order_of_ours_is_acknowledged_and_kept(shop, web):
    assert (await shop.notice("P26112299999999999999", 777).send(web)).status_code == 200
    assert await shop.collected() == 777
    assert re.fullmatch(r"[0-9A-Z]{16,32}", await shop.order())
