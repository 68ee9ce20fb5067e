"""stripe-python judges both sides of the card gateway: as a client of the sandbox, and over what is signed as a webhook.

What the library understands of the sandbox is what it understands of the gateway; what it refuses as a webhook we refuse, and what the
sandbox and we ourselves sign it believes.
"""

import asyncio
import base64
import json
import secrets
import time
from pathlib import Path

import httpx
import pytest

from core.payments.channels.conformance import listening
from core.payments.channels.errors import ForgedNotice
from core.payments.channels.protocol import ChannelAccount
from core.payments.channels.stripe import StripeGateway, crypto
from core.sandbox.schema import install
from core.sandbox.serving import sandbox_serving
from tests.judges.environments import ask_python

pytestmark = pytest.mark.slow
JUDGE = Path(__file__).parent / "stripe_judge.py"
TWISTS = ("notice_tamper_body", "notice_tamper_signature", "notice_stale", "notice_unknown_serial")


@pytest.fixture(scope="module")
async def outside(postgres):
    await install(postgres.owner_url)
    async with (
        sandbox_serving(postgres.app_url, time_scale=0.00001) as settings,
        httpx.AsyncClient(base_url=settings.public_url, trust_env=False) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def gateway():
    return StripeGateway(None)


@pytest.fixture(scope="module")
async def ear(gateway):
    async with listening(gateway) as ear:
        yield ear


@pytest.fixture
async def account(outside, ear):
    wanted = {"name": "榕城第一实验学校", "webhook_url": ear.notify_url("all")}
    given = (await outside.post("/sandbox/api/stripe/merchants", json=wanted)).json()
    return ChannelAccount(channel="stripe", **{name: given[name] for name in ("mchid", "appid", "base_url", "credentials")})


async def asked(account: ChannelAccount, *steps: dict) -> list[dict]:
    """What the library makes of the sandbox's answers, step by step."""
    question = {"key": account.credentials["secret_key"], "base": account.base_url, "steps": list(steps)}
    return await asyncio.to_thread(ask_python, "stripe", JUDGE, question)


async def judged(*webhooks: tuple[dict[str, str], bytes], secret: str) -> list[str]:
    """What `construct_event` says of each webhook."""
    question = [
        {"body": base64.b64encode(body).decode(), "header": {n.lower(): v for n, v in headers.items()}["stripe-signature"], "secret": secret}
        for headers, body in webhooks
    ]
    return await asyncio.to_thread(ask_python, "stripe", JUDGE, {"webhooks": question})


def step(call: str, *path: str, options: dict | None = None, **params: object) -> dict:
    return {"call": call, "path": list(path), "params": params, "options": options or {}}


def new_intent(**more: object) -> dict:
    wanted = {"amount": 1_000, "currency": "cny", "payment_method_types": ["card"], "metadata": {"merchant_order_no": f"T{secrets.token_hex(12)}"}}
    return step("payment_intents.create", **(wanted | more))


async def test_an_order_is_made_confirmed_read_and_refunded(account):
    made, paid, read, refund, refunds, lines = await asked(
        account,
        new_intent(),
        step("payment_intents.confirm", "$0.id", payment_method="pm_card_visa"),
        step("payment_intents.retrieve", "$0.id", expand=["latest_charge.balance_transaction"]),
        step("refunds.create", payment_intent="$0.id", amount=400, metadata={"merchant_refund_no": "R1"}),
        step("refunds.list", payment_intent="$0.id"),
        step("balance_transactions.list", limit=10),
    )
    assert (made["status"], paid["status"], read["latest_charge"]["balance_transaction"]["fee"]) == ("requires_payment_method", "succeeded", 59)
    assert (refund["status"], [one["id"] for one in refunds["data"]]) == ("succeeded", [refund["id"]])
    assert [(line["type"], line["net"]) for line in lines["data"]] == [("refund", -400), ("charge", 941)]


async def test_reserving_capturing_and_cancelling(account):
    _, held, taken, _, gone, again = await asked(
        account,
        new_intent(capture_method="manual"),
        step("payment_intents.confirm", "$0.id", payment_method="pm_card_visa"),
        step("payment_intents.capture", "$0.id", amount_to_capture=600),
        new_intent(),
        step("payment_intents.cancel", "$3.id", cancellation_reason="abandoned"),
        step("payment_intents.cancel", "$3.id"),
    )
    assert (held["status"], taken["status"], taken["amount_received"]) == ("requires_capture", "succeeded", 600)
    assert (gone["status"], gone["cancellation_reason"]) == ("canceled", "abandoned")
    assert (again["refused"], again["code"]) == ("InvalidRequestError", "payment_intent_unexpected_state")


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
    ],
)
async def test_a_declined_card_is_a_card_error(account, card, code, decline_code):
    _, declined, after = await asked(
        account, new_intent(), step("payment_intents.confirm", "$0.id", payment_method=card), step("payment_intents.retrieve", "$0.id")
    )
    assert (declined["refused"], declined["status"], declined["code"], declined["decline_code"]) == ("CardError", 402, code, decline_code)
    assert after["status"] == "requires_payment_method"


