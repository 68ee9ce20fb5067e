"""Our card channel against the sandbox over real HTTP: what is particular to a card gateway, beyond what every channel does."""

import asyncio
import secrets

import httpx
import msgspec
import pytest

from core.payments.channels.errors import AccountIncomplete, AlreadyPaid, ChannelRefused, ChannelUnknown, OrderNotAtChannel
from core.payments.channels.protocol import RefundRef, RefundRequest
from core.payments.channels.stripe import StripeGateway
from core.payments.channels.stripe.channel import SCRIPT_URL
from core.payments.channels.stripe.transport import API_VERSION

DECLINED = "pm_card_visa_chargeDeclined"
SHORT_OF_MONEY = "pm_card_visa_chargeDeclinedInsufficientFunds"
ASKS_ITS_HOLDER = "pm_card_authenticationRequired"


def ref(order, prepared=None, **known):
    return msgspec.structs.replace(order.ref, reference=prepared and prepared.reference, **known)


def keyed(account, **credentials):
    """The account with other credentials; None takes one away."""
    merged = {name: value for name, value in (account.credentials | credentials).items() if value is not None}
    return msgspec.structs.replace(account, credentials=merged)


def refund_of(order, prepared, amount_fen: int, **wanted) -> RefundRequest:
    usual = {"number": f"R{secrets.token_hex(12)}", "order": ref(order, prepared), "amount_fen": amount_fen, "reason": "退学", "notify_url": ""}
    return RefundRequest(**(usual | {"placed_at": order.placed_at} | wanted))


async def paid(channel, account, wanted):
    prepared = await channel.create(account, wanted)
    state = await channel.confirm(account, ref(wanted, prepared), "pm_card_visa")
    assert state.state == "succeeded"
    return prepared, state


async def test_an_order_gives_the_page_what_it_needs_and_no_secret_of_ours(channel, account, order):
    prepared = await channel.create(account, order())
    assert prepared.kind == "card"
    assert prepared.reference.startswith("pi_")
    assert prepared.params["client_secret"].startswith(f"{prepared.reference}_secret_")
    assert prepared.params["publishable_key"] == account.credentials["publishable_key"]
    assert prepared.params["script_url"] == f"{account.base_url}/v3/stripe.js"
    assert account.credentials["secret_key"] not in str(prepared)


async def test_without_a_script_of_its_own_the_gateways_is_loaded(channel, account, order):
    assert (await channel.create(keyed(account, script_url=None), order())).params["script_url"] == SCRIPT_URL


async def test_asking_again_gives_the_same_intent_and_the_same_client_secret(channel, account, order):
    wanted = order()
    first, again = await channel.create(account, wanted), await channel.create(account, wanted)
    assert first == again


async def test_asking_again_for_a_paid_order_says_that_it_is_paid(channel, account, order):
    wanted = order()
    await paid(channel, account, wanted)
    with pytest.raises(AlreadyPaid):
        await channel.create(account, wanted)


async def test_a_closed_number_cannot_be_asked_again(channel, account, order):
    wanted = order()
    await channel.close(account, ref(wanted, await channel.create(account, wanted)))
    with pytest.raises(ChannelRefused) as refused:
        await channel.create(account, wanted)
    assert refused.value.facts["channel_code"] == "canceled"


async def test_the_same_number_for_another_amount_is_refused(channel, account, order):
    wanted = order()
    await channel.create(account, wanted)
    with pytest.raises(ChannelRefused) as refused:
        await channel.create(account, msgspec.structs.replace(wanted, amount_fen=1))
    assert refused.value.facts["channel_code"] == "idempotency_error"


async def test_an_order_whose_answer_was_lost_is_found_and_ended_by_its_number(channel, account, order, desk):
    wanted = order()
    await desk.faults(wanted.number, {"kind": "api_tamper", "remaining": 1})
    with pytest.raises(ChannelUnknown):
        await channel.create(account, wanted)
    assert (await channel.query(account, ref(wanted))).state == "pending"
    await channel.close(account, ref(wanted))
    assert (await channel.query(account, ref(wanted))).state == "closed"


async def test_a_lost_order_is_found_among_more_than_a_page_of_others(channel, account, order):
    wanted = order()
    await channel.create(account, wanted)
    for _ in range(11):
        await asyncio.gather(*(channel.create(account, order()) for _ in range(10)))
    assert (await channel.query(account, ref(wanted))).order_number == wanted.number
    with pytest.raises(OrderNotAtChannel):
        await channel.close(account, ref(order()))


