"""Orders at the wire: what is accepted, what is refused with which code, and what asking twice does."""

import asyncio
import datetime as dt

import pytest

from core import clock
from core.sandbox import wallet


def code(reply) -> str:
    assert "wechatpay-signature" not in reply.headers
    assert reply.headers["request-id"]
    return reply.json()["code"]


@pytest.mark.parametrize(("scene", "field"), [("h5", "h5_url"), ("native", "code_url"), ("app", "prepay_id")])
async def test_each_scene_gives_its_own_ticket(merchant, scene, field):
    reply = await merchant.place(merchant.order(), scene)
    assert list(reply.json()) == [field]


async def test_jsapi_needs_an_openid_of_this_appid(merchant, outside, merchant_of):
    other = await merchant_of(outside)
    good = wallet.openid(merchant.appid, "lin")
    assert (await merchant.place(merchant.order(payer={"openid": good}), "jsapi")).json()["prepay_id"]
    for payer in (None, {}, {"openid": wallet.openid(other.appid, "lin")}, "o" * 28):
        order = merchant.order() | ({} if payer is None else {"payer": payer})
        assert code(await merchant.place(order, "jsapi")) == "PARAM_ERROR"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": {"total": 0, "currency": "CNY"}}, "/amount/total"),
        ({"amount": {"total": -1, "currency": "CNY"}}, "/amount/total"),
        ({"amount": {"total": 1.0, "currency": "CNY"}}, "/amount/total"),
        ({"amount": {"total": "100", "currency": "CNY"}}, "/amount/total"),
        ({"amount": {"total": True, "currency": "CNY"}}, "/amount/total"),
        ({"amount": {"currency": "CNY"}}, "/amount/total"),
        ({"amount": {"total": 100, "currency": "XYZ"}}, "/amount/currency"),
        ({"out_trade_no": "short"}, "/out_trade_no"),
        ({"out_trade_no": "x" * 33}, "/out_trade_no"),
        ({"out_trade_no": "带中文的单号"}, "/out_trade_no"),
        ({"description": ""}, "/description"),
        ({"description": "学" * 128}, "/description"),
        ({"attach": "a" * 129}, "/attach"),
        ({"notify_url": "https://school.example/notices?x=1"}, "/notify_url"),
        ({"notify_url": "javascript:alert(1)"}, "/notify_url"),
        ({"notify_url": "https://school.example/" + "a" * 255}, "/notify_url"),
        ({"time_expire": "2026-09-01 10:00:00"}, "/time_expire"),
        ({"time_expire": "2026-02-30T10:00:00+08:00"}, "/time_expire"),
        ({"time_expire": (clock.now() + dt.timedelta(seconds=30)).isoformat(timespec="seconds")}, "/time_expire"),
        ({"time_expire": (clock.now() + dt.timedelta(days=91)).isoformat(timespec="seconds")}, "/time_expire"),
    ],
)
async def test_a_wrong_field_is_named(merchant, wrong, field):
    reply = await merchant.place(merchant.order(**wrong))
    assert (reply.status_code, code(reply)) == (400, "PARAM_ERROR")
    assert reply.json()["detail"]["field"] == field
    assert reply.headers["request-id"].endswith("-268435461")


@pytest.mark.parametrize("scene_info", [None, {}, {"payer_client_ip": "1.2.3.4"}, {"h5_info": {"type": "Wap"}}])
async def test_h5_needs_the_payers_address_and_kind_of_browser(merchant, scene_info):
    assert code(await merchant.place(merchant.order(scene_info=scene_info), "h5")) == "PARAM_ERROR"


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff"])
async def test_a_body_that_is_no_object_is_refused(merchant, body):
    reply = await merchant.send("POST", "/v3/pay/transactions/native", body)
    assert reply.status_code in (400, 401)


async def test_another_merchants_number_or_appid_in_the_body_is_refused(merchant, outside, merchant_of):
    other = await merchant_of(outside)
    assert code(await merchant.place(merchant.order(mchid=other.mchid))) == "SIGN_ERROR"
    assert code(await merchant.place(merchant.order(appid=other.appid))) == "APPID_MCHID_NOT_MATCH"


async def test_an_unknown_scene_is_not_found(merchant):
    assert (await merchant.place(merchant.order(), "facepay")).status_code == 404


async def test_the_same_order_again_gets_a_fresh_ticket_and_stays_one_order(merchant):
    order = merchant.order()
    tickets = [(await merchant.place(order)).json()["code_url"] for _ in range(3)]
    assert len(set(tickets)) == 3
    assert (await merchant.query(order["out_trade_no"])).json()["trade_state"] == "NOTPAY"


async def test_ten_at_once_are_one_order(merchant):
    order = merchant.order()
    replies = await asyncio.gather(*(merchant.place(order) for _ in range(10)))
    assert {reply.status_code for reply in replies} == {200}


@pytest.mark.parametrize(
    "changed",
    [{"amount": {"total": 101, "currency": "CNY"}}, {"description": "冬季学费"}, {"notify_url": "http://127.0.0.1/x"}],
)
async def test_the_same_number_with_other_parameters_is_refused(merchant, changed):
    order = merchant.order()
    await merchant.place(order)
    reply = await merchant.place(order | changed)
    assert (reply.status_code, code(reply)) == (403, "OUT_TRADE_NO_USED")


