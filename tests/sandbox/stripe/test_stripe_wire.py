"""The gateway's own addresses, asked by hand: what an intent, a charge and a refund may and may not do."""

import base64

import pytest

OK = ("pm_card_visa", "pm_card_mastercard", "pm_card_unionpay")


def error(reply) -> tuple:
    told = reply.json()["error"]
    return reply.status_code, told["type"], told.get("code"), told.get("param")


async def test_a_secret_key_comes_as_bearer_or_as_the_user_of_basic(merchant):
    basic = base64.b64encode(f"{merchant.credentials['secret_key']}:".encode()).decode()
    assert (await merchant.ask("GET", "payment_intents", headers={"Authorization": f"Basic {basic}"})).status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer sk_test_nobody", "Basic !!", "Basic " + base64.b64encode(b"sk_:").decode()])
async def test_a_key_that_is_nobodys_is_401(merchant, header):
    assert error(await merchant.ask("GET", "payment_intents", headers={"Authorization": header}))[:2] == (401, "invalid_request_error")


async def test_the_publishable_key_opens_nothing_here(merchant):
    refused = await merchant.ask("GET", "payment_intents", headers={"Authorization": f"Bearer {merchant.credentials['publishable_key']}"})
    assert refused.status_code == 401


async def test_a_new_intent_waits_for_a_card(merchant):
    intent = await merchant.create(description="秋季学费", **{"metadata[class]": "三年二班"})
    assert (intent["status"], intent["amount"], intent["amount_received"], intent["latest_charge"]) == ("requires_payment_method", 1000, 0, None)
    assert (intent["currency"], intent["capture_method"], intent["livemode"]) == ("cny", "automatic_async", False)
    assert intent["metadata"]["class"] == "三年二班"
    assert intent["client_secret"].startswith(intent["id"] + "_secret_")
    read = await merchant.ask("GET", f"payment_intents/{intent['id']}")
    assert read.json() == intent
    assert read.headers["request-id"].startswith("req_")


@pytest.mark.parametrize(
    ("form", "code", "param"),
    [
        ({"amount": ""}, "parameter_missing", "amount"),
        ({"amount": "0"}, "parameter_invalid_integer", "amount"),
        ({"amount": "-5"}, "parameter_invalid_integer", "amount"),
        ({"amount": "10.5"}, "parameter_invalid_integer", "amount"),
        ({"amount": "100000000"}, "amount_too_large", "amount"),
        ({"currency": ""}, "parameter_missing", "currency"),
        ({"currency": "xyz"}, "parameter_invalid", "currency"),
        ({"colour": "green"}, "parameter_unknown", "colour"),
        ({"capture_method": "later"}, "parameter_invalid", "capture_method"),
        ({"payment_method_types[]": "cash"}, "parameter_invalid", "payment_method_types"),
        ({"return_url": "http://127.0.0.1/"}, "parameter_invalid", "return_url"),
        ({"metadata[note]": "长" * 501}, "parameter_invalid", "metadata"),
        ({"expand[]": "a.b.c.d.e"}, "parameter_invalid", "expand"),
        ({"expand[]": "nothing"}, "parameter_invalid", "expand"),
    ],
)
async def test_a_parameter_that_is_wrong_is_named(merchant, form, code, param):
    reply = await merchant.ask("POST", "payment_intents", {"amount": "1", "currency": "cny"} | form)
    assert error(reply) == (400, "invalid_request_error", code, param)


async def test_what_does_not_exist_is_404_also_when_it_is_anothers(merchant, outside, card_merchant_of):
    other = await card_merchant_of(outside)
    intent = await other.create()
    for path in (f"payment_intents/{intent['id']}", "payment_intents/pi_none", "charges/ch_none", "refunds/re_none", "balance_transactions/txn_none"):
        assert error(await merchant.ask("GET", path))[:3] == (404, "invalid_request_error", "resource_missing")


@pytest.mark.parametrize("card", OK)
async def test_a_good_card_is_charged_when_it_is_confirmed(merchant, card):
    intent = await merchant.create()
    paid = (await merchant.confirm(intent, card)).json()
    assert (paid["status"], paid["amount_received"], paid["latest_charge"][:3]) == ("succeeded", 1000, "ch_")
    charge = (await merchant.ask("GET", f"charges/{paid['latest_charge']}")).json()
    assert (charge["paid"], charge["captured"], charge["payment_intent"], charge["metadata"]) == (True, True, intent["id"], intent["metadata"])


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
        ("pm_card_chargeCustomerFail", "card_declined", "generic_decline"),
    ],
)
async def test_a_bad_card_is_402_and_the_intent_waits_for_another(merchant, card, code, decline_code):
    intent = await merchant.create()
    reply = await merchant.confirm(intent, card)
    told = reply.json()["error"]
    assert (reply.status_code, told["type"], told["code"], told.get("decline_code")) == (402, "card_error", code, decline_code)
    left = (await merchant.ask("GET", f"payment_intents/{intent['id']}")).json()
    assert (left["status"], left["payment_method"], left["amount_received"]) == ("requires_payment_method", None, 0)
    assert left["last_payment_error"]["code"] == code
    assert (await merchant.ask("GET", f"charges/{told['charge']}")).json()["status"] == "failed"
    assert (await merchant.confirm(intent)).json()["status"] == "succeeded"


