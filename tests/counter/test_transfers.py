"""Transfers from the bank: signed, booked once, matched by sub-account, pay code, or payer and amount; the rest waits in suspense."""

import asyncio
import datetime as dt
import time

import msgspec
import pytest
from stdnum import luhn

from core import clock, ids
from core.billing import service as billing
from core.counter import transfers
from core.payments import repository as payments
from core.payments.channels.counter import BankTransfer, Counter, signature
from core.payments.channels.errors import ForgedNotice
from tests import trade
from tests.counter.conftest import BANK_KEY


def told(**given) -> bytes:
    fields = {
        "reference": ids.number("B", "261122", 10), "sub_account": "8866000000000000", "amount_fen": 95_000, "payer_name": "陈建国",
        "payer_account": "6229080000000000010", "received_at": clock.now(), "remark": "",
    }  # fmt: skip
    return msgspec.json.encode(fields | given)


def signed(body: bytes, *, key: str = BANK_KEY, age: int = 0) -> dict[str, str]:
    stamp = str(int(time.time()) - age)
    return {"banyan-timestamp": stamp, "banyan-signature": signature(key, stamp, body)}


@pytest.fixture
async def tell(web, platform, shop):
    """Sends a transfer as the bank does."""
    profile = await platform.directory.profile(shop.tenant_id)
    async with platform.database.tenant(shop.tenant_id) as session:
        account = await payments.find_account(session, "counter")

    async def send(body: bytes, **wrong):
        return await web.post(f"/notify/bank/{profile.code}/{account.id}", content=body, headers=signed(body, **wrong))

    return send


@pytest.fixture
async def owed(platform, shop):
    """Two children with a bill of 950.00 each, and their sub-accounts."""
    bills = await trade.bills(platform, shop)
    async with platform.database.tenant(shop.tenant_id) as session:
        numbers = await transfers.give_sub_accounts(session, shop.children)
    return bills, [numbers[child] for child in shop.children]


async def bill_of(platform, shop, bill_id):
    async with platform.database.tenant(shop.tenant_id) as session:
        return await billing.find_bill(session, bill_id)


async def suspended(platform, shop) -> list[tuple[str, int]]:
    async with platform.database.tenant(shop.tenant_id) as session:
        return [(row.reason, row.left_fen) for row in await payments.list_suspense(session, None, None, 50)]


async def test_sub_accounts_are_given_once_and_carry_a_check_digit(platform, shop, owed):
    async with platform.database.tenant(shop.tenant_id) as session:
        again = await transfers.give_sub_accounts(session, shop.children)
    assert [again[child] for child in shop.children] == owed[1]
    assert all(len(number) == 16 and luhn.is_valid(number) for number in owed[1])


async def test_a_transfer_to_a_sub_account_pays_its_persons_bill(platform, shop, owed, tell):
    bills, numbers = owed
    answer = await tell(told(sub_account=numbers[1]))
    assert answer.status_code == 200, answer.text
    assert (await bill_of(platform, shop, bills[1])).status == "paid"
    assert (await bill_of(platform, shop, bills[0])).paid_fen == 0
    assert await trade.faults(platform, shop.tenant_id) == {}


