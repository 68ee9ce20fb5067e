"""One chain, whatever number it is found by: bill, pay code, order, channel number, refund, receipt, journal, line of a file."""

import re

import pytest
from sqlalchemy import text

from core.trace.errors import NumberMissing, NumberUnknown
from tests.trace.conftest import differ, seer


async def numbers_of(office, rows) -> dict[str, str]:
    """Every number under which the money of the fixture is known."""
    payment, refund = office.payment, office.refund
    tenant = office.client.id
    [bill] = await rows(tenant, "SELECT number, pay_code FROM core.bill WHERE id = :id", id=office.bills[0])
    receipts = await rows(tenant, "SELECT number FROM core.receipt WHERE number IS NOT NULL ORDER BY seq")
    [journal] = await rows(tenant, "SELECT id, key FROM core.ledger_journal WHERE id = :id", id=payment.journal_id)
    return {
        "bill": bill.number, "pay code": bill.pay_code, "order": payment.order_number, "channel": payment.channel_txn_id,
        "refund": refund.number, "refund at the channel": refund.items[0].number, "channel refund": refund.items[0].reference,
        "receipt": receipts[0].number, "journal": str(journal.id), "journal key": journal.key, "payment": str(payment.id),
        "line": f"{office.statement}/1", "refund line": f"{office.statement}/2",
    }  # fmt: skip


def told(trace) -> dict:
    """What a trace comes to, whatever it was asked by."""
    return {
        "bills": [bill.number for bill in trace.bills], "payments": [payment.id for payment in trace.payments],
        "placements": [(place.kind, place.line_no, place.amount_fen) for place in trace.placements],
        "refunds": [part.number for part in trace.refunds], "receipts": [receipt.number for receipt in trace.receipts],
        "lines": [(line.line_no, line.kind, line.amount_fen) for line in trace.lines], "journals": [journal.event for journal in trace.journals],
        "steps": [(step.code, step.state, step.amount_fen) for step in trace.steps],
    }  # fmt: skip


async def test_every_number_finds_the_same_chain(lived, traced, rows):
    numbers = await numbers_of(lived, rows)
    assert all(numbers.values())
    answers = {name: await traced(lived.client.id, number) for name, number in numbers.items()}
    assert [name for name, answer in answers.items() if answer.trace is None] == []
    whole = told(answers["order"].trace)
    assert {name: told(answer.trace) for name, answer in answers.items()} == dict.fromkeys(numbers, whole)
    assert whole["lines"] == [(2, "pay", 95_000), (3, "refund", 30_000)]
    assert whole["placements"] == [("bill", 1, 95_000), ("bill", 1, -30_000)]
    assert [journal for journal in whole["journals"]] == ["payment.succeeded", "refund.submitted"]


async def test_the_steps_say_how_each_link_adds_up_and_where_the_chain_ends(lived, traced):
    found = (await traced(lived.client.id, lived.payment.order_number)).trace
    steps = {step.code: step for step in found.steps}
    assert steps["bills"].sums == f"650.00 = 650.00（账单 {found.bills[0].number} 第 1 行 TUITION）"
    assert steps["payment"].sums == "收到 950.00 − 退款 300.00 = 650.00"
    assert steps["channel"].sums == "2 行共 650.00，渠道手续费 3.90"
    assert steps["ledger"].sums == "2 张凭证，渠道待清算款净增 650.00"
    assert [step.state for step in found.steps] == ["done", "done", "done", "done", "waiting", "waiting"]
    assert (found.complete, found.ends) == (False, "链路到“渠道到账”为止：渠道还没有结算到清算户")


async def test_a_refund_that_the_file_knows_by_the_channels_own_number_is_seen(lived, traced, platform):
    async with platform.database.tenant(lived.client.id) as session:
        await session.execute(text("UPDATE core.statement_line SET number = 'RC90101' WHERE kind = 'refund'"))
    found = (await traced(lived.client.id, lived.payment.order_number)).trace
    step = next(step for step in found.steps if step.code == "channel")
    assert (step.state, step.amount_fen) == ("done", 65_000)


