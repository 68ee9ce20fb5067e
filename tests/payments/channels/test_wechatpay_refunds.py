"""Refunds in WeChat Pay's words: what each state means to us, what a notification says, and what the sandbox lets go wrong."""

import asyncio
import datetime as dt

import msgspec
import pytest

from core.payments.channels.conformance import Paid, ref_of, ref_of_refund, refund_of
from core.payments.channels.errors import ChannelRefused, ChannelShort, ChannelUnknown
from core.payments.channels.protocol import ChannelAccount
from core.payments.channels.wechatpay import WechatPay
from core.payments.channels.wechatpay import refunds as wire
from core.payments.channels.wechatpay.abnormal import AbnormalRefunds

ACCOUNT = ChannelAccount(channel="wechatpay", mchid="1900007291", appid="wx2421b1c4370ec43b", base_url="http://127.0.0.1:9", credentials={})
REPORT = {
    "out_trade_no": "T202609010000000001",
    "out_refund_no": "R202609010000000001",
    "refund_id": "50000000382019052709732678859",
    "amount": {"total": 123450, "refund": 100, "payer_total": 123450, "payer_refund": 100},
    "success_time": "2026-09-01T10:34:56+08:00",
}


@pytest.fixture
def payment(channel, account, order, outside):
    """Makes paid orders."""

    async def make(**wanted) -> Paid:
        asked = order(**wanted)
        prepared = await channel.create(account, asked)
        assert (await outside.post(f"/sandbox/api/wechatpay/orders/{account.mchid}/{asked.number}/pay")).status_code == 200
        state = await channel.query(account, asked.ref)
        return Paid(asked, prepared, state, ref_of(asked, prepared, state))

    return make


async def faults(outside, account, number: str, *kinds: dict) -> None:
    reply = await outside.put(f"/sandbox/api/faults/orders/{account.mchid}/{number}", json={"faults": list(kinds)})
    assert reply.status_code == 200


async def ended(channel, account, refund):
    async with asyncio.timeout(60):
        while (state := await channel.query_refund(account, ref_of_refund(refund))).state == "processing":
            pass
    return state


@pytest.mark.parametrize(
    ("told", "state"),
    [("PROCESSING", "processing"), ("SUCCESS", "succeeded"), ("ABNORMAL", "failed"), ("CLOSED", "closed"), ("SOMETHING_NEW", "processing")],
)
def test_each_state_has_its_meaning_and_an_unknown_one_is_asked_about_again(told, state):
    report = wire.read_refund(msgspec.json.encode(REPORT | {"status": told}))
    read = wire.refund_state(ACCOUNT, report, b"")
    assert (read.state, read.amount_fen, read.reference) == (state, 100, "50000000382019052709732678859")
    assert read.refunded_at == dt.datetime(2026, 9, 1, 2, 34, 56, tzinfo=dt.UTC)
    assert bool(read.reason) == (state in ("failed", "closed"))


def test_the_rules_are_those_of_the_documents():
    rules = WechatPay.refund_rules
    assert (rules.window_days, rules.most, rules.spacing_seconds) == (365, 50, 60)


async def test_the_same_refund_is_always_the_same_bytes(payment, account):
    refund = refund_of(await payment(), 100, reason="退" * 60)
    body = wire.refund_body(account, refund)
    assert body == wire.refund_body(account, refund)
    given = msgspec.json.decode(body)
    assert given["amount"] == {"refund": 100, "total": 123450, "currency": "CNY"}
    assert len(given["reason"].encode()) <= 80


async def test_taken_is_not_done(channel, account, payment, outside):
    paid = await payment()
    await faults(outside, account, paid.order.number, {"kind": "refund_slow", "seconds": 3600})
    refund = refund_of(paid, 100)
    taken = await channel.refund(account, refund)
    assert (taken.state, taken.refunded_at, taken.mchid) == ("processing", None, account.mchid)
    assert (await channel.query_refund(account, ref_of_refund(refund))).state == "processing"
    assert (await channel.query(account, paid.ref)).state == "refunded", "any refund, even one under way, hides the success (§6)"


async def test_an_abnormal_refund_is_tried_again_under_its_number(channel, account, payment, outside):
    paid = await payment()
    await faults(outside, account, paid.order.number, {"kind": "refund_fail", "remaining": 1})
    refund = refund_of(paid, 100)
    await channel.refund(account, refund)
    failed = await ended(channel, account, refund)
    assert (failed.state, failed.reason) == ("failed", wire.WORDS["ABNORMAL"])
    assert (await channel.refund(account, refund)).state == "processing"
    assert (await ended(channel, account, refund)).state == "succeeded"