async def test_a_typed_card_that_asks_its_holder(account):
    card = {"number": "4000002500003155", "exp_month": 12, "exp_year": 2034, "cvc": "123"}
    _, _, waiting = await asked(
        account,
        new_intent(),
        step("payment_methods.create", type="card", card=card),
        step("payment_intents.confirm", "$0.id", payment_method="$1.id", return_url="http://127.0.0.1:8200/back"),
    )
    assert (waiting["status"], waiting["next_action"]["type"]) == ("requires_action", "redirect_to_url")


async def test_its_errors_are_named_as_the_library_names_them(account):
    refused = await asked(
        account,
        new_intent(amount=0),
        new_intent(colour="green"),
        step("payment_intents.retrieve", "pi_none"),
        new_intent(confirm=True, payment_method="pm_card_visa"),
        step("refunds.create", payment_intent="$3.id", amount=1_001),
        step("refunds.create", payment_intent="$3.id"),
        step("refunds.create", payment_intent="$3.id"),
    )
    named = [(one.get("refused"), one.get("code"), one.get("param")) for one in refused]
    assert named == [
        ("InvalidRequestError", "parameter_invalid_integer", "amount"),
        ("InvalidRequestError", "parameter_unknown", "colour"),
        ("InvalidRequestError", "resource_missing", "intent"),
        (None, None, None),
        ("InvalidRequestError", None, "amount"),
        (None, None, None),
        ("InvalidRequestError", "charge_already_refunded", "charge"),
    ]
    stranger = ChannelAccount(channel="stripe", mchid="", appid="", base_url=account.base_url, credentials={"secret_key": "sk_test_nobody"})
    assert (await asked(stranger, new_intent()))[0]["refused"] == "AuthenticationError"


async def test_a_key_is_replayed_and_defended(account):
    once, number = {"idempotency_key": secrets.token_hex(16)}, {"merchant_order_no": f"T{secrets.token_hex(12)}"}
    first, again, other = await asked(
        account,
        new_intent(metadata=number) | {"options": once},
        new_intent(metadata=number) | {"options": once},
        new_intent(metadata=number, amount=2_000) | {"options": once},
    )
    assert (first["id"], again["_replayed"], other["refused"]) == (again["id"], "true", "IdempotencyError")


async def test_a_500_is_an_api_error(account, outside):
    number = f"T{secrets.token_hex(12)}"
    await outside.put(f"/sandbox/api/faults/orders/{account.mchid}/{number}", json={"faults": [{"kind": "api_error_kept", "remaining": 1}]})
    order = new_intent(metadata={"merchant_order_no": number}) | {"options": {"idempotency_key": number}}
    assert [(one["refused"], one["status"]) for one in await asked(account, order, order)] == [("APIError", 500)] * 2


async def test_a_report_is_ordered_as_the_library_orders_it(account):
    interval = {"interval_start": 1_700_000_000, "interval_end": 1_700_086_400, "timezone": "Asia/Shanghai"}
    columns = ["balance_transaction_id", "gross", "payment_metadata[merchant_order_no]"]
    kind = "balance_change_from_activity.itemized.3"
    [run] = await asked(account, step("reporting.report_runs.create", report_type=kind, parameters=interval | {"columns": columns}))
    assert (run["status"] in ("pending", "succeeded"), run["parameters"]["columns"]) == (True, columns)


