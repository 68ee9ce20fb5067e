"""Webhooks of the card gateway: what is believed, what is refused and why, and what each kind says in our words."""

import hashlib
import hmac
import json
import time

import pytest

from core.payments.channels.errors import AccountIncomplete, ForgedNotice
from core.payments.channels.protocol import ChannelAccount, disagreements
from core.payments.channels.stripe import StripeGateway, crypto

NOW = 1_760_000_000
SECRET, OLD_SECRET = "whsec_sandbox_vector", "whsec_before_the_change"
VECTOR_BODY = '{"id":"evt_1","object":"event","type":"payment_intent.succeeded","note":"学费"}'.encode()
VECTOR = "t=1760000000,v1=fb8ea77eb67a688c5a670d82753134b851e65764e4b369da6ca2e62016b5f9e3"
"""Made by stripe-python 16.1.0, `WebhookSignature.generate_signature_header`, for NOW and SECRET."""
INTENT = {
    "id": "pi_1",
    "object": "payment_intent",
    "status": "succeeded",
    "amount": 1_000,
    "amount_received": 1_000,
    "currency": "cny",
    "latest_charge": "ch_1",
    "metadata": {"merchant_order_no": "T2026000000000001"},
}
REFUND = {
    "id": "re_1",
    "object": "refund",
    "status": "succeeded",
    "amount": 300,
    "currency": "cny",
    "charge": "ch_1",
    "payment_intent": "pi_1",
    "created": NOW,
    "metadata": {"merchant_order_no": "T2026000000000001", "merchant_refund_no": "R2026000000000001"},
}


def account(**credentials) -> ChannelAccount:
    held = {"secret_key": "sk_test_1", "publishable_key": "pk_test_1", "webhook_secret": SECRET} | credentials
    return ChannelAccount(channel="stripe", mchid="acct_1", appid="", base_url="http://127.0.0.1:9", credentials=held)


def event(kind: str, about: dict, **more) -> bytes:
    return json.dumps({"id": "evt_1", "object": "event", "type": kind, "created": NOW, "data": {"object": about}} | more).encode()


def header(body: bytes, at: int = NOW, *secrets: str) -> dict[str, str]:
    signatures = ",".join(f"v1={crypto.sign(secret, at, body)}" for secret in secrets or (SECRET,))
    return {"Stripe-Signature": f"t={at},{signatures}"}


def read(headers: dict[str, str], body: bytes, now: int = NOW, **credentials):
    return StripeGateway(None, seconds_now=lambda: now).read_notice(account(**credentials), headers, body)


def refused(headers: dict[str, str], body: bytes, now: int = NOW, **credentials) -> str:
    with pytest.raises(ForgedNotice) as forged:
        read(headers, body, now, **credentials)
    return forged.value.facts["reason"]


def test_our_signature_is_the_one_the_gateways_own_library_makes():
    assert f"t={NOW},v1={crypto.sign(SECRET, NOW, VECTOR_BODY)}" == VECTOR


def test_a_payment_is_told_in_our_words():
    body = event("payment_intent.succeeded", INTENT)
    notice = read(header(body), body)
    assert (notice.kind, notice.event_id, notice.event_type) == ("payment", "evt_1", "payment_intent.succeeded")
    assert (notice.state.state, notice.state.channel_txn_id, notice.state.paid_at.timestamp()) == ("succeeded", "ch_1", NOW)
    assert disagreements(notice.state, account(), "T2026000000000001", 1_000) == {}
    assert json.loads(notice.state.raw) == INTENT


def test_an_expanded_charge_is_read_like_its_id():
    charge = {"id": "ch_1", "created": NOW - 5, "payment_method_details": {"card": {"fingerprint": "Xt5E"}}}
    body = event("payment_intent.succeeded", INTENT | {"latest_charge": charge})
    state = read(header(body), body).state
    assert (state.channel_txn_id, state.paid_at.timestamp(), state.payer_ref) == ("ch_1", NOW - 5, "Xt5E")


@pytest.mark.parametrize(
    ("kind", "status", "state"),
    [
        ("payment_intent.payment_failed", "requires_payment_method", "pending"),
        ("payment_intent.processing", "processing", "pending"),
        ("payment_intent.canceled", "canceled", "closed"),
        ("payment_intent.succeeded", "succeeded", "succeeded"),
        ("payment_intent.succeeded", "a_status_of_tomorrow", "unknown"),
    ],
)
def test_an_intent_says_what_became_of_the_order(kind, status, state):
    body = event(kind, INTENT | {"status": status})
    notice = read(header(body), body)
    assert (notice.kind, notice.state.state, notice.state.paid) == ("payment", state, state == "succeeded")
    assert (notice.state.channel_txn_id is None) == (state != "succeeded")


def test_a_part_that_was_captured_is_what_was_paid():
    body = event("payment_intent.succeeded", INTENT | {"amount_received": 600})
    state = read(header(body), body).state
    assert disagreements(state, account(), "T2026000000000001", 1_000) == {"amount_fen": (1_000, 600)}


