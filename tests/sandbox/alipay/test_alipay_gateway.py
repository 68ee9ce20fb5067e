"""The gateway's wire: who may ask, in which dress, and the refusals in Alipay's words (Alipay §1–§5, §9)."""

import datetime as dt
import secrets

import pytest

from core import clock
from core.payments.channels.alipay import wire
from core.sandbox.alipay import keys

QUERY = "alipay.trade.query"
NOBODY = {"out_trade_no": "T00000000000000000000"}


def unsigned(reply, method: str = QUERY) -> tuple[str, str]:
    assert reply.status_code == 200
    said = reply.json()
    assert list(said) == [wire.answer_key(method)]
    content = said[wire.answer_key(method)]
    return content["code"], content["sub_code"]


@pytest.mark.parametrize("how", ["get", "form", "split"])
async def test_address_and_form_are_read_together(merchant, how):
    reply = await merchant.send(merchant.signed(QUERY, NOBODY), how)
    assert merchant.believed(QUERY, reply)["sub_code"] == "ACQ.TRADE_NOT_EXIST"


@pytest.mark.parametrize("charset", ["utf-8", "gbk", "GB2312", "UTF-8"])
async def test_values_are_signed_and_answered_in_the_charset_the_call_names(merchant, charset):
    content = merchant.content(subject="学杂费", buyer_open_id=await merchant.buyer())
    asked = merchant.signed("alipay.trade.create", content, charset=charset)
    reply = await merchant.send(asked, charset=charset)
    assert merchant.believed("alipay.trade.create", reply)["code"] == "10000"
    assert (await merchant.told(content["out_trade_no"]))["order"]["subject"] == "学杂费"
    wrong = await merchant.send(asked | {"biz_content": asked["biz_content"] + " "}, charset=charset)
    assert "验签出错" in wrong.content.decode(charset)


async def test_the_answer_is_signed_last_and_its_slashes_are_escaped(merchant):
    content = merchant.content(product_code="QR_CODE_OFFLINE")
    reply = await merchant.send(merchant.signed("alipay.trade.precreate", content))
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert reply.content.startswith(b'{"alipay_trade_precreate_response":{"code":"10000"')
    assert b'"qr_code":"https:\\/\\/qr.alipay.com\\/bax' in reply.content
    assert b'},"sign":"' in reply.content
    assert merchant.believed("alipay.trade.precreate", reply)["qr_code"].startswith("https://qr.alipay.com/bax")


@pytest.mark.parametrize(
    ("other", "refusal"),
    [
        ({"app_id": None}, ("40001", "isv.missing-app-id")),
        ({"app_id": "2021000000000000"}, ("40002", "isv.invalid-app-id")),
        ({"sign_type": None}, ("40002", "isv.invalid-signature-type")),
        ({"sign_type": "RSA"}, ("40002", "isv.invalid-signature-type")),
        ({"charset": "latin-1"}, ("40002", "isv.invalid-charset")),
        ({"version": None}, ("40001", "isv.missing-version")),
        ({"version": "2.0"}, ("40002", "isv.invalid-version")),
        ({"timestamp": None}, ("40001", "isv.missing-timestamp")),
        ({"timestamp": "2026-09-01T10:00:00"}, ("40002", "isv.invalid-timestamp")),
        ({"timestamp": "2019-09-01 10:00:00"}, ("40002", "isv.invalid-timestamp")),
        ({"timestamp": "2026-13-41 99:00:00"}, ("40002", "isv.invalid-timestamp")),
        ({"app_auth_token": "nobody's"}, ("20001", "aop.invalid-app-auth-token")),
        ({"key": keys.certified("stranger", keys.root()[0]).private_pem}, ("40002", "isv.invalid-signature")),
        ({"biz_content": "{broken"}, ("40002", "isv.invalid-parameter")),
        ({"biz_content": "[]"}, ("40002", "isv.invalid-parameter")),
    ],
)
async def test_who_does_not_ask_properly_is_turned_away_without_a_signature(merchant, other, refusal):
    assert unsigned(await merchant.send(merchant.signed(QUERY, NOBODY, **other))) == refusal


