"""Paying through the bank, by our client over real HTTP: once, with an answer that can be believed or none."""

import asyncio

import httpx
import msgspec
import pytest

from core.sandbox.bank import payments
from core.settlement.bank import BankRefused, Instruction
from core.settlement.bank_client import BankClient


async def test_a_payment_leaves_one_account_and_reaches_the_other(customer):
    wanted = customer.instruction()
    before = (await customer.look())["balance_fen"]
    assert (await customer.pay(wanted)).state in ("accepted", "paid")
    paid = await customer.outcome(wanted.number, "paid")
    assert paid.amount_fen == wanted.amount_fen and paid.bank_serial and paid.paid_at
    there = await customer.look(wanted.to_account)
    assert (there["balance_fen"], there["entries"][0]["reference"]) == (wanted.amount_fen, wanted.number)
    assert (await customer.look())["balance_fen"] == before - wanted.amount_fen


async def test_the_same_number_twenty_times_at_once_pays_once(customer):
    wanted = customer.instruction()
    answers = await asyncio.gather(*(customer.pay(wanted) for _ in range(20)))
    assert {answer.state for answer in answers} <= {"accepted", "paid"}
    await customer.outcome(wanted.number, "paid")
    mine = [entry for entry in (await customer.look())["entries"] if entry["reference"] == wanted.number]
    assert [entry["amount_fen"] for entry in mine] == [-wanted.amount_fen]


async def test_the_same_number_with_another_content_is_refused(customer):
    wanted = customer.instruction()
    await customer.pay(wanted)
    with pytest.raises(BankRefused) as refused:
        await customer.pay(msgspec.structs.replace(wanted, amount_fen=wanted.amount_fen + 1))
    assert refused.value.facts["channel_code"] == "NUMBER_USED"
    assert (await customer.outcome(wanted.number, "paid")).amount_fen == wanted.amount_fen


async def test_a_lost_answer_is_unknown_and_a_query_decides(customer):
    wanted = customer.instruction()
    await customer.faults(wanted.number, {"kind": "api_timeout", "seconds": 1.0, "remaining": 1})
    async with httpx.AsyncClient(trust_env=False, timeout=0.4) as hasty:
        assert (await BankClient(hasty).pay(customer.connection, wanted)).state == "unknown"
    assert (await customer.outcome(wanted.number, "paid")).bank_serial


async def test_an_error_of_the_bank_is_unknown_and_the_same_instruction_may_be_sent_again(customer):
    wanted = customer.instruction()
    await customer.faults(wanted.number, {"kind": "api_error", "remaining": 1})
    assert (await customer.pay(wanted)).state == "unknown"
    assert (await customer.query(wanted.number)).state == "absent"
    assert (await customer.pay(wanted)).state in ("accepted", "paid")
    assert (await customer.outcome(wanted.number, "paid")).state == "paid"


async def test_a_tampered_answer_is_not_believed(customer):
    wanted = customer.instruction()
    await customer.faults(wanted.number, {"kind": "api_tamper", "remaining": 2})
    told = await customer.pay(wanted)
    assert (told.state, told.reason) == ("unknown", "signature")
    assert (await customer.query(wanted.number)).reason == "signature"
    assert (await customer.outcome(wanted.number, "paid")).state == "paid"


async def test_a_payment_that_comes_back_is_told_with_its_reason(customer):
    wanted = customer.instruction()
    before = (await customer.look())["balance_fen"]
    await customer.faults(wanted.number, {"kind": "pay_return"})
    await customer.pay(wanted)
    back = await customer.outcome(wanted.number, "returned")
    assert back.bank_serial and back.returned_at and back.reason == payments.RETURNED
    assert (await customer.look())["balance_fen"] == before
    assert (await customer.look(wanted.to_account))["balance_fen"] == 0


async def test_a_tester_returns_a_payment_by_hand_once(customer):
    wanted = customer.instruction()
    await customer.pay(wanted)
    await customer.outcome(wanted.number, "paid")
    path = f"/sandbox/api/bank/payments/{customer.customer}/{wanted.number}/return"
    assert (await customer.door.post(path)).json()["state"] == "returned"
    assert (await customer.door.post(path)).status_code == 404


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [("fault", payments.NAME_DIFFERS), ("name", payments.NAME_DIFFERS), ("closed", payments.CLOSED), ("poor", payments.TOO_LITTLE)],
)
async def test_a_payment_that_cannot_be_carried_out_fails_and_moves_nothing(customer, prepare, reason):
    known = customer.instruction()
    await customer.pay(known)
    await customer.outcome(known.number, "paid")
    wanted = customer.instruction(to_account=known.to_account, **({"to_name": "别人"} if prepare == "name" else {}))
    if prepare == "fault":
        await customer.faults(wanted.number, {"kind": "pay_fail"})
    if prepare == "closed":
        await customer.door.put(f"/sandbox/api/bank/accounts/{known.to_account}/state", json={"closed": True})
    if prepare == "poor":
        wanted = msgspec.structs.replace(wanted, amount_fen=10**13)
    before = (await customer.look())["balance_fen"]
    await customer.pay(wanted)
    failed = await customer.outcome(wanted.number, "failed")
    assert (failed.reason, failed.bank_serial) == (reason, None)
    assert (await customer.look())["balance_fen"] == before


async def test_an_account_that_is_not_mine_pays_nothing(customer, customer_of):
    other = await customer_of()
    wanted = customer.instruction(from_account=other.account)
    with pytest.raises(BankRefused) as refused:
        await customer.pay(wanted)
    assert refused.value.facts["channel_code"] == "ACCOUNT_NOT_YOURS"
    assert (await customer.query(wanted.number)).state == "absent"


@pytest.mark.parametrize("number", ["short", "x" * 33, "has-a-dash-0123456", "带有汉字带有汉字带有汉字带有汉字"])
def test_an_instruction_without_a_proper_number_cannot_be_made(number):
    with pytest.raises(ValueError, match="16 to 32"):
        Instruction(number=number, amount_fen=1, from_account="1", to_account="2", to_name="甲", to_bank="乙", purpose="")


def test_secrets_and_account_numbers_stay_out_of_a_connections_words(customer):
    told = repr(customer.connection) + repr(customer.instruction())
    assert "PRIVATE" not in told and customer.account not in told