@pytest.mark.parametrize(
    ("status", "state"),
    [("pending", "processing"), ("requires_action", "processing"), ("succeeded", "succeeded"), ("failed", "closed"), ("canceled", "closed")],
)
def test_a_refund_says_what_became_of_it_and_whose_it_is(status, state):
    body = event("refund.updated", REFUND | {"status": status, "failure_reason": "lost_or_stolen_card" if status == "failed" else None})
    notice = read(header(body), body)
    assert (notice.kind, notice.refund.state, notice.refund.number, notice.refund.amount_fen) == ("refund", state, "R2026000000000001", 300)
    assert (notice.state.order_number, notice.state.paid) == ("T2026000000000001", True)
    assert notice.refund.reason == ("lost_or_stolen_card" if status == "failed" else "")
    assert (notice.refund.refunded_at is not None) == (status == "succeeded")


def test_a_refunded_charge_speaks_of_its_order():
    charge = {"id": "ch_1", "amount": 1_000, "currency": "cny", "refunded": False, "payment_intent": "pi_1", "metadata": INTENT["metadata"]}
    body = event("charge.refunded", charge)
    notice = read(header(body), body)
    assert (notice.kind, notice.refund) == ("refund", None)
    assert (notice.state.state, notice.state.order_number, notice.state.channel_txn_id) == ("refunded", "T2026000000000001", "ch_1")


def test_a_kind_we_do_not_act_on_is_kept_and_changes_nothing():
    body = event("charge.dispute.created", {"id": "du_1", "amount": 1_000})
    notice = read(header(body), body)
    assert (notice.kind, notice.state.state, notice.state.paid) == ("other", "unknown", False)


def test_money_that_is_not_ours_by_number_is_named_by_the_gateways_id():
    body = event("payment_intent.succeeded", INTENT | {"metadata": {}})
    assert read(header(body), body).state.order_number == "pi_1"


def test_a_connected_account_is_seen_to_be_another_merchant():
    body = event("payment_intent.succeeded", INTENT, account="acct_2")
    wrong = disagreements(read(header(body), body).state, account(), "T2026000000000001", 1_000)
    assert wrong == {"mchid": ("acct_1", "acct_2")}


@pytest.mark.parametrize("offset", [-300, 0, 300])
def test_five_minutes_either_way_are_the_same_moment(offset):
    body = event("payment_intent.succeeded", INTENT)
    assert read(header(body, NOW + offset), body).state.paid


@pytest.mark.parametrize("offset", [-301, 301, -100_000, 100_000])
def test_a_time_further_off_is_refused_past_or_future(offset):
    body = event("payment_intent.succeeded", INTENT)
    assert refused(header(body, NOW + offset), body) == "clock"


def test_one_more_byte_or_one_less_is_refused():
    body = event("payment_intent.succeeded", INTENT)
    assert {refused(header(body), other) for other in (body + b" ", body[:-1], b" " + body, body.replace(b"1000", b"1001"))} == {"signature"}


def test_while_the_secret_is_changed_one_right_signature_is_enough():
    body = event("payment_intent.succeeded", INTENT)
    assert read(header(body, NOW, OLD_SECRET, SECRET), body).state.paid
    assert read(header(body, NOW, OLD_SECRET), body, previous_webhook_secret=OLD_SECRET).state.paid
    assert refused(header(body, NOW, OLD_SECRET), body) == "signature"


def test_a_signature_of_another_scheme_proves_nothing():
    body = event("payment_intent.succeeded", INTENT)
    good = crypto.sign(SECRET, NOW, body)
    assert refused({"Stripe-Signature": f"t={NOW},v0={good}"}, body) == "headers"
    assert read({"Stripe-Signature": f"t={NOW},v0=00,v1={good}"}, body).state.paid


@pytest.mark.parametrize(
    "given",
    ["", "t=1760000000", "v1=ab", "t=,v1=ab", "t=now,v1=ab", "t=-1760000000,v1=ab", "t=1760000000,t=1760000001,v1=ab", "t=1٧60000000,v1=ab", "=,=,"],
)
def test_a_header_that_is_not_one_time_and_a_signature_is_refused(given):
    assert refused({"Stripe-Signature": given} if given else {}, event("payment_intent.succeeded", INTENT)) == "headers"


@pytest.mark.parametrize("signature", ["", "é" * 64, "0" * 63, "A" * 64])
def test_a_signature_that_cannot_be_one_is_refused(signature):
    assert refused({"Stripe-Signature": f"t={NOW},v1={signature}"}, event("payment_intent.succeeded", INTENT)) == "signature"


def test_the_hexadecimal_of_a_signature_is_lower_case():
    body = event("payment_intent.succeeded", INTENT)
    shouted = hmac.new(SECRET.encode(), f"{NOW}.".encode() + body, hashlib.sha256).hexdigest().upper()
    assert refused({"Stripe-Signature": f"t={NOW},v1={shouted}"}, body) == "signature"


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff\xfe", b'{"id":"evt_1"}', event("payment_intent.succeeded", {"id": "pi_1"})])
def test_content_that_cannot_be_read_is_refused_though_it_is_signed(body):
    assert refused(header(body), body) == "content"


def test_without_our_secret_nothing_can_be_verified_and_the_account_is_named():
    body = event("payment_intent.succeeded", INTENT)
    with pytest.raises(AccountIncomplete) as incomplete:
        read(header(body), body, webhook_secret="")
    assert incomplete.value.facts["missing"] == "webhook_secret"


def test_yes_is_200_and_no_has_it_sent_again():
    gateway = StripeGateway(None, seconds_now=time.time)
    assert gateway.answer(True)[0] == 200
    assert gateway.answer(False, "数据库暂不可用")[0] == 500
