"""Refunds at the wire: what is accepted, what is refused with which code, and what asking twice does."""

import asyncio
import secrets

import asyncpg
import httpx
import pytest

from core.payments.channels.errors import ForgedNotice
from core.payments.channels.protocol import disagreements
from core.sandbox.schema import plain_url
from core.sandbox.serving import sandbox_serving

REFUNDS = "/v3/refund/domestic/refunds"


def code(reply) -> str:
    assert "wechatpay-signature" not in reply.headers
    return reply.json()["code"]


def refund(number: str, fen: int = 30, **wanted) -> dict:
    return {
        "out_trade_no": number,
        "out_refund_no": f"R{secrets.token_hex(12)}",
        "reason": "退学",
        "amount": {"refund": fen, "total": 100, "currency": "CNY"},
    } | wanted


async def paid(merchant, **wanted) -> str:
    order = merchant.order(**wanted)
    assert (await merchant.place(order)).status_code == 200
    assert (await merchant.pay(order["out_trade_no"])).status_code == 200
    return order["out_trade_no"]


async def finished(merchant, asked: dict) -> dict:
    async with asyncio.timeout(60):
        while (shown := (await merchant.send("GET", f"{REFUNDS}/{asked['out_refund_no']}")).json())["status"] == "PROCESSING":
            pass
    return shown


@pytest.fixture
async def rows(sandbox_database):
    """The sandbox's own tables, to make things old."""
    connection = await asyncpg.connect(plain_url(sandbox_database))
    yield connection
    await connection.close()


async def test_a_refund_is_taken_and_then_done(merchant):
    asked = refund(await paid(merchant))
    taken = (await merchant.send("POST", REFUNDS, asked)).json()
    assert (taken["status"], taken["channel"], "success_time" in taken) == ("PROCESSING", "ORIGINAL", False)
    assert taken["refund_id"].startswith("50")
    assert len(taken["refund_id"]) == 28
    done = await finished(merchant, asked)
    assert (done["status"], done["amount"]["refund"], done["amount"]["payer_refund"]) == ("SUCCESS", 30, 30)
    assert done["success_time"].endswith("+08:00")
    assert (await merchant.query(asked["out_trade_no"])).json()["trade_state"] == "REFUND"


async def test_a_refund_may_name_the_transaction_instead(merchant):
    number = await paid(merchant)
    transaction_id = (await merchant.query(number)).json()["transaction_id"]
    asked = refund(number) | {"transaction_id": transaction_id}
    del asked["out_trade_no"]
    assert (await merchant.send("POST", REFUNDS, asked)).json()["out_trade_no"] == number
    wrong = refund(number, transaction_id="4200" + "0" * 24)
    assert code(await merchant.send("POST", REFUNDS, wrong)) == "INVALID_REQUEST"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": {"refund": 0, "total": 100, "currency": "CNY"}}, "/amount/refund"),
        ({"amount": {"refund": 1.0, "total": 100, "currency": "CNY"}}, "/amount/refund"),
        ({"amount": {"refund": 101, "total": 100, "currency": "CNY"}}, "/amount/refund"),
        ({"amount": {"refund": 1, "total": 99, "currency": "CNY"}}, "/amount/total"),
        ({"amount": {"refund": 1, "total": 100}}, "/amount/currency"),
        ({"amount": 1}, "/amount"),
        ({"out_refund_no": "退一"}, "/out_refund_no"),
        ({"out_refund_no": "x" * 65}, "/out_refund_no"),
        ({"reason": "退" * 81}, "/reason"),
        ({"notify_url": "http://127.0.0.1/x?y=1"}, "/notify_url"),
        ({"out_trade_no": None}, "/transaction_id"),
    ],
)
async def test_a_wrong_field_is_named(merchant, wrong, field):
    reply = await merchant.send("POST", REFUNDS, refund(await paid(merchant), **wrong))
    assert (reply.status_code, reply.json()["detail"]["field"]) == (400, field)


async def test_the_same_number_answers_with_the_same_refund_and_never_another(merchant):
    asked = refund(await paid(merchant))
    first = (await merchant.send("POST", REFUNDS, asked)).json()
    assert (await finished(merchant, asked))["refund_id"] == first["refund_id"]
    again = (await merchant.send("POST", REFUNDS, asked)).json()
    assert (again["refund_id"], again["status"]) == (first["refund_id"], "SUCCESS")
    for other in ({"amount": {"refund": 31, "total": 100, "currency": "CNY"}}, {"reason": "转学"}):
        assert code(await merchant.send("POST", REFUNDS, asked | other)) == "INVALID_REQUEST"


async def test_ten_at_once_share_the_money_of_one_order(merchant):
    number = await paid(merchant)
    replies = await asyncio.gather(*(merchant.send("POST", REFUNDS, refund(number)) for _ in range(10)))
    assert sum(reply.status_code == 200 for reply in replies) <= 3
    taken = sum(one["amount"]["refund"] for one in (await merchant.told(number))["refunds"])
    assert taken <= 100


