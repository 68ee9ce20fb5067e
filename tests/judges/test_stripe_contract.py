"""The card channel works unchanged wherever the gateway's API is spoken: the sandbox, localstripe, and stripe-mock where its address is given.

localstripe runs as a process of its own from an environment of its own. stripe-mock keeps no state and answers with fixtures, so only the
shape of its answers counts: `BANYAN_STRIPE_MOCK_URL=http://127.0.0.1:12111`.
"""

import asyncio
import contextlib
import datetime as dt
import os
import secrets
import subprocess
import time

import httpx
import msgspec
import pytest

from core import clock
from core.payments.channels.conformance import listening
from core.payments.channels.errors import AlreadyPaid, ChannelRefused, OrderNotAtChannel
from core.payments.channels.protocol import ChannelAccount, OrderRequest, RefundRef, RefundRequest, disagreements
from core.payments.channels.stripe import StripeGateway
from core.sandbox.schema import install
from core.sandbox.serving import free_port, sandbox_serving
from tests.judges.environments import python_judge

pytestmark = pytest.mark.slow
MOCK_URL = os.environ.get("BANYAN_STRIPE_MOCK_URL", "")
STATEFUL = ("sandbox", "localstripe")
EVERYWHERE = (*STATEFUL, *(("stripe-mock",) if MOCK_URL else ()))
KEYS = {"secret_key": "sk_test_banyan", "publishable_key": "pk_test_banyan", "webhook_secret": "whsec_banyan"}


def account_at(base_url: str, credentials: dict[str, str]) -> ChannelAccount:
    return ChannelAccount(channel="stripe", mchid="acct_contract", appid="", base_url=base_url, credentials=credentials)


@contextlib.asynccontextmanager
async def localstripe():
    """localstripe on a free port, from scratch, ended with the block."""
    port = free_port()
    command = [await asyncio.to_thread(python_judge, "localstripe"), "-m", "localstripe", "--port", str(port), "--from-scratch"]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(60):
            while process.returncode is None:
                with contextlib.suppress(httpx.TransportError):
                    await client.get(f"http://127.0.0.1:{port}/")
                    break
                await asyncio.sleep(0.05)
        assert process.returncode is None, "localstripe ended while it started"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


@pytest.fixture(scope="module")
async def channel():
    async with httpx.AsyncClient(trust_env=False) as client:
        yield StripeGateway(client)


@pytest.fixture(scope="module")
async def ear(channel):
    async with listening(channel) as ear:
        yield ear


@pytest.fixture(scope="module")
async def accounts(postgres, ear):
    """An account at each place, its webhooks coming to the ear."""
    await install(postgres.owner_url)
    async with (
        sandbox_serving(postgres.app_url, time_scale=0.00001) as settings,
        localstripe() as local,
        httpx.AsyncClient(trust_env=False) as client,
    ):
        wanted = {"name": "榕城第一实验学校", "mchid": "acct_contract", "webhook_url": ear.notify_url("all")}
        given = (await client.post(f"{settings.public_url}/sandbox/api/stripe/merchants", json=wanted)).json()
        hook = {"url": ear.notify_url("all"), "secret": KEYS["webhook_secret"]}
        assert (await client.post(f"{local}/_config/webhooks/banyan", data=hook)).status_code == 200
        yield {
            "sandbox": account_at(settings.public_url, given["credentials"]),
            "localstripe": account_at(local, KEYS),
            "stripe-mock": account_at(MOCK_URL, KEYS),
        }


@pytest.fixture
def account(accounts, place):
    return accounts[place]


everywhere = pytest.mark.parametrize("place", EVERYWHERE)
where_state_is_kept = pytest.mark.parametrize("place", STATEFUL)