async def test_a_500_that_the_gateway_remembers_stays_unknown_and_moves_nothing(channel, account, order, desk):
    wanted = order()
    await desk.faults(wanted.number, {"kind": "api_error_kept", "remaining": 1})
    for _ in range(2):
        with pytest.raises(ChannelUnknown):
            await channel.create(account, wanted)
    assert (await channel.query(account, ref(wanted))).state == "unknown"


@pytest.mark.parametrize("card", [DECLINED, SHORT_OF_MONEY, "pm_card_chargeCustomerFail"])
async def test_a_declined_card_leaves_the_order_payable_with_another(channel, account, order, card):
    wanted = order()
    prepared = await channel.create(account, wanted)
    declined = await channel.confirm(account, ref(wanted, prepared), card)
    assert (declined.state, declined.paid, declined.channel_txn_id) == ("pending", False, None)
    again = await channel.confirm(account, ref(wanted, prepared), "pm_card_unionpay")
    assert (again.state, again.channel_txn_id[:3], again.payer_paid_fen) == ("succeeded", "ch_", wanted.amount_fen)


async def test_a_cardholder_who_must_be_asked_leaves_the_order_pending_until_then(channel, account, order, outside):
    wanted = order()
    prepared = await channel.create(account, wanted)
    asked = await channel.confirm(account, ref(wanted, prepared), ASKS_ITS_HOLDER, "http://127.0.0.1:8200/h5/back")
    assert asked.state == "pending"
    answered = {"client_secret": prepared.params["client_secret"], "press": "pass"}
    page = await outside.post("/stripe/authenticate", data=answered)
    assert "redirect_status=succeeded" in page.text
    assert (await channel.query(account, ref(wanted, prepared))).state == "succeeded"


async def test_the_same_card_is_the_same_payer_and_its_number_is_not_told(channel, account, order):
    first, second = [(await paid(channel, account, order()))[1] for _ in range(2)]
    assert first.payer_ref == second.payer_ref
    assert "4242424242424242" not in str(first.raw)


async def test_confirming_twice_charges_once(channel, account, order):
    wanted = order()
    prepared, first = await paid(channel, account, wanted)
    assert await channel.confirm(account, ref(wanted, prepared), "pm_card_visa") == first


async def test_reserved_money_is_captured_in_part_and_counts_as_that(account, order):
    async with httpx.AsyncClient(trust_env=False) as client:
        reserving = StripeGateway(client, capture_method="manual")
        wanted = order(amount_fen=1_000)
        prepared = await reserving.create(account, wanted)
        assert (await reserving.confirm(account, ref(wanted, prepared), "pm_card_visa")).state == "pending"
        taken = await reserving.capture(account, ref(wanted, prepared), 600)
        assert (taken.state, taken.amount_fen) == ("succeeded", 600)
        with pytest.raises(ChannelRefused) as refused:
            await reserving.capture(account, ref(wanted, prepared), 1)
        assert refused.value.facts["channel_code"] in ("payment_intent_unexpected_state", "idempotency_error")


async def test_reserved_money_can_be_let_go(account, order):
    async with httpx.AsyncClient(trust_env=False) as client:
        reserving = StripeGateway(client, capture_method="manual")
        wanted = order()
        prepared = await reserving.create(account, wanted)
        await reserving.confirm(account, ref(wanted, prepared), "pm_card_visa")
        await reserving.close(account, ref(wanted, prepared))
        assert (await reserving.query(account, ref(wanted, prepared))).state == "closed"


async def test_money_can_arrive_after_the_close(channel, account, order, desk):
    wanted = order()
    prepared = await channel.create(account, wanted)
    await desk.faults(wanted.number, {"kind": "pay_after_close", "seconds": 0})
    await channel.close(account, ref(wanted, prepared))
    states = []
    async with asyncio.timeout(60):
        while "succeeded" not in states:
            states.append((await channel.query(account, ref(wanted, prepared))).state)
    assert set(states) <= {"closed", "succeeded"}


async def test_a_refund_refused_before_goes_through_later_under_its_number_and_once(channel, account, order, desk):
    wanted = order(amount_fen=1_000)
    prepared = await channel.create(account, wanted)
    refund = refund_of(wanted, prepared, 400)
    for _ in range(3):
        with pytest.raises(ChannelRefused):
            await channel.refund(account, refund)
    await desk.pay(wanted.number)
    states = [await channel.refund(account, refund) for _ in range(3)]
    assert {(state.state, state.amount_fen, state.number) for state in states} == {("succeeded", 400, refund.number)}
    assert [one["amount"] for one in (await desk.look(wanted.number))["refunds"]] == [400]


