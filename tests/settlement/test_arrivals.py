"""Money of channels on the clearing account: what is expected, what came, what is missing; every entry is something, in the books once."""

import asyncio
import datetime as dt

import pytest

from core.settlement import working_days
from tests.settlement.arriving import DAY, Clearing

NEXT = working_days.after(DAY, 1).on
LATER = NEXT + dt.timedelta(days=1)


@pytest.fixture
async def clearing(platform, client):
    return await Clearing(platform, await client(plugins=())).opened()


async def test_money_that_came_as_the_file_says_is_in_the_books_with_the_channels_fee(clearing):
    number = await clearing.number()
    await clearing.stated(number, DAY, pay=10_000, refund=0, fee=60)
    await clearing.match()
    [expected] = await clearing.arrivals()
    assert (expected.status, expected.net_fen, expected.due_on) == ("expected", 9_940, NEXT)
    assert (await clearing.told(NEXT, (9_940, clearing.reference(number, DAY)))).verdict == "accept"
    await clearing.match()
    [arrived] = await clearing.arrivals()
    assert (arrived.status, arrived.arrived_fen, arrived.arrived_on, bool(arrived.bank_serial)) == ("arrived", 9_940, NEXT, True)
    assert await clearing.balance_of(f"A.BANK.{clearing.account}") == 9_940
    assert await clearing.balance_of("E.CHFEE") == 60
    assert await clearing.balance_of(f"A.CH.wechatpay.{number}") == -10_000
    assert await clearing.differences() == []


async def test_matching_again_and_twice_at_once_changes_nothing(clearing):
    number = await clearing.number()
    await clearing.stated(number, DAY, pay=10_000, fee=60)
    await clearing.told(NEXT, (9_940, clearing.reference(number, DAY)), (77, "谁的钱"))
    await asyncio.gather(*(clearing.match() for _ in range(4)))
    assert await clearing.balance_of(f"A.BANK.{clearing.account}") == 9_940 + 77
    assert len(await clearing.differences()) == 1 and len(await clearing.entries()) == 2


async def test_money_that_came_short_is_a_difference_until_the_rest_comes(clearing):
    number = await clearing.number()
    await clearing.stated(number, DAY, pay=10_000, fee=60)
    await clearing.told(NEXT, (9_840, clearing.reference(number, DAY)))
    await clearing.match()
    [row] = await clearing.arrivals()
    [difference] = await clearing.differences()
    assert (row.status, row.arrived_fen) == ("differs", 9_840)
    assert (difference.klass, difference.status, difference.amount_fen, difference.bill_on) == ("FE2", "open", 100, DAY)
    assert (difference.merchant_number, difference.facts["direction"]) == (number, "short")
    assert await clearing.balance_of(f"A.CH.wechatpay.{number}") == -9_900
    await clearing.told(LATER, (100, clearing.reference(number, DAY)))
    await clearing.match()
    [row], [difference] = await clearing.arrivals(), await clearing.differences()
    assert (row.status, difference.status) == ("arrived", "auto_resolved")
    assert await clearing.balance_of(f"A.CH.wechatpay.{number}") == -10_000


async def test_money_that_is_too_much_is_a_difference_the_other_way(clearing):
    number = await clearing.number()
    await clearing.stated(number, DAY, pay=10_000, fee=60)
    await clearing.told(NEXT, (10_940, clearing.reference(number, DAY)))
    await clearing.match()
    [difference] = await clearing.differences()
    assert (difference.amount_fen, difference.facts["direction"]) == (1_000, "long")


async def test_money_is_missing_only_once_the_bank_has_told_of_the_day_it_was_due(clearing):
    number = await clearing.number()
    await clearing.stated(number, DAY, pay=10_000, fee=60)
    await clearing.told(NEXT - dt.timedelta(days=1), (5, "利息"))
    await clearing.match()
    assert [row.status for row in await clearing.arrivals()] == ["expected"]
    await clearing.told(NEXT, (5, "利息"))
    await clearing.match()
    [row] = await clearing.arrivals()
    missing = [each for each in await clearing.differences() if each.channel == "wechatpay"]
    assert (row.status, [each.missing_in for each in missing]) == ("missing", [["funds"]])
    assert await clearing.balance_of("E.CHFEE") == 0
    await clearing.told(LATER, (9_940, clearing.reference(number, DAY)))
    await clearing.match()
    assert [row.status for row in await clearing.arrivals()] == ["arrived"]


async def test_what_was_due_before_the_first_statement_is_not_called_missing(clearing):
    number = await clearing.number()
    await clearing.stated(number, DAY - dt.timedelta(days=200), pay=10_000, fee=60)
    await clearing.told(NEXT, (5, "利息"))
    await clearing.match()
    assert [row.status for row in await clearing.arrivals()] == ["expected"]


async def test_money_without_a_reference_is_found_by_an_amount_that_fits_one_day_only(clearing):
    number, other = await clearing.number(), await clearing.number()
    await clearing.stated(number, DAY, pay=123_456, fee=741)
    await clearing.stated(other, DAY, pay=50_000)
    await clearing.stated(other, DAY - dt.timedelta(days=1), pay=50_000)
    await clearing.match()
    await clearing.told(NEXT, (122_715, "结算款"), (50_000, "结算款"))
    await clearing.match()
    by_amount, ambiguous = await clearing.entries()
    assert (by_amount.status, by_amount.matched_by, by_amount.merchant_number) == ("matched", "amount", number)
    assert (ambiguous.status, ambiguous.arrival_id) == ("suspense", None)


