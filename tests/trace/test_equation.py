"""The equation of a day closes to the fen: payments, refunds, suspense; what waits is no difference, what is open says its class."""

import datetime as dt

import pytest
from sqlalchemy import insert, text

from core import clock, ids
from core.counter import models as counter
from core.payments import models as payments
from core.reconciliation import models as recon
from core.settlement import models as settlement
from core.trace import board, reckoning
from core.trace.equation import SIX, Number, reckon
from tests import trade
from tests.trace.conftest import load


@pytest.fixture
async def day(office):
    """950.00 on a bill, 500.00 for a bill that is paid already (suspense), 300.00 refunded: the channel's view of them is `lines`."""
    first = await office.payment(await office.pay(office.bills[0], 95_000))
    second = await office.payment(await office.pay(office.bills[0], 50_000))
    refund = await office.approved(bill_id=office.bills[0], amount_fen=30_000)
    await office.beat()
    refund = await office.read(refund.id)
    await office.told(refund.items[0].number, "succeeded")
    lines = [{"kind": "pay", "number": y.order_number, "channel_number": y.channel_txn_id, "amount_fen": y.amount_fen, "fee_fen": 6} for y in (first, second)]
    lines.append({"kind": "refund", "number": refund.items[0].number, "order_number": first.order_number, "amount_fen": 30_000, "fee_fen": 0})
    return office, first, second, refund.items[0], lines


async def reckoned(platform, office, on=None):
    async with platform.database.tenant(office.client.id) as session:
        return await reckon(session, [on or clock.today()], reckoning.terms_for(platform, office.client))


def six(cell) -> dict[str, tuple[int, int]]:
    return {name: (cell.number(name).count, cell.number(name).fen) for name in SIX}


async def add(platform, office, table, *rows: dict) -> None:
    async with platform.database.tenant(office.client.id) as session:
        for row in rows:
            await session.execute(insert(table), row)


def run(status: str, on: dt.date | None = None) -> dict:
    return {"id": ids.uuid7(), "bill_on": on or clock.today(), "status": status, "made_by": "经办甲", "finished_at": clock.now()}


def difference(klass: str, number: str, status: str = "open", **given: object) -> dict:
    return {
        "id": ids.uuid7(), "code": f"D{ids.digits(8)}", "bill_on": clock.today(), "klass": klass, "channel": "wechatpay", "kind": "pay",
        "merchant_number": trade.MCHID, "number": number, "amount_fen": 1, "differs": "presence", "status": status,
    } | given  # fmt: skip


async def settled(platform, office, payment, refund, *, arrived: str = "arrived") -> None:
    """Batches, items and the arrival as settlement would have written them."""
    batch = {
        "id": ids.uuid7(), "number": f"S{ids.digits(8)}", "merchant_id": office.trade.merchants["TUITION"], "merchant_code": "TUITION",
        "bill_on": clock.today(), "settle_on": clock.today(), "status": "paid", "gross_fen": 95_000, "refund_fen": 30_000, "net_fen": 65_000,
        "pay_fen": 65_000, "made_by": "经办甲",
    }  # fmt: skip
    share = {"batch_id": batch["id"], "merchant_id": batch["merchant_id"], "payment_id": payment.id, "channel": "wechatpay",
             "merchant_number": trade.MCHID, "fee_fen": 0, "bill_on": clock.today()}  # fmt: skip
    await add(platform, office, settlement.batch, batch)
    await add(platform, office, settlement.item, share | {"kind": "pay", "ref_id": payment.id, "number": payment.order_number, "amount_fen": 95_000})
    await add(platform, office, settlement.item, share | {"kind": "refund", "ref_id": refund.id, "number": refund.number, "amount_fen": 30_000})
    row = {"id": ids.uuid7(), "channel": "wechatpay", "merchant_number": trade.MCHID, "bill_on": clock.today(), "due_on": clock.today(),
           "gross_fen": 115_000, "fee_fen": 12, "net_fen": 114_988, "arrived_fen": 114_988 if arrived == "arrived" else 0, "status": arrived}  # fmt: skip
    await add(platform, office, settlement.arrival, row)


async def test_a_day_with_payments_refunds_and_suspense_closes_to_the_fen(day, platform):
    office, first, _second, refund, lines = day
    await load(platform, office.client.id, lines)
    await add(platform, office, recon.run, run("balanced"))
    await settled(platform, office, first, refund)
    [cell] = await reckoned(platform, office)
    assert six(cell) == {
        "bills": (3, 115_000), "payments": (3, 115_000), "channel": (3, 115_000), "ledger": (3, 115_000), "settlement": (2, 65_000),
        "bank": (1, 115_000),
    }  # fmt: skip
    assert cell.gaps["settlement"].settled_fen == 50_000, "what lies in suspense is settled to nobody yet"
    assert cell.state == "closed"


