"""Channels settle to the clearing account what their own statements say, net of fees, with a reference that names number and day."""

import datetime as dt
import secrets

import pytest

from core import clock


@pytest.fixture(scope="module")
async def school(merchant_of, outside):
    """A merchant number at WeChat Pay with a name of its own."""
    return await merchant_of(outside, name=f"结算学校{secrets.token_hex(4)}")


async def paid_ago(merchant, days: int, *amounts: int) -> dt.date:
    """Orders that were paid some days ago; answers their bill day."""
    for amount in amounts:
        order = merchant.order(amount={"total": amount, "currency": "CNY"})
        assert (await merchant.place(order)).status_code == 200
        assert (await merchant.pay(order["out_trade_no"])).status_code == 200
        reply = await merchant.client.post(f"/sandbox/api/wechatpay/orders/{merchant.mchid}/{order['out_trade_no']}/age", json={"days": days})
        assert reply.status_code == 200, reply.text
    return clock.today() - dt.timedelta(days=days)


def entries_of(told: dict, day: dt.date) -> list[dict]:
    return [entry for entry in reversed(told["entries"]) if entry["reference"].endswith(f"{day:%Y%m%d}")]


async def test_a_day_is_settled_net_of_each_payments_fee_on_the_morning_after(school, customer_of):
    day = await paid_ago(school, 3, 10_000, 83, 83)
    mine = await customer_of()
    await mine.collect("wechatpay", school.mchid)
    await mine.settle(day)
    [entry] = entries_of(await mine.look(), day)
    assert (entry["amount_fen"], entry["reference"]) == (10_166 - 60, f"wechatpay {school.mchid} {day:%Y%m%d}")
    booked = dt.datetime.fromisoformat(entry["booked_at"]).astimezone(clock.SHANGHAI)
    assert (booked.date(), booked.time()) == (day + dt.timedelta(days=1), dt.time(8, 30))
    await mine.settle(day)
    assert len(entries_of(await mine.look(), day)) == 1


async def test_what_is_taken_later_for_a_settled_day_follows_by_itself(school, customer_of):
    mine = await customer_of()
    await mine.collect("wechatpay", school.mchid)
    day = await paid_ago(school, 5, 10_000)
    await mine.settle(day)
    await paid_ago(school, 5, 20_000)
    await mine.settle(day)
    assert [entry["amount_fen"] for entry in entries_of(await mine.look(), day)] == [9_940, 19_880]


async def test_a_merchant_number_of_the_same_name_settles_to_the_account_untold(merchant_of, outside, customer_of):
    name = f"同名学校{secrets.token_hex(4)}"
    merchant, mine = await merchant_of(outside, name=name), await customer_of(name)
    day = await paid_ago(merchant, 2, 5_000)
    await mine.settle(day)
    assert [entry["amount_fen"] for entry in entries_of(await mine.look(), day)] == [4_970]


async def test_a_day_that_is_settled_now_before_it_is_over_is_booked_now(merchant_of, outside, customer_of):
    merchant, mine = await merchant_of(outside), await customer_of()
    await mine.collect("wechatpay", merchant.mchid)
    order = merchant.order()
    await merchant.place(order)
    await merchant.pay(order["out_trade_no"])
    await mine.settle(clock.today())
    [entry] = entries_of(await mine.look(), clock.today())
    assert dt.datetime.fromisoformat(entry["booked_at"]) <= clock.now()


@pytest.mark.parametrize(("kind", "first", "owed"), [("arrival_short", [9_840], 100), ("arrival_missing", [], 9_940)])
async def test_a_channel_keeps_money_back_until_it_makes_good(merchant_of, outside, customer_of, kind, first, owed):
    merchant, mine = await merchant_of(outside), await customer_of()
    day = await paid_ago(merchant, 4, 10_000)
    await mine.faults(f"{day:%Y%m%d}", {"kind": kind}, of=merchant.mchid)
    await mine.collect("wechatpay", merchant.mchid)
    await mine.settle(day)
    assert [entry["amount_fen"] for entry in entries_of(await mine.look(), day)] == first
    asked = {"channel": "wechatpay", "mchid": merchant.mchid, "day": f"{day}"}
    assert (await outside.post("/sandbox/api/bank/make-good", json=asked)).status_code == 200
    assert [entry["amount_fen"] for entry in entries_of(await mine.look(), day)] == [*first, owed]
    assert (await outside.post("/sandbox/api/bank/make-good", json=asked)).status_code == 404


async def test_a_late_channel_has_not_settled_yet(merchant_of, outside, customer_of):
    merchant, mine = await merchant_of(outside), await customer_of()
    day = await paid_ago(merchant, 4, 10_000)
    await mine.faults(f"{day:%Y%m%d}", {"kind": "arrival_late", "seconds": 86_400 * 100_000 * 30}, of=merchant.mchid)
    await mine.collect("wechatpay", merchant.mchid)
    await mine.settle(day)
    told = await mine.look()
    assert entries_of(told, day) == [] and [arrival["state"] for arrival in told["arrivals"]] == ["due"]


async def test_the_pages_show_accounts_entries_and_take_credits_by_hand(customer):
    index = (await customer.door.get("/")).text
    assert "银行账户" in index
    assert customer.account in (await customer.door.get("/bank/")).text
    asked = {"amount": "123.45", "name": "李四", "reference": "手工"}
    assert (await customer.door.post(f"/bank/{customer.account}/credits", data=asked)).status_code == 303
    shown = (await customer.door.get(f"/bank/{customer.account}")).text
    assert "123.45" in shown and "李四" in shown
    assert (await customer.door.post(f"/bank/{customer.account}/credits", data={"amount": "-1"})).status_code == 400
    assert (await customer.door.post("/bank/settle", data={"day": "soon"})).status_code == 400
    assert (await customer.door.post("/bank/settle", data={"day": "2020-01-01"})).status_code == 303
    assert (await customer.door.get("/bank/none")).status_code == 404


async def test_a_payment_is_returned_on_the_page(customer):
    wanted = customer.instruction()
    await customer.pay(wanted)
    await customer.outcome(wanted.number, "paid")
    await customer.door.post(f"/bank/{customer.account}/returns", data={"payment": wanted.number})
    assert (await customer.query(wanted.number)).state == "returned"