async def test_a_refund_that_fails_later_is_closed_and_another_number_brings_the_money_back(channel, account, order, desk):
    wanted = order(amount_fen=1_000)
    prepared, _ = await paid(channel, account, wanted)
    first, second = refund_of(wanted, prepared, 1_000), refund_of(wanted, prepared, 1_000)
    await desk.faults(wanted.number, {"kind": "refund_fail", "remaining": 1})
    assert (await channel.refund(account, first)).state == "processing"
    async with asyncio.timeout(60):
        while (state := await channel.query_refund(account, ref_of(first))).state == "processing":  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    assert (state.state, state.reason) == ("closed", "expired_or_canceled_card")
    assert (await channel.refund(account, first)).state == "closed"
    assert (await channel.refund(account, second)).state == "succeeded"


def ref_of(refund: RefundRequest, reference: str | None = None) -> RefundRef:
    return RefundRef(number=refund.number, order=refund.order, amount_fen=refund.amount_fen, placed_at=refund.placed_at, reference=reference)


async def test_a_refund_whose_answer_was_lost_is_not_made_twice_even_when_its_key_is_forgotten(channel, account, order, desk, relay, forget_keys):
    wanted = order(amount_fen=1_000)
    prepared, _ = await paid(channel, account, wanted)
    refund = refund_of(wanted, prepared, 300)
    relay.losing = {("POST", "/v1/refunds")}
    with pytest.raises(ChannelUnknown):
        await channel.refund(msgspec.structs.replace(account, base_url=relay.url), refund)
    await forget_keys(account)
    states = [await channel.refund(account, refund) for _ in range(2)]
    assert {(state.state, state.amount_fen, state.number) for state in states} == {("succeeded", 300, refund.number)}
    assert [one["amount"] for one in (await desk.look(wanted.number))["refunds"]] == [300]


async def test_a_refunds_number_is_good_for_one_amount(channel, account, order):
    wanted = order(amount_fen=1_000)
    prepared, _ = await paid(channel, account, wanted)
    refund = refund_of(wanted, prepared, 300)
    await channel.refund(account, refund)
    with pytest.raises(ChannelRefused):
        await channel.refund(account, msgspec.structs.replace(refund, amount_fen=301))


async def test_a_refund_is_found_by_number_by_id_and_by_its_charge_alone(channel, account, order):
    wanted = order()
    prepared, state = await paid(channel, account, wanted)
    refund = refund_of(wanted, prepared, 1)
    made = await channel.refund(account, refund)
    by_charge = msgspec.structs.replace(refund, order=ref(wanted, channel_txn_id=state.channel_txn_id))
    found = [await channel.query_refund(account, asked) for asked in (ref_of(refund), ref_of(refund, made.reference), ref_of(by_charge))]
    assert {(one.reference, one.number, one.order_number) for one in found} == {(made.reference, refund.number, wanted.number)}
    assert (await channel.refund(account, msgspec.structs.replace(by_charge, number=f"R{secrets.token_hex(12)}"))).state == "succeeded"


async def test_a_whole_refund_is_seen_in_the_order(channel, account, order):
    wanted = order()
    prepared, state = await paid(channel, account, wanted)
    await channel.refund(account, refund_of(wanted, prepared, wanted.amount_fen))
    after = await channel.query(account, ref(wanted, prepared))
    assert (after.state, after.channel_txn_id, after.amount_fen) == ("refunded", state.channel_txn_id, wanted.amount_fen)


async def test_a_wrong_key_is_refused_in_the_gateways_words_and_not_repeated(channel, account, order):
    with pytest.raises(ChannelRefused) as refused:
        await channel.create(keyed(account, secret_key="sk_test_nobody"), order())
    assert refused.value.facts["http_status"] == 401
    assert "sk_test_nobody" not in f"{refused.value!r} {refused.value.facts}"


@pytest.mark.parametrize(("name", "value"), [("secret_key", None), ("secret_key", "sk_test_钥匙"), ("secret_key", "sk\n"), ("publishable_key", None)])
async def test_an_account_without_usable_keys_says_which_one(channel, account, order, name, value):
    with pytest.raises(AccountIncomplete) as incomplete:
        await channel.create(keyed(account, **{name: value}), order())
    assert incomplete.value.facts["missing"] == name