async def test_an_order_that_is_absent_unpaid_or_anothers_gives_nothing_back(merchant, outside, merchant_of):
    unpaid = merchant.order()
    await merchant.place(unpaid)
    assert code(await merchant.send("POST", REFUNDS, refund(unpaid["out_trade_no"]))) == "INVALID_REQUEST"
    assert code(await merchant.send("POST", REFUNDS, refund("T" + "0" * 20))) == "RESOURCE_NOT_EXISTS"
    other = await merchant_of(outside)
    assert code(await other.send("POST", REFUNDS, refund(await paid(merchant)))) == "RESOURCE_NOT_EXISTS"
    assert code(await other.send("GET", f"{REFUNDS}/R0000")) == "RESOURCE_NOT_EXISTS"


async def test_after_a_year_nothing_goes_back(merchant, rows):
    number = await paid(merchant)
    await rows.execute("UPDATE sandbox.wechat_order SET paid_at = paid_at - interval '366 days' WHERE out_trade_no = $1", number)
    reply = await merchant.send("POST", REFUNDS, refund(number))
    assert (code(reply), "365" in reply.json()["message"]) == ("INVALID_REQUEST", True)


async def test_the_fifty_first_part_is_refused(merchant):
    number = await paid(merchant)
    for _ in range(50):
        assert (await merchant.send("POST", REFUNDS, refund(number, 1))).status_code == 200
    reply = await merchant.send("POST", REFUNDS, refund(number, 1))
    assert (code(reply), "50" in reply.json()["message"]) == ("INVALID_REQUEST", True)


async def test_two_parts_within_a_minute_are_too_often_and_the_same_number_is_not(sandbox_database, merchant_of):
    async with (
        sandbox_serving(sandbox_database) as settings,
        httpx.AsyncClient(base_url=settings.public_url, trust_env=False) as client,
    ):
        merchant = await merchant_of(client)
        number = await paid(merchant)
        first = refund(number)
        assert (await merchant.send("POST", REFUNDS, first)).status_code == 200
        soon = await merchant.send("POST", REFUNDS, refund(number))
        assert (soon.status_code, code(soon)) == (429, "FREQUENCY_LIMITED")
        assert (await merchant.send("POST", REFUNDS, first)).status_code == 200


async def test_a_refund_is_told_sealed_and_our_channel_believes_it(merchant, ear, channel):
    number = await paid(merchant, notify_url=ear.url)
    asked = refund(number, notify_url=ear.url)
    await merchant.send("POST", REFUNDS, asked)
    await merchant.told_when(number, lambda told: told["notices"] == ["delivered", "delivered"])
    notice = channel.read_notice(merchant.account, *ear.heard[-1])
    assert (notice.kind, notice.event_type, notice.refund.state) == ("refund", "REFUND.SUCCESS", "succeeded")
    assert (notice.refund.number, notice.refund.amount_fen) == (asked["out_refund_no"], 30)
    assert disagreements(notice.state, merchant.account, number, 100) == {}


async def test_a_refund_without_an_address_is_told_to_nobody(merchant, ear):
    number = await paid(merchant, notify_url=ear.url)
    asked = refund(number)
    await merchant.send("POST", REFUNDS, asked)
    await finished(merchant, asked)
    await merchant.told_when(number, lambda told: told["notices"] == ["delivered"])
    assert len(ear.heard) == 1


@pytest.mark.parametrize("twist", ["notice_tamper_body", "notice_tamper_amount", "notice_tamper_merchant"])
async def test_a_refund_notice_can_be_forged_too(merchant, ear, channel, twist):
    number = await paid(merchant, notify_url=ear.url)
    await merchant.told_when(number, lambda told: told["notices"] == ["delivered"])
    await merchant.faults(number, {"kind": twist})
    await merchant.send("POST", REFUNDS, refund(number, notify_url=ear.url))
    await merchant.told_when(number, lambda told: told["notices"] == ["delivered", "delivered"])
    forged, genuine = ear.heard[-2:]
    if twist == "notice_tamper_body":
        with pytest.raises(ForgedNotice):
            channel.read_notice(merchant.account, *forged)
    else:
        wrong, right = (channel.read_notice(merchant.account, *heard).refund for heard in (forged, genuine))
        assert (wrong.amount_fen, wrong.mchid) != (right.amount_fen, right.mchid) == (30, merchant.mchid)


async def test_a_refund_of_everything_can_be_closed_and_asked_again(merchant, outside):
    number = await paid(merchant)
    await merchant.faults(number, {"kind": "refund_slow", "seconds": 3600})
    asked = refund(number, 100)
    await merchant.send("POST", REFUNDS, asked)
    assert (await outside.post(f"/sandbox/api/wechatpay/refunds/{merchant.mchid}/{asked['out_refund_no']}/close")).status_code == 200
    assert (await finished(merchant, asked))["status"] == "CLOSED"
    assert (await merchant.send("POST", REFUNDS, refund(number, 100))).status_code == 200
    gone = await outside.post(f"/sandbox/api/wechatpay/refunds/{merchant.mchid}/R-none/close")
    assert gone.status_code == 404
