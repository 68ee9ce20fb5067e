"""What a merchant hears from the card gateway: signed when it is sent, again until it is answered, and every way it can go wrong."""

import asyncio
import json

import pytest

from core.payments.channels.errors import ForgedNotice
from core.payments.channels.protocol import disagreements
from core.payments.channels.stripe import StripeGateway
from core.sandbox.stripe.events import LADDER_SECONDS

DAY = 86_400


@pytest.fixture(scope="module")
def channel():
    return StripeGateway(None)


@pytest.fixture
async def heard_merchant(outside, card_merchant_of, ear):
    """An account of its own whose webhooks come to the ear."""
    return await card_merchant_of(outside, webhook_url=ear.url)


async def told_when(merchant, number: str, holds) -> dict:
    for _ in range(2_000):
        if holds(told := await merchant.look(number)):
            return told
        await asyncio.sleep(0.005)
    raise AssertionError(f"never came to be: {told}")


def done(told: dict) -> bool:
    return told["notices"] != [] and "waiting" not in told["notices"]


def about(ear, *numbers: str) -> list[tuple[dict[str, str], bytes]]:
    """What was heard of these orders and refunds; a straggler of another test is none of this one's business."""
    return [heard for heard in ear.heard if any(number.encode() in heard[1] for number in numbers)]


def kinds(ear, *numbers: str) -> list[str]:
    return [json.loads(body)["type"] for _, body in about(ear, *numbers)]


def test_it_is_tried_for_almost_three_days_at_growing_intervals():
    assert list(LADDER_SECONDS) == sorted(LADDER_SECONDS)
    assert 2.5 * DAY < sum(LADDER_SECONDS) <= 3 * DAY


async def test_a_payment_is_told_once_and_our_channel_believes_it(heard_merchant, ear, channel):
    intent = await heard_merchant.paid("T2026112200000001")
    told = await told_when(heard_merchant, "T2026112200000001", done)
    assert (told["notices"], kinds(ear, "T2026112200000001")) == (["delivered"], ["payment_intent.succeeded"])
    state = channel.read_notice(heard_merchant.account, *about(ear, "T2026112200000001")[0]).state
    assert disagreements(state, heard_merchant.account, "T2026112200000001", 1_000) == {}
    assert state.channel_txn_id == intent["latest_charge"]
    event = json.loads(about(ear, "T2026112200000001")[0][1])
    assert (event["object"], event["livemode"], event["data"]["object"]["client_secret"]) == ("event", False, intent["client_secret"])


async def test_every_step_of_an_order_is_told_in_its_own_kind(heard_merchant, ear):
    declined = await heard_merchant.create("T2026112200000002")
    await heard_merchant.confirm(declined, "pm_card_visa_chargeDeclined")
    await heard_merchant.ask("POST", f"payment_intents/{declined['id']}/cancel")
    paid = await heard_merchant.paid("T2026112200000003")
    await heard_merchant.refund(paid, **{"metadata[merchant_refund_no]": "R2026112200000001"})
    for number in ("T2026112200000002", "T2026112200000003", "R2026112200000001"):
        await told_when(heard_merchant, number, done)
    assert sorted(kinds(ear, "T2026112200000002", "T2026112200000003", "R2026112200000001")) == [
        "payment_intent.canceled",
        "payment_intent.payment_failed",
        "payment_intent.succeeded",
        "refund.created",
    ]


async def test_a_merchant_hears_only_the_kinds_it_asked_for(heard_merchant, ear):
    await heard_merchant.hear_at(ear.url, ["charge.refunded", "charge.succeeded"])
    paid = await heard_merchant.paid("T2026112200000004")
    await heard_merchant.refund(paid, **{"metadata[merchant_refund_no]": "R2026112200000002"})
    await told_when(heard_merchant, "R2026112200000002", done)
    await told_when(heard_merchant, "T2026112200000004", done)
    assert sorted(kinds(ear, "T2026112200000004", "R2026112200000002")) == ["charge.refunded", "charge.succeeded"]


async def test_a_refund_that_fails_is_told_twice_and_the_money_is_back(heard_merchant, ear, channel):
    paid = await heard_merchant.paid("T2026112200000005")
    await heard_merchant.faults("T2026112200000005", {"kind": "refund_fail"})
    await heard_merchant.refund(paid, **{"metadata[merchant_refund_no]": "R2026112200000003"})
    await told_when(heard_merchant, "R2026112200000003", lambda told: told["notices"] == ["delivered"] * 2)
    read = [channel.read_notice(heard_merchant.account, *heard) for heard in about(ear, "R2026112200000003")]
    assert {(one.event_type, one.refund.state) for one in read if one.kind == "refund"} == {("refund.created", "processing"), ("refund.failed", "closed")}
    lines = (await heard_merchant.ask("GET", "balance_transactions")).json()["data"]
    assert [(line["type"], line["amount"]) for line in lines] == [("refund_failure", 1000), ("refund", -1000), ("charge", 1000)]