async def test_a_long_that_is_refunded_on_a_later_day_keeps_neither_day_waiting(office, platform):
    await office.pay(office.bills[0], 95_000, days_ago=2)
    lost = await office.payment(await office.pay(office.bills[0], 50_000, days_ago=2))
    async with platform.database.tenant(office.client.id) as session:
        suspense_id = await session.scalar(text("SELECT id FROM core.suspense_item WHERE payment_id = :id"), {"id": lost.id})
    refund = await office.approved(suspense_id=suspense_id, amount_fen=50_000)
    await office.beat()
    await office.told((await office.read(refund.id)).items[0].number, "succeeded")
    [came] = await reckoned(platform, office, clock.today() - dt.timedelta(days=2))
    [went] = await reckoned(platform, office)
    gap = came.gaps["settlement"]
    assert (gap.settled_fen, gap.waiting_fen + came.settlement.fen) == (50_000, 95_000), "only what lies on the bill waits for a batch"
    assert (went.gaps["settlement"].fen, went.gaps["settlement"].settled_fen, went.gaps["settlement"].why) == (-50_000, -50_000, "")


async def test_what_is_not_due_yet_waits_and_is_no_difference(day, platform):
    office, first, _second, refund, lines = day
    [before] = await reckoned(platform, office)
    assert (before.state, before.gaps["channel"].why, before.gaps["channel"].waiting_fen) == ("waiting", "file", 115_000)
    await load(platform, office.client.id, lines)
    await add(platform, office, recon.run, run("balanced"))
    [cell] = await reckoned(platform, office)
    assert (cell.state, cell.gaps["channel"].why, cell.gaps["channel"].fen) == ("waiting", "", 0)
    assert (cell.gaps["settlement"].waiting_fen, cell.gaps["bank"].waiting_fen) == (65_000, 115_000)
    await settled(platform, office, first, refund, arrived="expected")
    [cell] = await reckoned(platform, office)
    assert (cell.state, cell.gaps["settlement"].waiting_fen, cell.gaps["bank"].waiting_fen) == ("waiting", 0, 115_000)


async def test_a_row_that_the_channel_lacks_is_open_by_its_class_or_waits_for_tomorrow(day, platform):
    office, _first, second, _refund, lines = day
    await load(platform, office.client.id, [line for line in lines if line["number"] != second.order_number])
    await add(platform, office, recon.run, run("diff_open"))
    row = difference("SH1", second.order_number, "expected", amount_fen=50_000, business_fen=50_000, platform_fen=50_000, payment_id=second.id)
    await add(platform, office, recon.difference, row)
    [cell] = await reckoned(platform, office)
    assert (cell.state, cell.expected, cell.gaps["channel"].waiting_fen, cell.gaps["channel"].strange_fen) == ("waiting", Number(1, 50_000), 50_000, 0)
    async with platform.database.tenant(office.client.id) as session:
        await session.execute(recon.difference.update().values(status="open"))
    [cell] = await reckoned(platform, office)
    assert (cell.state, cell.open) == ("open", {"SH1": Number(1, 50_000)})
    assert (cell.gaps["channel"].open_fen, cell.gaps["channel"].strange_fen) == (50_000, 0)


async def test_a_cross_day_item_heals_on_both_days(day, platform):
    office, _first, second, _refund, lines = day
    today, tomorrow = clock.today(), clock.today() + dt.timedelta(days=1)
    late = [line for line in lines if line["number"] == second.order_number]
    await load(platform, office.client.id, [line for line in lines if line["number"] != second.order_number])
    await load(platform, office.client.id, late, day=tomorrow)
    await add(platform, office, recon.run, run("balanced"), run("balanced", tomorrow))
    row = difference("SH1", second.order_number, "auto_resolved", amount_fen=50_000, platform_fen=50_000, settle_on=tomorrow)
    await add(platform, office, recon.difference, row)
    async with platform.database.tenant(office.client.id) as session:
        cells = await reckon(session, [today, tomorrow], reckoning.terms_for(platform, office.client))
    assert [(cell.gaps["channel"].fen, cell.gaps["channel"].settled_fen, cell.gaps["channel"].strange_fen) for cell in cells] == [
        (50_000, 50_000, 0), (-50_000, -50_000, 0),
    ]  # fmt: skip