async def test_a_call_that_was_altered_or_not_signed_is_turned_away(merchant):
    asked = merchant.signed(QUERY, NOBODY)
    altered = [asked | {"biz_content": '{"out_trade_no":"T1"}'}, asked | {"notify_url": "http://x"}, asked | {"sign": "AAAA"}]
    assert {unsigned(await merchant.send(one)) for one in altered} == {("40002", "isv.invalid-signature")}
    without = {name: value for name, value in asked.items() if name != "sign"}
    assert unsigned(await merchant.send(without)) == ("40001", "isv.missing-signature")
    assert (await merchant.send(asked | {"empty": ""})).json()["alipay_trade_query_response"]["code"] == "40004"


async def test_a_method_that_is_none_is_turned_away(merchant):
    unknown = merchant.signed("alipay.trade.steal", NOBODY)
    assert unsigned(await merchant.send(unknown), "alipay.trade.steal") == ("40002", "isv.invalid-method")
    missing = await merchant.send({name: value for name, value in merchant.signed(QUERY, NOBODY).items() if name != "method"})
    assert missing.json()["error_response"]["sub_code"] == "isv.missing-method"


async def test_with_certificates_each_call_names_them(merchant_of):
    merchant = await merchant_of(signing="certificate")
    assert unsigned(await merchant.send(merchant.signed(QUERY, NOBODY))) == ("40001", "isv.missing-app-cert-sn")
    wrong = merchant.signed(QUERY, NOBODY, app_cert_sn="0" * 32, alipay_root_cert_sn="0" * 32)
    assert unsigned(await merchant.send(wrong)) == ("40002", "isv.invalid-app-cert-sn")


async def test_one_app_may_not_belong_to_two_sellers_unless_it_is_a_providers(merchant, outside):
    taken = {"name": "另一所学校", "appid": merchant.appid}
    assert (await outside.post("/sandbox/api/alipay/merchants", json=taken)).status_code == 400
    again = await outside.post("/sandbox/api/alipay/merchants", json={"name": "同一所", "mchid": merchant.mchid})
    assert again.json()["credentials"] == merchant.account.credentials
    kept = await outside.get(f"/sandbox/api/alipay/merchants/{merchant.mchid}")
    assert kept.json()["name"] == "榕城第一实验学校"


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"out_trade_no": None}, "out_trade_no"),
        ({"out_trade_no": "有汉字"}, "out_trade_no"),
        ({"out_trade_no": "T" * 65}, "out_trade_no"),
        ({"total_amount": None}, "total_amount"),
        ({"total_amount": "0.00"}, "total_amount"),
        ({"total_amount": "1.001"}, "total_amount"),
        ({"total_amount": "1e3"}, "total_amount"),
        ({"total_amount": "100000000.01"}, "total_amount"),
        ({"subject": None}, "subject"),
        ({"subject": "a=b"}, "subject"),
        ({"subject": "学" * 257}, "subject"),
        ({"seller_id": "2088000000000000"}, "seller_id"),
        ({"time_expire": "tomorrow"}, "time_expire"),
        ({"time_expire": "2019-09-01 10:00:00"}, "time_expire"),
        ({"timeout_express": "soon"}, "timeout_express"),
        ({"buyer_open_id": "nobody"}, "buyer_open_id"),
        ({"buyer_open_id": None}, "buyer_open_id"),
        ({"product_code": "JSAPI_PAY"}, "op_app_id"),
    ],
)
async def test_a_trade_must_say_what_a_trade_says(merchant, wanted, words):
    content = merchant.content(**({"buyer_open_id": await merchant.buyer()} | wanted))
    answer = await merchant.ask("alipay.trade.create", content)
    assert (answer["code"], answer["sub_code"]) == ("40004", "ACQ.INVALID_PARAMETER")
    assert words in answer["sub_msg"]


async def test_a_product_that_was_not_signed_for_is_refused(merchant):
    answer = await merchant.ask("alipay.trade.precreate", merchant.content(product_code="JSAPI_PAY"))
    assert answer["sub_code"] == "ACQ.ACCESS_FORBIDDEN"