async def test_the_same_number_in_another_scene_is_refused(merchant):
    order = merchant.order()
    await merchant.place(order, "native")
    assert code(await merchant.place(order, "app")) == "OUT_TRADE_NO_USED"


async def test_the_same_number_belongs_to_each_merchant_separately(merchant, outside, merchant_of):
    other = await merchant_of(outside)
    number = merchant.order()["out_trade_no"]
    assert (await merchant.place(merchant.order(out_trade_no=number))).status_code == 200
    assert (await other.place(other.order(out_trade_no=number))).status_code == 200


async def test_a_paid_order_cannot_be_placed_or_closed_again(merchant):
    order = merchant.order()
    await merchant.place(order)
    await merchant.pay(order["out_trade_no"])
    assert code(await merchant.place(order)) == "ORDERPAID"
    assert code(await merchant.close(order["out_trade_no"])) == "ORDERPAID"


async def test_an_order_is_paid_once(merchant):
    order = merchant.order()
    await merchant.place(order)
    replies = await asyncio.gather(*(merchant.pay(order["out_trade_no"]) for _ in range(6)))
    assert sorted(reply.status_code for reply in replies) == [200, 409, 409, 409, 409, 409]
    assert len({reply.json()["transaction_id"] for reply in replies}) == 1


async def test_closing_answers_204_signed_and_repeats(merchant):
    order = merchant.order()
    await merchant.place(order)
    for _ in range(2):
        reply = await merchant.close(order["out_trade_no"])
        assert (reply.status_code, reply.content) == (204, b"")
        assert reply.headers["wechatpay-signature"]
    assert code(await merchant.place(order)) == "ORDER_CLOSED"
    assert (await merchant.pay(order["out_trade_no"])).status_code == 409


async def test_closing_an_order_that_is_not_there_says_so(merchant):
    reply = await merchant.close("T00000000000000000000")
    assert (reply.status_code, code(reply)) == (404, "ORDER_NOT_EXIST")


async def test_a_paid_order_is_shown_whole_under_either_number(merchant):
    order = merchant.order(attach="自定义数据")
    await merchant.place(order)
    await merchant.pay(order["out_trade_no"], user="zhao")
    shown = (await merchant.query(order["out_trade_no"])).json()
    same = await merchant.send("GET", f"/v3/pay/transactions/id/{shown['transaction_id']}?mchid={merchant.mchid}")
    assert same.json() == shown
    assert (shown["trade_state"], shown["trade_type"], shown["attach"]) == ("SUCCESS", "NATIVE", "自定义数据")
    assert shown["amount"] == {"total": 100, "payer_total": 100, "currency": "CNY", "payer_currency": "CNY"}
    assert shown["payer"] == {"openid": wallet.openid(merchant.appid, "zhao")}
    assert shown["success_time"].endswith("+08:00")
    assert len(shown["transaction_id"]) == 28


async def test_an_unpaid_order_shows_nothing_of_a_payment(merchant):
    order = merchant.order(attach="自定义数据")
    await merchant.place(order)
    shown = (await merchant.query(order["out_trade_no"])).json()
    assert shown["trade_state"] == "NOTPAY"
    assert not {"transaction_id", "success_time", "payer", "attach"} & set(shown)


@pytest.mark.parametrize("query", ["", "?mchid=", "?mchid=1900000000", "?mchid={own}&mchid=1900000000"])
async def test_a_query_must_name_exactly_its_own_merchant(merchant, query):
    order = merchant.order()
    await merchant.place(order)
    target = f"/v3/pay/transactions/out-trade-no/{order['out_trade_no']}" + query.format(own=merchant.mchid)
    assert code(await merchant.send("GET", target)) == "PARAM_ERROR"


async def test_another_merchants_order_is_not_found(merchant, outside, merchant_of):
    other = await merchant_of(outside)
    order = merchant.order()
    await merchant.place(order)
    assert code(await other.query(order["out_trade_no"])) == "ORDER_NOT_EXIST"


async def test_a_merchant_registered_again_keeps_its_keys(outside):
    wanted = {"name": "榕城第一实验学校", "mchid": "1688888801", "appid": "wx0123456789abcdef"}
    first = (await outside.post("/sandbox/api/wechatpay/merchants", json=wanted)).json()
    again = (await outside.post("/sandbox/api/wechatpay/merchants", json=wanted)).json()
    assert again == first
    assert (await outside.get(f"/sandbox/api/wechatpay/merchants/{first['mchid']}")).json() == first


async def test_two_merchants_may_share_an_appid_and_its_secret(outside):
    pair = [
        (await outside.post("/sandbox/api/wechatpay/merchants", json={"name": "某校", "appid": "wxabcdefabcdefabcd"})).json()
        for _ in range(2)
    ]
    assert pair[0]["mchid"] != pair[1]["mchid"]
    assert pair[0]["credentials"]["app_secret"] == pair[1]["credentials"]["app_secret"]


@pytest.mark.parametrize("wrong", [{"mchid": "abc"}, {"appid": "x"}, {"signing": "none"}, {"colour": "red"}])
async def test_a_merchant_that_cannot_be_is_refused(outside, wrong):
    reply = await outside.post("/sandbox/api/wechatpay/merchants", json={"name": "某校"} | wrong)
    assert reply.status_code == 400