async def heard(outside, ear, account, *faults: str, count: int) -> list[tuple[dict[str, str], bytes]]:
    """What comes to the ear for one paid order with these faults."""
    ear.heard.clear()
    number = f"T{secrets.token_hex(12)}"
    told = {"faults": [{"kind": kind} for kind in faults]}
    await outside.put(f"/sandbox/api/faults/orders/{account.mchid}/{number}", json=told)
    await asked(account, new_intent(metadata={"merchant_order_no": number}, confirm=True, payment_method="pm_card_visa"))
    async with asyncio.timeout(60):
        while len(ear.heard["all"]) < count:  # noqa: ASYNC110 - another's clock
            await asyncio.sleep(0.005)
    return list(ear.heard["all"])


def ours(gateway: StripeGateway, account: ChannelAccount, headers: dict[str, str], body: bytes) -> bool:
    try:
        gateway.read_notice(account, headers, body)
    except ForgedNotice:
        return False
    return True


async def test_the_library_believes_what_the_sandbox_signs_and_refuses_with_us_what_it_forges(outside, ear, account, gateway):
    webhooks = await heard(outside, ear, account, *TWISTS, count=len(TWISTS) + 1)
    verdicts = await judged(*webhooks, secret=account.credentials["webhook_secret"])
    assert verdicts == ["refused: SignatureVerificationError"] * len(TWISTS) + ["payment_intent.succeeded"]
    assert [ours(gateway, account, *webhook) for webhook in webhooks] == [verdict == "payment_intent.succeeded" for verdict in verdicts]


async def test_while_the_secret_is_changed_the_library_believes_with_either(outside, ear, account):
    path = f"/sandbox/api/stripe/merchants/{account.mchid}/webhook-secret"
    new = (await outside.post(path)).json()["credentials"]["webhook_secret"]
    webhooks = await heard(outside, ear, account, count=1)
    for secret in (account.credentials["webhook_secret"], new):
        assert await judged(*webhooks, secret=secret) == ["payment_intent.succeeded"]


async def test_what_the_library_refuses_we_refuse(gateway, account):
    """Every case is put to both. We alone refuse what it lets pass: a time in the future, and a header with two times."""
    secret, now = account.credentials["webhook_secret"], int(time.time())
    body = json.dumps({"id": "evt_1", "object": "event", "type": "balance.available", "created": now, "data": {"object": {}}}).encode()
    good = crypto.sign(secret, now, body)
    cases = {
        "untouched": (f"t={now},v1={good}", body),
        "one wrong, one right": (f"t={now},v1={'0' * 64},v1={good}", body),
        "an unknown scheme beside it": (f"t={now},v9=1,v1={good}", body),
        "one byte more": (f"t={now},v1={good}", body + b" "),
        "old": (f"t={now - 1_000},v1={crypto.sign(secret, now - 1_000, body)}", body),
        "v0 only": (f"t={now},v0={good}", body),
        "no time": (f"v1={good}", body),
        "no signature": (f"t={now}", body),
        "nothing": ("", body),
        "another time": (f"t={now - 1},v1={good}", body),
        "another secret": (f"t={now},v1={crypto.sign('whsec_other', now, body)}", body),
        "upper case": (f"t={now},v1={good.upper()}", body),
        "the future": (f"t={now + 100_000},v1={crypto.sign(secret, now + 100_000, body)}", body),
        "two times": (f"t={now},t={now - 1},v1={good}", body),
    }
    webhooks = [({"Stripe-Signature": header}, content) for header, content in cases.values()]
    theirs = {name: verdict == "balance.available" for name, verdict in zip(cases, await judged(*webhooks, secret=secret), strict=True)}
    mine = {name: ours(gateway, account, *webhook) for name, webhook in zip(cases, webhooks, strict=True)}
    assert {name for name, believed in theirs.items() if believed} - {name for name, believed in mine.items() if believed} == {"the future", "two times"}
    assert {name for name, believed in mine.items() if believed} == {"untouched", "one wrong, one right", "an unknown scheme beside it"}
