"""Idempotency keys at the gateway: done once, told again, success or failure; and never another request's answer."""

import asyncio
import datetime as dt
import secrets

import asyncpg
import pytest

from core import clock
from core.sandbox.schema import plain_url
from core.sandbox.stripe.forms import Form
from core.sandbox.stripe.idempotency import asked

WANTED = {"amount": "1000", "currency": "cny"}


def key() -> str:
    return f"K{secrets.token_hex(12)}"


async def test_a_repeat_gets_the_first_answer_and_is_marked(merchant):
    once = key()
    first, again = [await merchant.ask("POST", "payment_intents", WANTED, key=once) for _ in range(2)]
    assert first.content == again.content
    assert "idempotent-replayed" not in first.headers
    assert (again.headers["idempotent-replayed"], again.headers["original-request"]) == ("true", first.headers["request-id"])


async def test_the_order_of_parameters_does_not_matter_but_their_values_do(merchant):
    once = key()
    first = await merchant.ask("POST", "payment_intents", WANTED, key=once)
    turned = await merchant.ask("POST", "payment_intents", dict(reversed(WANTED.items())), key=once)
    other = await merchant.ask("POST", "payment_intents", WANTED | {"amount": "1001"}, key=once)
    assert turned.content == first.content
    assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")


async def test_a_key_belongs_to_one_address_and_one_account(merchant, outside, card_merchant_of):
    once = key()
    intent = (await merchant.ask("POST", "payment_intents", WANTED, key=once)).json()
    elsewhere = await merchant.ask("POST", f"payment_intents/{intent['id']}/cancel", WANTED, key=once)
    assert elsewhere.json()["error"]["type"] == "idempotency_error"
    other = await card_merchant_of(outside)
    assert (await other.ask("POST", "payment_intents", WANTED, key=once)).json()["id"] != intent["id"]


async def test_what_failed_before_it_began_is_forgotten(merchant):
    once = key()
    assert (await merchant.ask("POST", "payment_intents", {"amount": "1"}, key=once)).status_code == 400
    assert (await merchant.ask("POST", "payment_intents", WANTED, key=once)).status_code == 200


async def test_a_decline_is_remembered_and_charges_nothing_twice(merchant):
    intent, once = await merchant.create(), key()
    path, card = f"payment_intents/{intent['id']}/confirm", {"payment_method": "pm_card_visa_chargeDeclined"}
    first, again = [await merchant.ask("POST", path, card, key=once) for _ in range(2)]
    assert (first.status_code, first.content, again.headers["idempotent-replayed"]) == (402, again.content, "true")


async def test_a_refusal_is_remembered_even_when_it_would_succeed_now(merchant):
    intent, once = await merchant.create(), key()
    refused = await merchant.ask("POST", "refunds", {"payment_intent": intent["id"]}, key=once)
    await merchant.confirm(intent)
    again = await merchant.ask("POST", "refunds", {"payment_intent": intent["id"]}, key=once)
    assert (refused.status_code, again.content) == (400, refused.content)
    assert (await merchant.ask("POST", "refunds", {"payment_intent": intent["id"]}, key=key())).status_code == 200


async def test_a_500_is_remembered_when_the_work_had_begun_and_forgotten_when_it_had_not(merchant):
    numbers = [f"T{secrets.token_hex(12)}" for _ in range(2)]
    answers = []
    for number, kind in zip(numbers, ("api_error_kept", "api_error"), strict=True):
        await merchant.faults(number, {"kind": kind, "remaining": 1})
        form = WANTED | {"metadata[merchant_order_no]": number}
        answers.append([(await merchant.ask("POST", "payment_intents", form, key=number)).status_code for _ in range(2)])
    assert answers == [[500, 500], [500, 200]]


async def test_ten_at_once_are_done_once(merchant):
    intent = await merchant.paid()
    once = key()
    replies = await asyncio.gather(*(merchant.ask("POST", "refunds", {"payment_intent": intent["id"], "amount": "100"}, key=once) for _ in range(10)))
    assert {reply.status_code for reply in replies} <= {200, 409}
    assert len({reply.json()["id"] for reply in replies if reply.status_code == 200}) == 1
    assert {reply.json()["error"]["code"] for reply in replies if reply.status_code == 409} <= {"idempotency_key_in_use"}
    assert len((await merchant.ask("GET", "refunds", {"payment_intent": intent["id"]})).json()["data"]) == 1


@pytest.mark.parametrize(("age", "status"), [(0, 409), (29, 409), (31, 200)])
async def test_a_key_in_use_is_409_until_the_request_that_holds_it_must_have_died(merchant, sandbox_database, age, status):
    once = key()
    connection = await asyncpg.connect(plain_url(sandbox_database))
    await connection.execute(
        "INSERT INTO sandbox.stripe_key (mchid, key, asked, request_id, started_at) SELECT $1, $2, $3, 'req_1', $4",
        *(merchant.mchid, once, asked_for(), clock.now() - dt.timedelta(seconds=age)),
    )
    await connection.close()
    assert (await merchant.ask("POST", "payment_intents", WANTED, key=once)).status_code == status


def asked_for() -> str:
    return asked("/v1/payment_intents", Form(tuple(WANTED.items())))


async def test_a_key_older_than_a_day_is_forgotten(merchant, sandbox_database):
    once = key()
    first = (await merchant.ask("POST", "payment_intents", WANTED, key=once)).json()
    connection = await asyncpg.connect(plain_url(sandbox_database))
    await connection.execute("UPDATE sandbox.stripe_key SET started_at = started_at - interval '25 hours' WHERE key = $1", once)
    await connection.close()
    assert (await merchant.ask("POST", "payment_intents", WANTED, key=once)).json()["id"] != first["id"]


async def test_a_key_can_be_255_characters_long_and_no_longer(merchant):
    assert [(await merchant.ask("POST", "payment_intents", WANTED, key="k" * length)).status_code for length in (255, 256)] == [200, 400]
