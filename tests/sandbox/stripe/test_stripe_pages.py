"""The payer's side of the card gateway: the form in the merchant's page, the bank's question, and the tester's own pay page."""

import re
import secrets

import pytest

from core.sandbox.stripe.cards import CARDS

GOOD = {"number": "4242 4242 4242 4242", "expiry": "12/34", "cvc": "123"}


@pytest.fixture
async def intent(merchant):
    return await merchant.create(f"T{secrets.token_hex(12)}")


async def confirm(merchant, intent: dict, **typed):
    form = {"key": merchant.credentials["publishable_key"], "client_secret": intent["client_secret"]} | GOOD | typed
    return await merchant.client.post("/stripe/card/confirm", data=form)


async def test_the_script_offers_what_a_merchants_page_calls(outside):
    reply = await outside.get("/v3/stripe.js")
    assert reply.headers["content-type"] == "text/javascript; charset=utf-8"
    assert all(word in reply.text for word in ("window.Stripe = ", "confirmCardPayment", "confirmPayment", "elements", "mount"))


async def test_the_form_is_in_chinese_fits_a_phone_and_knows_every_test_card(outside, merchant):
    page = (await outside.get("/stripe/card", params={"key": merchant.credentials["publishable_key"]})).text
    assert 'lang="zh-CN"' in page
    assert "width=device-width" in page
    assert all(f'autocomplete="{kind}"' in page for kind in ("cc-number", "cc-exp", "cc-csc"))
    assert re.findall(r'data-test-card="([^"]+)"', page) == [card.shown for card in CARDS]


async def test_a_typed_card_pays_and_its_number_goes_no_further(merchant, intent):
    paid = (await confirm(merchant, intent)).json()["paymentIntent"]
    assert (paid["status"], paid["id"]) == ("succeeded", intent["id"])
    told = await merchant.look(intent["metadata"]["merchant_order_no"])
    assert "4242424242424242" not in f"{paid}{told}"


@pytest.mark.parametrize(
    ("typed", "code", "words"),
    [
        ({"number": "4000000000000002"}, "card_declined", "发卡行拒绝"),
        ({"number": "4000000000009995"}, "card_declined", "余额不足"),
        ({"number": "4000000000000069"}, "expired_card", "已过期"),
        ({"number": "4000000000000127"}, "incorrect_cvc", "安全码"),
        ({"number": "4000000000000341"}, "card_declined", "换一张卡"),
        ({"number": "1234"}, "incorrect_number", "卡号不正确"),
        ({"expiry": "12/20"}, "invalid_expiry_year", "有效期"),
        ({"expiry": "soon"}, "invalid_expiry_year", "有效期"),
        ({"cvc": "12"}, "incorrect_cvc", "安全码"),
    ],
)
async def test_what_is_wrong_with_a_card_is_said_in_the_payers_words(merchant, intent, typed, code, words):
    reply = await confirm(merchant, intent, **typed)
    error = reply.json()["error"]
    assert (reply.status_code, error["code"], words in error["message"]) == (402, code, True)
    assert (await confirm(merchant, intent)).json()["paymentIntent"]["status"] == "succeeded"


async def test_a_client_secret_that_does_not_fit_opens_nothing(merchant, intent, outside, card_merchant_of):
    other = await card_merchant_of(outside)
    for secret, key in ((intent["client_secret"] + "x", merchant), (intent["id"], merchant), ("", merchant), (intent["client_secret"], other)):
        reply = await confirm(key, intent, client_secret=secret)
        assert reply.status_code == 400
    assert (await merchant.ask("GET", f"payment_intents/{intent['id']}")).json()["status"] == "requires_payment_method"


async def test_a_paid_order_is_not_charged_again_from_a_page_left_open(merchant, intent):
    paid = (await confirm(merchant, intent)).json()["paymentIntent"]
    again = await confirm(merchant, intent)
    assert (again.status_code, again.json()["error"]["message"]) == (400, "这笔订单已支付或已关闭，没有扣款")
    newest = (await merchant.ask("GET", "balance_transactions", {"limit": "1"})).json()["data"][0]
    assert newest["source"] == paid["latest_charge"]