@pytest.fixture
async def abnormal(channel, account, payment, outside):
    """A refund of everything whose payer's card is void, and its payment."""
    paid = await payment(amount_fen=800)
    await faults(outside, account, paid.order.number, {"kind": "refund_fail", "remaining": 1})
    refund = refund_of(paid, 800)
    await channel.refund(account, refund)
    assert (await ended(channel, account, refund)).state == "failed"
    return paid, refund


async def test_an_abnormal_refund_sent_back_to_the_merchant_is_closed_because_the_payer_got_nothing(channel, account, abnormal):
    _, refund = abnormal
    sent = await AbnormalRefunds(channel).to_merchant(account, ref_of_refund(refund))
    assert (sent.state, sent.number) == ("processing", refund.number)
    back = await ended(channel, account, refund)
    assert (back.state, back.reason, back.amount_fen) == ("closed", wire.SENT_BACK, 800)
    with pytest.raises(ChannelRefused):
        await AbnormalRefunds(channel).to_merchant(account, ref_of_refund(refund))


async def test_an_abnormal_refund_can_go_to_another_card_of_the_payer(channel, account, abnormal):
    _, refund = abnormal
    card = {"bank_type": "ICBC_DEBIT", "card_number": "6222020000000001234", "holder": "陈建国"}
    await AbnormalRefunds(channel).to_payer(account, ref_of_refund(refund), **card)
    done = await ended(channel, account, refund)
    told = msgspec.json.decode(done.raw)
    assert (done.state, told["channel"], told["user_received_account"]) == ("succeeded", "OTHER_BANKCARD", "ICBC_DEBIT 陈* 尾号1234")


async def test_only_an_abnormal_refund_can_be_sent_on(channel, account, payment):
    refund = refund_of(await payment(), 100)
    await channel.refund(account, refund)
    await ended(channel, account, refund)
    with pytest.raises(ChannelRefused):
        await AbnormalRefunds(channel).to_merchant(account, ref_of_refund(refund))
    with pytest.raises(ChannelRefused):
        await AbnormalRefunds(channel).to_merchant(account, ref_of_refund(refund_of(await payment(), 100)))


@pytest.mark.parametrize("received", ["商户结算银行账户", "退还商户:商户基本账户"])
def test_money_that_came_back_to_the_merchant_is_never_a_refund_to_the_payer(received):
    report = wire.read_refund(msgspec.json.encode(REPORT | {"refund_status": "SUCCESS", "user_received_account": received}))
    assert wire.refund_state(ACCOUNT, report, b"", notified=True).state == "closed"


async def test_a_closed_refund_needs_a_new_number_and_its_money_is_free(channel, account, payment, outside):
    paid = await payment(amount_fen=500)
    await faults(outside, account, paid.order.number, {"kind": "refund_slow", "seconds": 3600, "remaining": 1})
    refund = refund_of(paid, 500)
    await channel.refund(account, refund)
    closed = await outside.post(f"/sandbox/api/wechatpay/refunds/{account.mchid}/{refund.number}/close")
    assert closed.json() == {"status": "CLOSED"}
    assert (await channel.refund(account, refund)).state == "closed"
    again = refund_of(paid, 500)
    await channel.refund(account, again)
    assert (await ended(channel, account, again)).state == "succeeded"


async def test_a_merchant_number_without_money_is_told_apart(channel, account, payment, outside):
    paid = await payment()
    await faults(outside, account, paid.order.number, {"kind": "refund_short", "remaining": 1})
    with pytest.raises(ChannelShort) as short:
        await channel.refund(account, refund_of(paid, 100))
    assert short.value.facts["channel_code"] == "NOT_ENOUGH"


async def test_a_refund_with_the_wrong_total_is_refused(channel, account, payment):
    paid = await payment()
    wrong = msgspec.structs.replace(paid, ref=msgspec.structs.replace(paid.ref, amount_fen=paid.ref.amount_fen + 1))
    with pytest.raises(ChannelRefused) as refused:
        await channel.refund(account, refund_of(wrong, 100))
    assert refused.value.facts["channel_code"] == "PARAM_ERROR"


async def test_an_answer_that_is_no_refund_is_unknown(channel, account, payment, sandbox):
    elsewhere = msgspec.structs.replace(account, base_url=f"{sandbox}/elsewhere")
    with pytest.raises(ChannelUnknown):
        await channel.refund(elsewhere, refund_of(await payment(), 100))