async def test_a_card_that_asks_its_holder_waits_and_says_where(merchant):
    intent = await merchant.create()
    asked = (await merchant.confirm(intent, "pm_card_authenticationRequired", return_url="http://127.0.0.1:8200/back")).json()
    action = asked["next_action"]
    assert (asked["status"], action["type"], action["redirect_to_url"]["return_url"]) == ("requires_action", "redirect_to_url", "http://127.0.0.1:8200/back")
    bare = (await merchant.confirm(await merchant.create(), "pm_card_authenticationRequired")).json()
    assert bare["next_action"]["type"] == "use_stripe_sdk"


async def test_an_intent_without_a_card_cannot_be_confirmed(merchant):
    intent = await merchant.create()
    assert error(await merchant.ask("POST", f"payment_intents/{intent['id']}/confirm"))[2] == "payment_intent_unexpected_state"


async def test_a_card_can_be_typed_in_and_named_first(merchant):
    card = {"type": "card", "card[number]": "4242 4242 4242 4242", "card[exp_month]": "12", "card[exp_year]": "34", "card[cvc]": "123"}
    method = (await merchant.ask("POST", "payment_methods", card)).json()
    assert (method["card"]["last4"], method["card"]["exp_year"], "4242424242424242" in str(method)) == ("4242", 2034, False)
    intent = await merchant.create()
    named = (await merchant.ask("POST", f"payment_intents/{intent['id']}", {"payment_method": method["id"]})).json()
    assert (named["status"], named["payment_method"]) == ("requires_confirmation", method["id"])
    assert (await merchant.ask("POST", f"payment_intents/{intent['id']}/confirm")).json()["status"] == "succeeded"


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ({"card[number]": "1234567812345678"}, "incorrect_number"),
        ({"card[exp_year]": "20"}, "invalid_expiry_year"),
        ({"card[exp_month]": "13"}, "invalid_expiry_year"),
    ],
)
async def test_what_cannot_be_a_card_is_402(merchant, card, code):
    form = {"type": "card", "card[number]": "4242424242424242", "card[exp_month]": "12", "card[exp_year]": "34"} | card
    assert error(await merchant.ask("POST", "payment_methods", form))[:3] == (402, "card_error", code)


async def test_reserved_money_is_captured_once_and_never_more_than_was_reserved(merchant):
    intent = await merchant.paid(capture_method="manual")
    path = f"payment_intents/{intent['id']}/capture"
    assert (intent["status"], intent["amount_capturable"], intent["amount_received"]) == ("requires_capture", 1000, 0)
    assert error(await merchant.ask("POST", path, {"amount_to_capture": "1001"}))[2:] == ("amount_too_large", "amount_to_capture")
    taken = (await merchant.ask("POST", path, {"amount_to_capture": "400"})).json()
    assert (taken["status"], taken["amount_received"], taken["amount_capturable"]) == ("succeeded", 400, 0)
    assert error(await merchant.ask("POST", path))[2] == "payment_intent_unexpected_state"


@pytest.mark.parametrize("reason", ["", "abandoned", "requested_by_customer"])
async def test_an_unpaid_intent_is_cancelled_for_good(merchant, reason):
    intent = await merchant.create()
    path = f"payment_intents/{intent['id']}"
    gone = (await merchant.ask("POST", f"{path}/cancel", {"cancellation_reason": reason})).json()
    assert (gone["status"], gone["cancellation_reason"], gone["canceled_at"] > 0) == ("canceled", reason or None, True)
    for verb in ("cancel", "confirm", "capture"):
        form = {"payment_method": "pm_card_visa"} if verb == "confirm" else {}
        assert error(await merchant.ask("POST", f"{path}/{verb}", form))[2] == "payment_intent_unexpected_state"


async def test_a_paid_intent_cannot_be_cancelled_or_charged_again(merchant):
    intent = await merchant.paid()
    reply = await merchant.ask("POST", f"payment_intents/{intent['id']}/cancel")
    assert error(reply)[2] == "payment_intent_unexpected_state"
    assert reply.json()["error"]["payment_intent"]["status"] == "succeeded"
    assert error(await merchant.confirm(intent))[2] == "payment_intent_unexpected_state"


async def test_an_answer_is_expanded_as_asked(merchant):
    intent = await merchant.paid(**{"expand[]": "latest_charge.balance_transaction"})
    line = intent["latest_charge"]["balance_transaction"]
    assert (line["amount"], line["fee"], line["net"], line["reporting_category"]) == (1000, 59, 941, "charge")
    assert line["fee_details"][0]["type"] == "stripe_fee"