async def test_money_nobody_explains_is_not_hidden(day, platform):
    office, _first, second, _refund, lines = day
    await load(platform, office.client.id, [line for line in lines if line["number"] != second.order_number])
    await add(platform, office, recon.run, run("balanced"))
    [cell] = await reckoned(platform, office)
    assert (cell.state, cell.gaps["channel"].strange_fen) == ("open", 50_000)


async def test_an_imported_platform_stands_in_for_our_own_payments(office, platform):
    now = {"kind": "pay", "channel": "alipay", "amount_fen": 1_000}
    both = [now | {"number": f"A{n}"} for n in range(3)]
    given = {"merchant_number": "", "channel": ""}
    await load(platform, office.client.id, both, source="platform", side="platform", **given)
    await load(platform, office.client.id, both[:2], source="his", side="business", **given)
    await load(platform, office.client.id, both, source="alipay-trade", channel="alipay", merchant_number="2088")
    await add(platform, office, recon.run, run("diff_open"))
    row = difference("LG2", "A2", amount_fen=1_000, platform_fen=1_000, channel_fen=1_000, channel="alipay")
    await add(platform, office, recon.difference, row)
    [cell] = await reckoned(platform, office)
    assert [cell.number(name).fen for name in SIX] == [2_000, 3_000, 3_000, 0, 0, 0]
    assert (cell.imported, cell.gaps["bills"].open_fen, cell.gaps["bills"].strange_fen, cell.open) == (True, -1_000, 0, {"LG2": Number(1, 1_000)})
    assert "settlement" not in cell.gaps


async def test_the_board_keeps_what_was_reckoned_and_reckons_anew_what_changed(day, platform, bank):
    office, _first, _second, _refund, lines = day
    terms, asked = reckoning.terms_for(platform, office.client), board.asked_of({})
    await reckoning.write(platform, office.client, [clock.today()])
    async with platform.database.tenant(office.client.id) as session:
        [row] = await board.month(session, terms, asked)
    assert (row.state, row.numbers["payments"].fen, row.numbers["channel"].fen) == ("waiting", 115_000, 0)
    await load(platform, office.client.id, lines)
    async with platform.database.tenant(office.client.id) as session:
        [row] = await board.month(session, terms, asked)
    assert row.numbers["channel"].fen == 115_000
    async with platform.database.tenant(bank.id) as session:
        [kept] = await session.all(reckoning.repository.client_equation.select().where(reckoning.repository.client_equation.c.client_id == office.client.id))
    assert (kept.state, kept.payments_fen, kept.channel_fen) == ("waiting", 115_000, 0)


async def test_the_pulse_reckons_days_that_changed(day, platform, rows):
    office, *_ = day
    reckoning._written.pop(office.client.id, None)
    await reckoning.pulse(platform, office.client.id)
    kept = await rows(office.client.id, "SELECT day, channel, payments_fen FROM core.equation_day")
    assert kept == [(clock.today(), "wechatpay", 115_000)]
    assert await reckoning.pulse(platform, office.client.id) is not None


async def test_at_the_counter_the_accepted_shift_is_the_channels_file(office, platform):
    payment = await office.payment(await office.pay(office.bills[0], 95_000))
    shift = {"id": ids.uuid7(), "cashier_id": "c", "cashier": "收费员", "window": "一号窗口", "status": "open", "float_fen": 0, "opened_at": clock.now()}
    entry = {"id": ids.uuid7(), "number": "C1", "shift_id": shift["id"], "kind": "cash", "amount_fen": 95_000, "payment_id": payment.id, "facts": {},
             "entered_by": "收费员", "entered_at": clock.now()}  # fmt: skip
    await add(platform, office, counter.shift, shift)
    await add(platform, office, counter.entry, entry)
    async with platform.database.tenant(office.client.id) as session:
        await session.execute(payments.payment.update().values(channel="counter"))
    [cell] = await reckoned(platform, office)
    assert (cell.state, cell.gaps["channel"].why, cell.gaps["channel"].waiting_fen) == ("waiting", "shift", 95_000)
    async with platform.database.tenant(office.client.id) as session:
        await session.execute(counter.shift.update().values(status="accepted", accepted_by="出纳", accepted_at=clock.now()))
    [cell] = await reckoned(platform, office)
    assert (cell.state, cell.channel_file, sorted(cell.gaps)) == ("closed", Number(1, 95_000), ["bills", "channel", "ledger"])
