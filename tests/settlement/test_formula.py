"""What a day's batches come to (domain book §2.7)."""

import datetime as dt

import pytest
from sqlalchemy import text

from core import clock, ids
from core.onboarding.schemas import Rate
from core.reconciliation.models import difference
from core.settlement.errors import DayNotOver
from core.statements.models import merchant_number
from tests.settlement.conftest import DAY


def sums(batch) -> tuple[int, ...]:
    names = ("gross_fen", "refund_fen", "fee_fen", "fee_refund_fen", "adjust_fen", "brought_fen", "net_fen")
    return tuple(getattr(batch, name) for name in names)


async def test_the_worked_example_of_the_domain_book(hall):
    payment = await hall.pay(("TUITION", 10_000_000))
    await hall.refund(payment, 200_000)
    batch = (await hall.calculate())["TUITION"]
    assert sums(batch) == (10_000_000, 200_000, 60_000, 1_200, 0, 0, 9_741_200)
    assert (batch.pay_count, batch.refund_count, batch.status) == (1, 1, "pending_review")
    assert await hall.faults() == {}


async def test_each_payment_is_rounded_by_itself(hall):
    for _ in range(3):
        await hall.pay(("TUITION", 83))
    await hall.pay(("TUITION", 1_250))
    assert sums((await hall.calculate())["TUITION"])[:3] == (1_499, 0, 8)


async def test_merchants_of_one_payment_share_its_fee_by_largest_remainder(hall):
    await hall.pay(("TUITION", 10_000), ("MEAL", 5_050))
    batches = await hall.calculate()
    fees = {code: batch.fee_fen for code, batch in batches.items()}
    assert sum(fees.values()) == 90
    assert fees == {"TUITION": 60, "MEAL": 30}


async def test_a_cap_holds_for_the_transaction_and_a_refund_gives_no_more_than_was_taken(hall):
    await hall.agree_rates("MEAL", Rate(channel="wechatpay", rate_ppm=6_000, cap_fen=3_500))
    payment = await hall.pay(("TUITION", 2_000_000), ("MEAL", 1_000_000))
    await hall.refund(payment, 3_000_000)
    batches = await hall.calculate()
    assert sum(batch.fee_fen for batch in batches.values()) == 3_500, "a general number pays the rate of the first merchant"
    assert [batch.fee_refund_fen for batch in batches.values()] == [batch.fee_fen for batch in batches.values()]
    assert {batch.net_fen for batch in batches.values()} == {0}


async def test_money_in_suspense_is_not_settled_until_it_has_an_owner(hall):
    bill = await hall.bill(("TUITION", 95_000))
    await hall.pay(bill=bill, fen=95_000)
    await hall.pay(bill=bill, fen=95_000)
    assert sums((await hall.calculate())["TUITION"])[0] == 95_000
    assert await hall.faults() == {}


async def test_what_was_paid_today_is_settled_tomorrow(hall):
    await hall.pay(("TUITION", 95_000), days_ago=0)
    assert await hall.calculate() == {}
    with pytest.raises(DayNotOver):
        await hall.calculate(clock.today())


async def test_a_refund_under_way_is_not_settled(hall):
    payment = await hall.pay(("TUITION", 95_000))
    await hall.refund(payment, 5_000)
    async with hall.tenant() as session:
        await session.execute(text("UPDATE core.refund_item SET state = 'processing'"))
    assert sums((await hall.calculate())["TUITION"])[:2] == (95_000, 0)


async def test_calculating_again_gives_the_same_and_takes_what_came_late(hall):
    await hall.pay(("TUITION", 95_000))
    first = (await hall.calculate())["TUITION"]
    again = (await hall.calculate())["TUITION"]
    assert (first.id, sums(first)) == (again.id, sums(again))
    await hall.pay(("TUITION", 5_000))
    late = (await hall.calculate())["TUITION"]
    assert (late.id, late.gross_fen, late.pay_count) == (first.id, 100_000, 2)


async def test_what_comes_late_for_an_approved_day_is_in_the_next_batch(hall):
    await hall.pay(("TUITION", 95_000), days_ago=2)
    before = clock.today() - 2 * DAY
    batch = (await hall.calculate(before))["TUITION"]
    async with hall.tenant() as session:
        await session.execute(text("UPDATE core.settlement_batch SET status = 'approved', pay_fen = net_fen"))
    await hall.pay(("TUITION", 5_000), days_ago=2)
    assert sums((await hall.calculate(before))["TUITION"]) == sums(batch)
    assert (await hall.calculate())["TUITION"].gross_fen == 5_000


async def test_a_payment_the_channel_does_not_show_yet_waits(hall):
    payment = await hall.pay(("TUITION", 95_000))
    async with hall.tenant() as session:
        await session.execute(
            text("""
                INSERT INTO core.recon_difference (id, code, bill_on, class, channel, kind, number, amount_fen, differs, status, payment_id)
                VALUES (gen_random_uuid(), 'D1', :day, 'SH1', 'wechatpay', 'pay', 'x', 95000, 'presence', 'expected', :payment)
            """),
            {"day": hall.yesterday - DAY, "payment": payment},
        )
    assert await hall.calculate() == {}
    async with hall.tenant() as session:
        await session.execute(text("UPDATE core.recon_difference SET status = 'auto_resolved', settle_on = :day"), {"day": hall.yesterday})
    assert (await hall.calculate())["TUITION"].gross_fen == 95_000


async def test_a_channel_without_a_rate_closes_the_gate(hall):
    async with hall.tenant() as session:
        await session.execute(text("DELETE FROM core.rate"))
    await hall.reconciled()
    await hall.pay(("TUITION", 95_000))
    batch = (await hall.calculate())["TUITION"]
    assert (batch.fee_fen, batch.gate["open"], batch.gate["without_rate"]) == (0, False, ["wechatpay"])


async def test_union_pays_day_ends_at_eleven_at_night(hall):
    await hall.pay(("TUITION", 95_000))
    late = dt.datetime.combine(hall.yesterday - DAY, dt.time(23, 30), clock.SHANGHAI)
    async with hall.tenant() as session:
        await session.execute(text("UPDATE core.payment SET paid_at = :at"), {"at": late})
        row = {"id": ids.uuid7(), "channel": "wechatpay", "number": "1900000001", "cut_minutes": 1380, "made_by": "a"}
        await session.execute(merchant_number.insert(), row)
    assert await hall.calculate(hall.yesterday - DAY) == {}
    assert (await hall.calculate())["TUITION"].gross_fen == 95_000


async def test_what_a_day_gives_up_when_it_is_calculated_again_is_found_by_a_later_one(hall):
    before = hall.yesterday - DAY
    payment = await hall.pay(("TUITION", 95_000), days_ago=2)
    await hall.calculate(before)
    await hall.calculate()
    async with hall.tenant() as session:
        row = {"id": ids.uuid7(), "code": "D1", "bill_on": before, "klass": "SH1", "channel": "wechatpay", "kind": "pay", "number": "x"}
        more = {"amount_fen": 95_000, "differs": "presence", "status": "open", "payment_id": payment}
        await session.execute(difference.insert(), row | more)
        await session.execute(text("UPDATE core.settlement_day SET low_id = 'ffffffff-ffff-ffff-ffff-ffffffffffff' WHERE bill_on > :day"), {"day": before})
    assert await hall.calculate(before) == {}
    async with hall.tenant() as session:
        await session.execute(text("UPDATE core.recon_difference SET status = 'resolved', resolution = 'requery'"))
    assert (await hall.calculate())["TUITION"].gross_fen == 95_000