@pytest.mark.parametrize(("given", "seconds"), [("2m", 120), ("1h", 3600), ("3d", 3 * 86400), ("15d", 15 * 86400)])
async def test_a_trade_lives_as_long_as_it_was_given(merchant, given, seconds):
    number = await merchant.trade(timeout_express=given)
    expires_at = dt.datetime.fromisoformat((await merchant.told(number))["order"]["expires_at"])
    assert abs((expires_at - clock.now()).total_seconds() - seconds) < 60


async def test_alipays_own_number_wins_over_the_merchants(merchant):
    one, other = await merchant.trade(), await merchant.trade()
    number = (await merchant.told(one))["order"]["trade_no"]
    found = await merchant.ask(QUERY, {"trade_no": number, "out_trade_no": other})
    assert (found["out_trade_no"], found["trade_no"], found["trade_status"]) == (one, number, "WAIT_BUYER_PAY")
    assert (await merchant.ask(QUERY, {}))["sub_code"] == "ACQ.INVALID_PARAMETER"


async def test_another_sellers_trade_does_not_exist(merchant, merchant_of):
    number = await merchant.trade()
    stranger = await merchant_of()
    for method in (QUERY, "alipay.trade.close"):
        assert (await stranger.ask(method, {"out_trade_no": number}))["sub_code"] == "ACQ.TRADE_NOT_EXIST"


async def test_a_wrong_scene_of_a_pay_code_is_refused(merchant, outside):
    code = (await outside.post("/sandbox/api/alipay/pay-codes")).json()["auth_code"]
    answer = await merchant.ask("alipay.trade.pay", merchant.content(scene="wave_code", auth_code=code))
    assert answer["sub_code"] == "ACQ.INVALID_PARAMETER"
    for wrong in ("28", "19" + "0" * 16, "289" + "0" * 15, "二" * 18):
        answer = await merchant.ask("alipay.trade.pay", merchant.content(scene="bar_code", auth_code=wrong))
        assert answer["sub_code"] == "ACQ.PAYMENT_AUTH_CODE_INVALID"


async def test_a_partial_refund_needs_a_number_of_its_own(merchant):
    number = await merchant.trade(total_amount="5.00")
    await merchant.pay(number)
    refused = await merchant.ask("alipay.trade.refund", {"out_trade_no": number, "refund_amount": "1.00"})
    assert refused["sub_code"] == "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"
    whole = await merchant.ask("alipay.trade.refund", {"out_trade_no": number, "refund_amount": "5.00"})
    assert (whole["fund_change"], whole["refund_fee"], whole["send_back_fee"]) == ("Y", "5.00", "5.00")
    found = await merchant.ask("alipay.trade.fastpay.refund.query", {"out_trade_no": number, "out_request_no": number})
    assert found["refund_status"] == "REFUND_SUCCESS"


async def test_the_refund_fee_is_the_sum_of_all_refunds(merchant):
    number = await merchant.trade(total_amount="5.00")
    await merchant.pay(number)
    fees = []
    for amount in ("1.00", "2.00"):
        ask = {"out_trade_no": number, "refund_amount": amount, "out_request_no": secrets.token_hex(8)}
        answers = [await merchant.ask("alipay.trade.refund", ask) for _ in range(2)]
        fees.append([(answer["fund_change"], answer["refund_fee"], answer["send_back_fee"]) for answer in answers])
    assert fees == [[("Y", "1.00", "1.00"), ("N", "1.00", "0.00")], [("Y", "3.00", "2.00"), ("N", "3.00", "0.00")]]


async def test_a_year_old_payment_does_not_go_back(merchant, outside):
    number = await merchant.trade()
    await merchant.pay(number)
    await outside.post(f"/sandbox/api/alipay/orders/{merchant.mchid}/{number}/age", json={"days": 366})
    ask = {"out_trade_no": number, "refund_amount": "1.00", "out_request_no": "R1"}
    assert (await merchant.ask("alipay.trade.refund", ask))["sub_code"] == "ACQ.TRADE_NOT_ALLOW_REFUND"
    assert (await merchant.ask("alipay.trade.cancel", {"out_trade_no": number}))["sub_code"] == "ACQ.TRADE_CANCEL_TIME_OUT"