def new_order(**wanted) -> OrderRequest:
    now = clock.now().replace(microsecond=0)
    usual = {
        "number": f"T{secrets.token_hex(12)}",
        "description": "2026 学年秋季学费",
        "amount_fen": 123_450,
        "scene": "card",
        "notify_url": "http://127.0.0.1:9/notices",
        "placed_at": now,
        "expires_at": now + dt.timedelta(minutes=20),
    }
    return OrderRequest(**(usual | wanted))


def refund_of(ref, amount_fen: int) -> RefundRequest:
    number = f"R{secrets.token_hex(12)}"
    return RefundRequest(number=number, order=ref, amount_fen=amount_fen, reason="退学", notify_url="", placed_at=clock.now())


async def begun(channel, account, **wanted):
    order = new_order(**wanted)
    prepared = await channel.create(account, order)
    return order, msgspec.structs.replace(order.ref, reference=prepared.reference)


@everywhere
async def test_every_call_is_understood_and_every_answer_is_read(channel, account):
    order = new_order()
    prepared = await channel.create(account, order)
    assert (prepared.kind, prepared.reference[:3], "_secret" in prepared.params["client_secret"]) == ("card", "pi_", True)
    ref = msgspec.structs.replace(order.ref, reference=prepared.reference)
    assert (await channel.query(account, ref)).state in ("pending", "succeeded", "closed")
    assert (await channel.confirm(account, ref, "pm_card_visa")).state in ("pending", "succeeded", "closed")
    made = await channel.refund(account, refund_of(ref, 100))
    assert (made.state in ("processing", "succeeded", "closed"), made.reference[:3]) == (True, "re_")
    asked = RefundRef(number=made.number, order=ref, amount_fen=100, placed_at=order.placed_at, reference=made.reference)
    assert (await channel.query_refund(account, asked)).reference[:3] == "re_"
    _, unpaid = await begun(channel, account)
    await channel.close(account, unpaid)


@where_state_is_kept
async def test_an_order_is_followed_from_pending_to_paid(channel, account):
    order, ref = await begun(channel, account)
    assert (await channel.query(account, ref)).state == "pending"
    paid = await channel.confirm(account, ref, "pm_card_visa")
    assert disagreements(paid, account, order.number, order.amount_fen) == {}
    assert (paid.state, paid.channel_txn_id[:3], abs(paid.paid_at - clock.now()) < dt.timedelta(minutes=1)) == ("succeeded", "ch_", True)
    assert await channel.query(account, ref) == paid
    with pytest.raises(AlreadyPaid):
        await channel.close(account, ref)


@where_state_is_kept
async def test_a_declined_card_leaves_the_order_pending(channel, account):
    _, ref = await begun(channel, account)
    declined = await channel.confirm(account, ref, "pm_card_chargeCustomerFail")
    assert (declined.state, declined.paid, declined.channel_txn_id) == ("pending", False, None)


@where_state_is_kept
async def test_an_unpaid_order_is_closed_and_may_be_closed_again(channel, account):
    _, ref = await begun(channel, account)
    for _ in range(2):
        await channel.close(account, ref)
    assert (await channel.query(account, ref)).state == "closed"


@where_state_is_kept
async def test_what_was_never_there_is_unknown(channel, account):
    absent = msgspec.structs.replace(new_order().ref, reference="pi_00000000000000")
    assert (await channel.query(account, absent)).state == "unknown"
    with pytest.raises(OrderNotAtChannel):
        await channel.close(account, absent)
    assert (await channel.query(account, new_order().ref)).state == "unknown"


@where_state_is_kept
async def test_a_lost_answers_order_is_found_by_its_number(channel, account):
    order, ref = await begun(channel, account)
    state = await channel.query(account, msgspec.structs.replace(ref, reference=None))
    assert (state.state, state.order_number) == ("pending", order.number)


@where_state_is_kept
async def test_reserved_money_is_captured(account):
    async with httpx.AsyncClient(trust_env=False) as client:
        reserving = StripeGateway(client, capture_method="manual")
        order, ref = await begun(reserving, account)
        assert (await reserving.confirm(account, ref, "pm_card_visa")).state == "pending"
        taken = await reserving.capture(account, ref)
    assert (taken.state, taken.amount_fen) == ("succeeded", order.amount_fen)