async def test_a_foreign_accounts_intent_is_not_seen(channel, account, register, order):
    wanted = order()
    prepared = await channel.create(account, wanted)
    assert (await channel.query(await register(), ref(wanted, prepared))).state == "unknown"


async def test_an_answer_that_is_no_gateways_is_unknown(channel, account, sandbox, order):
    elsewhere = msgspec.structs.replace(account, base_url=f"{sandbox}/elsewhere")
    wanted = order()
    with pytest.raises(ChannelUnknown):
        await channel.create(elsewhere, wanted)
    with pytest.raises(ChannelUnknown):
        await channel.query(elsewhere, ref(wanted))


@pytest.mark.parametrize("reference", ["../balance_transactions", "pi_1/cancel", "pi_1?x=1", "pi_１", " ", "pi_1\n"])
async def test_a_reference_cannot_lead_to_another_address(channel, account, order, relay, reference):
    sly = msgspec.structs.replace(ref(order()), reference=reference)
    assert (await channel.query(msgspec.structs.replace(account, base_url=relay.url), sly)).state == "unknown"
    assert relay.asked == []


async def test_a_connected_account_is_named_in_service_provider_mode(channel, account, order, relay):
    for mode in ("direct", "partner"):
        await channel.create(msgspec.structs.replace(account, base_url=relay.url, mode=mode), order())
    direct, partner = (headers for _, _, headers in relay.asked)
    assert (direct.get("stripe-account"), partner.get("stripe-account")) == (None, account.mchid)


async def test_every_order_of_ours_carries_its_number_as_key_and_the_version_we_read(channel, account, order, relay):
    wanted = order()
    through = msgspec.structs.replace(account, base_url=relay.url)
    prepared = await channel.create(through, wanted)
    await channel.confirm(through, ref(wanted, prepared), "pm_card_visa")
    refund = refund_of(wanted, prepared, 1)
    await channel.refund(through, refund)
    posted = [(path.rpartition("/")[2], headers["idempotency-key"]) for method, path, headers in relay.asked if method == "POST"]
    assert posted == [
        ("payment_intents", wanted.number),
        (prepared.reference, f"{wanted.number}-card-pm_card_visa"),
        ("confirm", f"{wanted.number}-confirm-pm_card_visa"),
        ("refunds", refund.number),
    ]
    assert {headers["stripe-version"] for _, _, headers in relay.asked} == {API_VERSION}


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (429, b'{"error":{"type":"invalid_request_error","code":"rate_limit"}}', ChannelUnknown),
        (409, b'{"error":{"type":"idempotency_error","code":"lock_timeout"}}', ChannelUnknown),
        (424, b'{"error":{"type":"api_error"}}', ChannelUnknown),
        (400, b"<html>bad gateway</html>", ChannelUnknown),
        (400, b'{"error":"nonsense"}', ChannelUnknown),
        (302, b"", ChannelUnknown),
        (201, b'{"id":"pi_1"}', ChannelUnknown),
        (200, b'{"id":"pi_1"}', ChannelUnknown),
        (200, b"", ChannelUnknown),
        (403, b'{"error":{"type":"invalid_request_error","message":"no permission"}}', ChannelRefused),
        (404, b'{"error":{"type":"invalid_request_error","code":"resource_missing"}}', OrderNotAtChannel),
    ],
)
async def test_only_a_refusal_in_the_gateways_own_words_is_a_refusal(channel, account, order, relay, status, body, error):
    relay.instead["/v1/payment_intents"] = (status, body)
    with pytest.raises(error) as failed:
        await channel.create(msgspec.structs.replace(account, base_url=relay.url), order())
    assert type(failed.value) is error


async def test_another_amount_than_was_asked_for_is_not_believed(channel, account, order, relay):
    told = {"id": "pi_1", "status": "requires_payment_method", "amount": 1, "currency": "cny", "client_secret": "pi_1_secret_1"}
    relay.instead["/v1/payment_intents"] = (200, msgspec.json.encode(told))
    through = msgspec.structs.replace(account, base_url=relay.url)
    assert (await channel.create(through, order(amount_fen=1))).reference == "pi_1"
    with pytest.raises(ChannelUnknown):
        await channel.create(through, order(amount_fen=2))