@pytest.mark.parametrize(("press", "status", "word"), [("pass", "succeeded", "付款成功"), ("fail", "requires_payment_method", "没有扣款")])
async def test_the_bank_asks_the_holder_and_the_answer_decides(merchant, intent, press, status, word):
    asked = (await confirm(merchant, intent, number="4000 0025 0000 3155", return_url="http://127.0.0.1:8200/h5/back?order=1")).json()["paymentIntent"]
    url = asked["next_action"]["redirect_to_url"]["url"]
    question = await merchant.client.get(url)
    assert "验证通过" in question.text
    answer = await merchant.client.post("/stripe/authenticate", data={"client_secret": intent["client_secret"], "press": press})
    assert word in answer.text
    outcome = "succeeded" if press == "pass" else "failed"
    assert f"http://127.0.0.1:8200/h5/back?order=1&amp;payment_intent={intent['id']}" in answer.text
    assert f"redirect_status={outcome}" in answer.text
    assert (await merchant.ask("GET", f"payment_intents/{intent['id']}")).json()["status"] == status
    assert (await merchant.client.get(url)).status_code == 400


async def test_a_tester_pays_any_order_on_a_page(merchant, intent):
    number = intent["metadata"]["merchant_order_no"]
    path = f"/stripe/pay/{merchant.mchid}/{number}"
    assert "¥10.00" in (await merchant.client.get(path)).text
    assert "余额不足" in (await merchant.client.post(path, data=GOOD | {"number": "4000000000009995"})).text
    assert "支付成功" in (await merchant.client.post(path, data=GOOD)).text
    assert "立即支付" not in (await merchant.client.get(path)).text


async def test_the_testers_page_leads_to_the_banks_question_and_back(merchant, intent):
    path = f"/stripe/pay/{merchant.mchid}/{intent['metadata']['merchant_order_no']}"
    led = await merchant.client.post(path, data=GOOD | {"number": "4000002500003155"})
    assert (led.status_code, led.headers["location"].startswith("/stripe/authenticate?client_secret=")) == (303, True)
    answered = await merchant.client.post("/stripe/authenticate", data={"client_secret": intent["client_secret"], "press": "pass"})
    assert f"{path}?payment_intent=" in answered.text


async def test_a_closed_order_and_one_that_never_was_say_so(merchant, intent):
    await merchant.ask("POST", f"payment_intents/{intent['id']}/cancel")
    assert "已经关闭" in (await merchant.client.get(f"/stripe/pay/{merchant.mchid}/{intent['metadata']['merchant_order_no']}")).text
    assert (await merchant.client.get(f"/stripe/pay/{merchant.mchid}/T0000000000000000")).status_code == 404


@pytest.mark.parametrize(("card", "status"), [("4242424242424242", 200), ("4000002500003155", 200), ("4000000000000002", 402), ("1", 402)])
async def test_an_order_is_paid_without_a_page(merchant, intent, card, status):
    path = f"/sandbox/api/stripe/orders/{merchant.mchid}/{intent['metadata']['merchant_order_no']}/pay"
    assert (await merchant.client.post(path, json={"card": card})).status_code == status
    assert (await merchant.client.post(path, json={"user": "lin"})).status_code == (409 if status == 200 else 200)


async def test_money_can_come_after_the_close_when_it_is_told_to(merchant, intent):
    number = intent["metadata"]["merchant_order_no"]
    await merchant.faults(number, {"kind": "pay_after_close", "seconds": 3600})
    await merchant.ask("POST", f"payment_intents/{intent['id']}/cancel")
    path = f"/sandbox/api/stripe/orders/{merchant.mchid}/{number}/pay"
    assert (await merchant.client.post(path)).status_code == 200
    assert (await merchant.look(number))["order"]["status"] == "succeeded"


async def test_the_first_page_lists_the_order_and_where_to_pay_it(merchant, intent, outside):
    page = (await outside.get("/")).text
    number = intent["metadata"]["merchant_order_no"]
    assert f'href="/stripe/pay/{merchant.mchid}/{number}"' in page
    assert "待付款" in page


async def test_an_account_registered_again_keeps_its_keys(outside):
    first, again = [(await outside.post("/sandbox/api/stripe/merchants", json={"name": "甲", "mchid": "acct_again01"})).json() for _ in range(2)]
    assert first == again
    assert set(first["credentials"]) == {"secret_key", "publishable_key", "webhook_secret", "script_url"}
    assert (await outside.get("/sandbox/api/stripe/merchants/acct_again01")).json() == first


async def test_every_test_card_is_told_with_what_it_does(outside):
    told = (await outside.get("/sandbox/api/stripe/cards")).json()
    assert [card["number"] for card in told] == [card.number for card in CARDS]