async def test_a_slow_refund_is_under_way_and_counts_against_what_is_left(heard_merchant):
    paid = await heard_merchant.paid("T2026112200000006")
    await heard_merchant.faults("T2026112200000006", {"kind": "refund_slow", "seconds": 10**9})
    assert (await heard_merchant.refund(paid, amount="700")).json()["status"] == "pending"
    assert (await heard_merchant.refund(paid, amount="301")).json()["error"]["param"] == "amount"


async def test_a_merchant_without_an_address_hears_nothing(merchant):
    await merchant.paid("T2026112200000007")
    told = await merchant.look("T2026112200000007")
    assert (told["order"]["status"], told["notices"], told["deliveries"]) == ("succeeded", [], [])


async def test_an_unanswered_webhook_is_repeated_with_a_fresh_signature(heard_merchant, ear, channel):
    ear.about, ear.answers = b"T2026112200000008", [500, 401, 302]
    await heard_merchant.paid("T2026112200000008")
    told = await told_when(heard_merchant, "T2026112200000008", done)
    assert [sent["status"] for sent in told["deliveries"]] == [500, 401, 302, 200]
    assert len({channel.read_notice(heard_merchant.account, *heard).event_id for heard in about(ear, "T2026112200000008")}) == 1


@pytest.mark.parametrize("status", [200, 201, 204, 299])
async def test_any_2xx_ends_it(heard_merchant, ear, status):
    ear.always = status
    await heard_merchant.paid("T2026112200000009")
    assert (await told_when(heard_merchant, "T2026112200000009", done))["notices"] == ["delivered"]


@pytest.mark.parametrize(
    ("twist", "reason"),
    [
        ("notice_tamper_body", "signature"),
        ("notice_tamper_signature", "signature"),
        ("notice_stale", "clock"),
        ("notice_unknown_serial", "signature"),
    ],
)
async def test_a_forgery_comes_first_and_is_refused_then_the_genuine_one_is_believed(heard_merchant, ear, channel, twist, reason):
    await heard_merchant.faults("T2026112200000010", {"kind": twist})
    await heard_merchant.paid("T2026112200000010")
    told = await told_when(heard_merchant, "T2026112200000010", done)
    assert [sent["twist"] for sent in told["deliveries"]] == [twist, None]
    with pytest.raises(ForgedNotice) as forged:
        channel.read_notice(heard_merchant.account, *about(ear, "T2026112200000010")[0])
    assert forged.value.facts["reason"] == reason
    assert channel.read_notice(heard_merchant.account, *about(ear, "T2026112200000010")[1]).state.paid


@pytest.mark.parametrize(("twist", "field"), [("notice_tamper_amount", "amount_fen"), ("notice_tamper_merchant", "mchid")])
async def test_a_valid_signature_about_something_else_shows_what_differs(heard_merchant, ear, channel, twist, field):
    await heard_merchant.faults("T2026112200000011", {"kind": twist})
    await heard_merchant.paid("T2026112200000011")
    await told_when(heard_merchant, "T2026112200000011", done)
    wrong, right = (channel.read_notice(heard_merchant.account, *heard).state for heard in about(ear, "T2026112200000011"))
    assert list(disagreements(wrong, heard_merchant.account, "T2026112200000011", 1_000)) == [field]
    assert disagreements(right, heard_merchant.account, "T2026112200000011", 1_000) == {}


async def test_a_fault_that_this_gateway_cannot_have_is_no_fault(heard_merchant, ear):
    await heard_merchant.faults("T2026112200000012", {"kind": "notice_probe"})
    await heard_merchant.paid("T2026112200000012")
    told = await told_when(heard_merchant, "T2026112200000012", done)
    assert [sent["twist"] for sent in told["deliveries"]] == [None]


async def test_while_the_secret_is_changed_both_sign_and_afterwards_only_the_new_one(heard_merchant, ear, channel, outside):
    old = heard_merchant.account
    path = f"/sandbox/api/stripe/merchants/{old.mchid}/webhook-secret"
    given = (await outside.post(path)).json()["credentials"]
    assert given["previous_webhook_secret"] == old.credentials["webhook_secret"] != given["webhook_secret"]
    await heard_merchant.paid("T2026112200000013")
    await told_when(heard_merchant, "T2026112200000013", done)
    await outside.post(f"{path}/end")
    await heard_merchant.paid("T2026112200000014")
    await told_when(heard_merchant, "T2026112200000014", done)
    new = type(old)(**{name: getattr(old, name) for name in old.__struct_fields__} | {"credentials": given})
    assert all(channel.read_notice(new, *heard).state.paid for heard in about(ear, "T2026112200000013", "T2026112200000014"))
    assert channel.read_notice(old, *about(ear, "T2026112200000013", "T2026112200000014")[0]).state.paid
    with pytest.raises(ForgedNotice):
        channel.read_notice(old, *about(ear, "T2026112200000013", "T2026112200000014")[1])


async def test_a_webhook_can_be_sent_again_on_request(heard_merchant, ear, outside):
    await heard_merchant.paid("T2026112200000015")
    await told_when(heard_merchant, "T2026112200000015", done)
    again = await outside.post(f"/sandbox/api/stripe/orders/{heard_merchant.mchid}/T2026112200000015/notify")
    assert again.json() == {"notices": 1}
    await told_when(heard_merchant, "T2026112200000015", lambda told: len(told["deliveries"]) == 2)