async def test_a_credit_nobody_expected_lies_in_suspense_and_is_an_item(clearing):
    await clearing.told(NEXT, (50_000, "学费 张三"), (-300, "账户管理费"))
    await clearing.match()
    credit, debit = await clearing.entries()
    assert (credit.status, debit.status, bool(credit.journal_id and debit.difference_id)) == ("suspense", "suspense", True)
    assert await clearing.balance_of("L.SUSP.LONG") == -50_000
    assert await clearing.balance_of("A.SUSP.SHORT") == 300
    assert await clearing.balance_of(f"A.BANK.{clearing.account}") == 49_700
    found = {difference.number: difference for difference in await clearing.differences()}
    assert {(each.klass, each.channel, each.amount_fen) for each in found.values()} == {("FE2", "bank", 50_000), ("FE2", "bank", 300)}
    assert found[credit.serial].facts["reference"] == "学费 张三"


async def test_a_number_that_is_not_ours_is_unexplained(clearing):
    await clearing.told(NEXT, (700, "wechatpay 1999999999 20260101"), (-9, "FK0000000000000000"))
    await clearing.match()
    assert [entry.status for entry in await clearing.entries()] == ["suspense", "suspense"]


async def test_money_may_come_before_the_channels_file(clearing):
    number = await clearing.number()
    await clearing.told(NEXT, (9_940, clearing.reference(number, DAY)))
    await clearing.match()
    [row] = await clearing.arrivals()
    assert (row.stated, row.status, await clearing.balance_of(f"A.CH.wechatpay.{number}")) == (False, "differs", -9_940)
    await clearing.stated(number, DAY, pay=10_000, fee=60)
    await clearing.match()
    [row], [difference] = await clearing.arrivals(), await clearing.differences()
    assert (row.status, difference.status) == ("arrived", "auto_resolved")
    assert (await clearing.balance_of(f"A.CH.wechatpay.{number}"), await clearing.balance_of("E.CHFEE")) == (-10_000, 60)


async def test_a_newer_file_of_the_channel_changes_the_fee_by_the_difference(clearing):
    number = await clearing.number()
    await clearing.stated(number, DAY, pay=10_000, fee=60)
    await clearing.told(NEXT, (9_940, clearing.reference(number, DAY)))
    await clearing.match()
    await clearing.stated(number, DAY, pay=10_010, fee=70)
    await clearing.match()
    [row] = await clearing.arrivals()
    assert (row.status, row.postings, await clearing.balance_of("E.CHFEE")) == ("arrived", 2, 70)
    await clearing.stated(number, DAY, pay=10_000, fee=60)
    await clearing.match()
    assert await clearing.balance_of("E.CHFEE") == 60


async def test_an_entry_that_a_newer_bank_statement_lacks_leaves_the_books_again(clearing):
    number = await clearing.number()
    await clearing.stated(number, DAY, pay=10_000, fee=60)
    reference = clearing.reference(number, DAY)
    await clearing.told(NEXT, (9_940, reference, "S0000000000000000001"), (88, "错账", "S0000000000000000002"), (5, "利息", "S0000000000000000003"))
    await clearing.match()
    await clearing.told(NEXT, (5, "利息", "S0000000000000000003"))
    await clearing.match()
    assert sorted(entry.status for entry in await clearing.entries()) == ["suspense", "withdrawn", "withdrawn"]
    [row] = await clearing.arrivals()
    assert (row.status, row.arrived_fen) == ("missing", 0)
    assert await clearing.balance_of(f"A.BANK.{clearing.account}") == 5
    assert await clearing.balance_of("L.SUSP.LONG") == -5
    statuses = {difference.number: difference.status for difference in await clearing.differences()}
    assert statuses["S0000000000000000002"] == "auto_resolved" and statuses["S0000000000000000003"] == "open"


async def test_a_day_on_which_more_went_back_than_came_in_is_collected_by_the_channel(clearing):
    number = await clearing.number()
    await clearing.stated(number, DAY, pay=1_000, refund=5_000, fee=-24)
    await clearing.told(NEXT, (-3_976, clearing.reference(number, DAY)))
    await clearing.match()
    [row] = await clearing.arrivals()
    assert (row.status, row.net_fen, await clearing.balance_of(f"A.CH.wechatpay.{number}")) == ("arrived", -3_976, 4_000)


async def test_a_day_without_money_is_arrived_at_once_and_a_fund_flow_counts_for_nothing(clearing, staff):
    number = await clearing.number()
    await clearing.stated(number, DAY, pay=0)
    await clearing.stated(number, DAY, pay=999, source="wechatpay-fundflow")
    await clearing.match()
    assert [(row.status, row.net_fen) for row in await clearing.arrivals()] == [("arrived", 0)]
    page = (await (await staff(clearing.client, "settlement.batch.read")).get("/console/channel-arrivals")).text
    assert "无交易" in page and "应于" not in page, "what never traded is not called arrived"


async def test_one_clients_money_is_not_seen_by_another(clearing, platform, client):
    other = await Clearing(platform, await client(plugins=())).opened()
    number = await clearing.number()
    await clearing.stated(number, DAY, pay=10_000, fee=60)
    await clearing.match()
    await other.told(NEXT, (9_940, clearing.reference(number, DAY)))
    await other.match()
    assert [entry.status for entry in await other.entries()] == ["suspense"]
    assert [row.status for row in await clearing.arrivals()] == ["expected"]