async def test_a_transfer_told_ten_times_at_once_is_one_payment(platform, shop, owed, tell):
    bills, numbers = owed
    body = told(sub_account=numbers[0])
    answers = await asyncio.gather(*(tell(body) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}
    assert (await bill_of(platform, shop, bills[0])).paid_fen == 95_000
    assert await suspended(platform, shop) == []
    assert await trade.faults(platform, shop.tenant_id) == {}


async def test_what_is_too_much_waits_in_suspense(platform, shop, owed, tell):
    bills, numbers = owed
    assert (await tell(told(sub_account=numbers[0], amount_fen=100_000))).status_code == 200
    assert (await bill_of(platform, shop, bills[0])).status == "paid"
    assert await suspended(platform, shop) == [("nothing_owed", 5_000)]
    assert await trade.faults(platform, shop.tenant_id) == {}


@pytest.mark.parametrize(("given", "why"), [({"payer_name": "学生0"}, "payer_and_amount"), ({"remark": "学费 S0000"}, "payer_and_amount")])
async def test_without_a_sub_account_the_payer_and_the_amount_tell_whose_it_is(platform, shop, owed, tell, given, why):
    bills, _ = owed
    assert (await tell(told(**given))).status_code == 200
    assert (await bill_of(platform, shop, bills[0])).status == "paid"
    async with platform.database.tenant(shop.tenant_id) as session:
        assert [(t.status, t.why) for t in await transfers.list_transfers(session, "", None, 10)] == [("matched", why)]


async def test_a_pay_code_in_the_remark_names_the_bill(platform, shop, owed, tell):
    bills, _ = owed
    code = (await bill_of(platform, shop, bills[0])).pay_code
    assert (await tell(told(remark=f"缴费码{code}", amount_fen=95_000))).status_code == 200
    assert (await bill_of(platform, shop, bills[0])).status == "paid"


async def test_money_of_nobody_is_kept_in_suspense(platform, shop, owed, tell, staff):
    assert (await tell(told(amount_fen=12_345))).status_code == 200
    assert await suspended(platform, shop) == [("unknown_order", 12_345)]
    finance = await staff(shop.tenant_id, "payments.suspense.read")
    (item,) = (await finance.get("/api/v1/suspense-items")).json()["items"]
    page = (await finance.get(f"/console/suspense/{item['id']}")).text
    assert item["payer"] and item["payer"] in page, "finance sees who sent it"
    assert await trade.faults(platform, shop.tenant_id) == {}


async def test_the_same_reference_with_other_content_is_refused(platform, shop, owed, tell):
    first = told(sub_account=owed[1][0], reference="SAME0001")
    assert (await tell(first)).status_code == 200
    altered = await tell(told(sub_account=owed[1][1], reference="SAME0001", amount_fen=1))
    assert altered.status_code == 409
    assert (await bill_of(platform, shop, owed[0][1])).paid_fen == 0


@pytest.mark.parametrize("wrong", [{"key": "another key"}, {"age": 600}, {"age": -600}])
async def test_what_the_bank_did_not_sign_now_is_refused(platform, shop, owed, tell, wrong):
    answer = await tell(told(sub_account=owed[1][0]), **wrong)
    assert answer.status_code == 401
    assert (await bill_of(platform, shop, owed[0][0])).paid_fen == 0


@pytest.mark.parametrize("given", [
    {"amount_fen": 0}, {"amount_fen": -5}, {"amount_fen": 950.0}, {"amount_fen": "95000"}, {"extra": 1}, {"reference": ""},
    {"received_at": dt.datetime(2026, 11, 22)},
])  # fmt: skip
def test_a_signed_transfer_with_nonsense_in_it_is_refused(counter_account, given):
    import httpx

    body = told(**given)
    with pytest.raises(ForgedNotice):
        Counter(httpx.AsyncClient()).read_transfer(counter_account, signed(body), body)


def test_a_transfer_reads_back_as_it_was_told(counter_account):
    import httpx

    body = told(reference="B1")
    read = Counter(httpx.AsyncClient()).read_transfer(counter_account, signed(body), body)
    assert isinstance(read, BankTransfer)
    assert (read.reference, read.amount_fen) == ("B1", 95_000)


async def test_a_transfer_in_another_currency_pays_no_bill_and_is_shown_to_finance(platform, shop, owed, tell):
    bills, numbers = owed
    assert (await tell(told(sub_account=numbers[0], currency="USD"))).status_code == 200
    assert (await bill_of(platform, shop, bills[0])).paid_fen == 0
    assert await suspended(platform, shop) == [("mismatch", 0)]


@pytest.mark.parametrize("wrong", [{"amount_fen": 10**30}, {"amount_fen": 95_000.0}, {"reference": "x" * 65}])
async def test_a_transfer_that_cannot_be_is_refused(platform, shop, owed, tell, wrong):
    assert (await tell(told(**wrong))).status_code == 401
    assert await suspended(platform, shop) == []