@where_state_is_kept
async def test_a_refund_is_made_and_found_again(channel, account):
    _, ref = await begun(channel, account)
    await channel.confirm(account, ref, "pm_card_visa")
    refund = refund_of(ref, 300)
    made = await channel.refund(account, refund)
    by_number = RefundRef(number=refund.number, order=ref, amount_fen=300, placed_at=refund.placed_at)
    found = await channel.query_refund(account, by_number)
    assert (found.state, found.reference, found.number, found.amount_fen) == ("succeeded", made.reference, refund.number, 300)
    never = msgspec.structs.replace(by_number, number="R0000000000000000")
    assert (await channel.query_refund(account, never)).state == "unknown"


@where_state_is_kept
async def test_a_webhook_says_what_a_query_says(channel, account, ear):
    order, ref = await begun(channel, account)
    paid = await channel.confirm(account, ref, "pm_card_visa")
    async with asyncio.timeout(60):
        while True:
            notices = [channel.read_notice(account, *heard) for heard in ear.heard["all"] if order.number.encode() in heard[1]]
            if notices:
                break
            await asyncio.sleep(0.02)
    told = notices[0].state
    assert (notices[0].event_type, told.state, told.channel_txn_id) == ("payment_intent.succeeded", "succeeded", paid.channel_txn_id)
    assert disagreements(told, account, order.number, order.amount_fen) == {}


@where_state_is_kept
async def test_the_days_statement_names_order_and_refund(channel, account, place):
    order, ref = await begun(channel, account)
    await channel.confirm(account, ref, "pm_card_visa")
    refund = refund_of(ref, 300)
    await channel.refund(account, refund)
    day = clock.today()
    if place == "sandbox":  # its report wants a day that is over; localstripe keeps no reports and no days
        async with httpx.AsyncClient(trust_env=False) as client:
            aged = await client.post(f"{account.base_url}/sandbox/api/stripe/orders/{account.mchid}/{order.number}/age", json={"days": 1})
            day = dt.date.fromisoformat(aged.json()["day"])
    async with httpx.AsyncClient(trust_env=False) as client:
        tomorrow = StripeGateway(client, seconds_now=lambda: time.time() + 86_400)
        file = await tomorrow.fetch_statement(account, day)
    lines = [line for line in file.content.decode().splitlines() if order.number in line]
    assert sorted(("1234.50" in line, refund.number in line) for line in lines) == [(False, True), (True, False)]


@pytest.mark.parametrize("place", ["localstripe"])
async def test_a_cardholder_who_must_be_asked_leaves_the_order_pending_until_then(channel, account):
    _, ref = await begun(channel, account)
    async with httpx.AsyncClient(base_url=account.base_url, headers={"Authorization": "Bearer sk_test_banyan"}, trust_env=False) as client:
        card = {"type": "card", "card[number]": "4000002500003155", "card[exp_month]": "12", "card[exp_year]": "2034", "card[cvc]": "123"}
        method = (await client.post("/v1/payment_methods", data=card)).json()["id"]
        assert (await channel.confirm(account, ref, method)).state == "pending"
        intent = (await client.get(f"/v1/payment_intents/{ref.reference}")).json()
        answered = {"client_secret": intent["client_secret"], "success": "true"}
        await client.post(f"/v1/payment_intents/{ref.reference}/_authenticate", data=answered)
    assert (await channel.query(account, ref)).state == "succeeded"


@everywhere
async def test_a_key_that_is_none_is_refused(channel, account):
    stranger = msgspec.structs.replace(account, credentials=account.credentials | {"secret_key": "nobody"})
    with pytest.raises(ChannelRefused) as refused:
        await channel.create(stranger, new_order())
    assert refused.value.facts["http_status"] == 401