async def test_a_refund_that_stands_in_no_file_is_waited_for(lived, traced, platform):
    async with platform.database.tenant(lived.client.id) as session:
        await session.execute(text("UPDATE core.statement_line SET number = 'RC90101', channel_number = '503' WHERE kind = 'refund'"))
    found = (await traced(lived.client.id, lived.payment.order_number)).trace
    step = next(step for step in found.steps if step.code == "channel")
    assert (step.state, step.amount_fen) == ("waiting", 95_000)


async def test_codes_are_told_in_words(lived, traced, platform):
    """What a channel, a difference or the audit trail calls things is for programs; people read words."""
    await differ(platform, lived.client.id, "LG1", lived.payment.order_number, amount_fen=95_000, differs="presence")
    found = (await traced(lived.client.id, lived.payment.order_number)).trace
    told = " ".join(f"{event.title} {event.text}" for event in found.events)
    assert not re.search(r"\b(presence|success|suspense|resolved|refund|succeeded|bill)\b", told), told


async def test_every_event_says_when_and_who(lived, traced):
    found = (await traced(lived.client.id, lived.payment.order_number)).trace
    told = [(event.title, event.by) for event in found.events]
    for expected in (
        ("账单已发布", ""), ("发起支付", ""), ("付款 950.00 元", ""), ("记账：收到缴费", ""), ("记账：退款", "复核乙"),
        (f"申请退款 {lived.refund.number}", "经办甲"), (f"批准退款 {lived.refund.number}", "复核乙"),
    ):  # fmt: skip
        assert expected in told
    assert [event.at for event in found.events] == sorted(event.at for event in found.events)


async def test_spaces_and_case_are_forgiven(lived, traced, rows):
    numbers = await numbers_of(lived, rows)
    code = numbers["pay code"]
    typed = [f" {code[:4]} {code[4:8]} {code[8:12]} {code[12:]}\n", numbers["bill"].lower(), f"`{numbers['order']}", numbers["receipt"].lower()]
    kinds = [(await traced(lived.client.id, number)).trace.kind for number in typed]
    assert kinds == ["bill", "bill", "payment", "receipt"]


async def test_names_are_masked(lived, traced):
    found = (await traced(lived.client.id, lived.payment.order_number)).trace
    assert found.bills[0].party == "学** S0000"


async def test_a_number_of_another_client_is_unknown(lived, traced, client):
    other = await client(plugins=())
    with pytest.raises(NumberUnknown):
        await traced(other.id, lived.payment.order_number)


@pytest.mark.parametrize("number", ["B00000000", "' OR 1=1 --", "%", "\0", "9" * 200, "00000000-0000-0000-0000-000000000000", "R999999999999"])
async def test_what_nobody_has_is_unknown(lived, traced, number):
    with pytest.raises((NumberUnknown, NumberMissing)):
        await traced(lived.client.id, number)


async def test_an_empty_number_is_asked_for(lived, traced):
    with pytest.raises(NumberMissing):
        await traced(lived.client.id, "  ")


async def test_a_bill_that_nobody_paid_says_so(lived, traced, rows):
    [bill] = await rows(lived.client.id, "SELECT number FROM core.bill WHERE id = :id", id=lived.bills[1])
    found = (await traced(lived.client.id, bill.number)).trace
    assert (found.complete, found.ends) == (False, "链路到“账单”为止：账单还没有缴费")


async def test_without_the_right_to_the_books_or_the_files_they_are_not_there(lived, traced):
    by = seer(lived.client.id, "ledger.journal.read", "recon.run.read")
    found = (await traced(lived.client.id, lived.payment.order_number, by)).trace
    assert (found.journals, found.lines) == ([], [])
    assert {step.code: step.state for step in found.steps} | {"ledger": "none", "channel": "none"} == {step.code: step.state for step in found.steps}
    with pytest.raises(NumberUnknown):
        await traced(lived.client.id, f"{lived.statement}/1", by)