@pytest.mark.parametrize(("amount", "fee"), [(1, 30), (17, 30), (18, 31), (1000, 59), (123_450, 3_610)])
async def test_the_fee_is_29_per_mille_half_up_and_thirty(merchant, amount, fee):
    intent = await merchant.paid(amount=str(amount), **{"expand[]": "latest_charge.balance_transaction"})
    assert intent["latest_charge"]["balance_transaction"]["fee"] == fee


async def test_refunds_never_exceed_the_charge(merchant):
    intent = await merchant.paid()
    part = (await merchant.refund(intent, amount="600", reason="requested_by_customer", **{"metadata[merchant_refund_no]": "R1"})).json()
    assert (part["status"], part["amount"], part["payment_intent"], part["charge"]) == ("succeeded", 600, intent["id"], intent["latest_charge"])
    assert error(await merchant.refund(intent, amount="401"))[3] == "amount"
    assert (await merchant.refund(intent)).json()["amount"] == 400
    assert error(await merchant.refund(intent, amount="1"))[2] == "charge_already_refunded"
    charge = (await merchant.ask("GET", f"charges/{intent['latest_charge']}")).json()
    assert (charge["amount_refunded"], charge["refunded"]) == (1000, True)


async def test_what_was_never_paid_cannot_be_refunded(merchant):
    intent = await merchant.create()
    assert error(await merchant.refund(intent))[2] == "charge_not_refundable"
    declined = (await merchant.confirm(intent, "pm_card_visa_chargeDeclined")).json()["error"]["charge"]
    assert error(await merchant.ask("POST", "refunds", {"charge": declined}))[2] in ("charge_not_refundable", "charge_already_refunded")


async def test_a_refund_costs_the_fee_of_its_payment_and_gives_none_back(merchant):
    intent = await merchant.paid()
    made = (await merchant.refund(intent, **{"expand[]": "balance_transaction"})).json()
    assert {name: made["balance_transaction"][name] for name in ("amount", "fee", "net", "type")} == {"amount": -1000, "fee": 0, "net": -1000, "type": "refund"}


async def test_lists_are_newest_first_and_paged(outside, card_merchant_of):
    merchant = await card_merchant_of(outside)
    made = [(await merchant.create())["id"] for _ in range(5)]
    first = (await merchant.ask("GET", "payment_intents", {"limit": "2"})).json()
    rest = (await merchant.ask("GET", "payment_intents", {"limit": "3", "starting_after": first["data"][-1]["id"]})).json()
    assert [one["id"] for one in first["data"] + rest["data"]] == made[::-1]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    assert error(await merchant.ask("GET", "payment_intents", {"limit": "101"}))[3] == "limit"


async def test_movements_are_found_by_kind_source_and_time(outside, card_merchant_of):
    merchant = await card_merchant_of(outside)
    intent = await merchant.paid()
    await merchant.refund(intent, amount="1")
    both = (await merchant.ask("GET", "balance_transactions")).json()["data"]
    assert [line["type"] for line in both] == ["refund", "charge"]

    async def found(**wanted) -> list[str]:
        return [line["type"] for line in (await merchant.ask("GET", "balance_transactions", wanted)).json()["data"]]

    assert await found(type="refund") == ["refund"]
    assert await found(source=intent["latest_charge"]) == ["charge"]
    assert await found(**{"created[gte]": str(both[0]["created"] + 5)}) == []
    assert await found(**{"created[lt]": str(both[0]["created"] + 5), "currency": "cny"}) == ["refund", "charge"]


async def test_a_report_is_for_its_own_account_and_wants_an_interval_that_is_over(merchant, outside, card_merchant_of):
    report = {"report_type": "balance_change_from_activity.itemized.3", "parameters[interval_start]": "1700000000", "parameters[interval_end]": "1700086400"}
    run = (await merchant.ask("POST", "reporting/report_runs", report)).json()
    other = await card_merchant_of(outside)
    assert (await other.ask("GET", f"reporting/report_runs/{run['id']}")).status_code == 404
    assert (await other.ask("GET", f"files/file_{run['id'][4:]}/contents")).status_code == 404
    assert error(await merchant.ask("POST", "reporting/report_runs", report | {"parameters[interval_end]": "99999999999"}))[3] == "parameters[interval_end]"
    assert error(await merchant.ask("POST", "reporting/report_runs", report | {"report_type": "weather.1"}))[3] == "report_type"
    assert error(await merchant.ask("POST", "reporting/report_runs", report | {"parameters[columns][]": "weather"}))[3] == "parameters[columns]"
    assert error(await merchant.ask("POST", "reporting/report_runs", report | {"parameters[timezone]": "Moon/Base"}))[3] == "parameters[timezone]"
