"""The platform's own door at which UnionPay knocks: believed once, refused when forged, shown to finance when it speaks of something else."""

import asyncio
from urllib.parse import urlencode
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import update

from core import clock
from core.ledger import service as ledger
from core.payments import models, repository
from core.sandbox.unionpay import authority, wire
from tests import trade

MCHID = "777290058167151"


class Shop:
    """A client that collects through UnionPay, and UnionPay's pen."""

    def __init__(self, platform, client, school, held: authority.Authority) -> None:
        self.platform, self.client, self.school = platform, client, school
        self.path = f"/notify/unionpay/{client.code}/{school.account_id}"
        self.signer = authority.issue(authority.unionpay_name(), held.middle)
        self.merchant = authority.issue(authority.merchant_name(MCHID, "榕城第一实验学校"), held.middle)

    async def order(self, amount_fen: int = 95_000) -> str:
        bill, *_ = await trade.bills(self.platform, self.school, source=f"plan:{uuid4().hex[:6]}")
        number = await trade.order(self.platform, self.school, [(bill, amount_fen)])
        async with self.platform.database.tenant(self.client.id) as session:
            values = {"channel": "unionpay", "mchid": MCHID}
            await session.execute(update(models.order).where(models.order.c.number == number).values(**values))
        return number

    def fields(self, number: str, amount_fen: int = 95_000, by: authority.Pair | None = None, **altered: str) -> dict[str, str]:
        at = clock.now().astimezone(clock.SHANGHAI)
        said = {
            "version": "5.1.0",
            "encoding": "UTF-8",
            "signMethod": "01",
            "txnType": "01",
            "txnSubType": "01",
            "bizType": "000201",
            "accessType": "0",
            "merId": MCHID,
            "orderId": number,
            "txnTime": f"{at:%Y%m%d%H%M%S}",
            "txnAmt": str(amount_fen),
            "currencyCode": "156",
            "queryId": f"{uuid4().int % 10**21:021d}",
            "respCode": "00",
            "respMsg": "成功[0000000]",
            "traceTime": f"{at:%m%d%H%M%S}",
        }
        return wire.signed(said | altered, by or self.signer)

    async def status(self, number: str) -> str:
        async with self.platform.database.tenant(self.client.id) as session:
            return (await repository.find_order(session, number)).status

    async def collected(self) -> int:
        async with self.platform.database.tenant(self.client.id) as session:
            return await ledger.balance(session, f"A.CH.unionpay.{MCHID}")


@pytest.fixture(scope="module")
def held():
    return authority.found("CFCA")


@pytest.fixture
async def shop(platform, client, held):
    """A client whose collecting account trusts the authority that vouches for the notices below."""
    made = await client(plugins=())
    school = await trade.found(platform, made.id)
    credentials = {"root_certificate": held.root.certificate_pem, "middle_certificate": held.middle.certificate_pem}
    async with platform.database.tenant(made.id) as session:
        keys = await platform.vault.keys(session)
        values = {"channel": "unionpay", "mchid": MCHID, "appid": "", "credentials_sealed": keys.seal(msgspec.json.encode(credentials))}
        await session.execute(update(models.channel_account).values(**values))
    return Shop(platform, made, school, held)


async def knock(web, path: str, fields: dict[str, str]):
    return await web.post(path, content=urlencode(fields), headers={"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"})


async def test_a_genuine_notice_is_booked_and_answered_ok(shop, web):
    number = await shop.order()
    answer = await knock(web, shop.path, shop.fields(number))
    assert (answer.status_code, answer.text) == (200, "ok")
    assert (await shop.status(number), await shop.collected()) == ("succeeded", 95_000)
    assert await trade.faults(shop.platform, shop.client.id) == {}


async def test_what_stands_behind_a_question_mark_is_not_unionpays_word(shop, web):
    number = await shop.order()
    answer = await knock(web, f"{shop.path}?orderId=P0&txnAmt=1&client=demo", shop.fields(number))
    assert answer.status_code == 200
    assert (await shop.status(number), await shop.collected()) == ("succeeded", 95_000)


async def test_a_replayed_notice_is_acknowledged_and_books_nothing_more(shop, web):
    fields = shop.fields(await shop.order())
    answers = await asyncio.gather(*(knock(web, shop.path, fields) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    assert await shop.collected() == 95_000


@pytest.mark.parametrize("forger", ["somebody", "another merchant", "altered", "unsigned", "single field more"])
async def test_what_unionpay_did_not_sign_is_refused(shop, web, forger):
    number = await shop.order()
    match forger:
        case "somebody":
            fields = shop.fields(number, by=authority.foreign_signer())
        case "another merchant":
            fields = shop.fields(number, by=shop.merchant)
        case "altered":
            fields = shop.fields(number) | {"respMsg": "成功"}
        case "unsigned":
            fields = shop.fields(number) | {"signature": ""}
        case _:
            fields = shop.fields(number) | {"reqReserved": "x"}
    answer = await knock(web, shop.path, fields)
    assert answer.status_code == 401
    assert (await shop.status(number), await shop.collected()) == ("pending", 0)


@pytest.mark.parametrize("altered", [{"txnAmt": "94999"}, {"merId": "777290058167152"}, {"currencyCode": "840"}])
async def test_a_genuine_notice_about_something_else_books_nothing_and_is_shown_to_finance(shop, web, altered):
    number = await shop.order()
    answer = await knock(web, shop.path, shop.fields(number, **altered))
    assert answer.status_code >= 400
    assert (await shop.status(number), await shop.collected()) == ("pending", 0)
    async with shop.platform.database.tenant(shop.client.id) as session:
        (item,) = await repository.list_suspense(session, "open", None, 10)
    assert item.reason == "mismatch"


async def test_a_notice_that_decides_nothing_is_acknowledged_and_leaves_the_order_open(shop, web):
    number = await shop.order()
    assert (await knock(web, shop.path, shop.fields(number, respCode="05"))).status_code == 200
    assert (await shop.status(number), await shop.collected()) == ("pending", 0)
    assert (await knock(web, shop.path, shop.fields(number, respCode="A6"))).status_code == 200
    assert (await shop.status(number), await shop.collected()) == ("succeeded", 95_000)
