"""Money nobody expected is given to the arrivals it belongs to, by two people; undone only by a reversal; the equation follows."""

import datetime as dt

import msgspec
import pytest
from sqlalchemy import text

from core import ids, money
from core.approvals import service as approvals
from core.errors import SelfApproval
from core.settlement import assigning, working_days
from core.settlement.assigning import AssignmentAsk, Part
from core.settlement.assigning_errors import ArrivalComplete, EntryNotAssigned, EntryNotOpen, PartsInvalid
from tests.settlement.arriving import DAY, Clearing

READ, MAKE, CHECK = "settlement.batch.read", "settlement.batch.make", "settlement.batch.check"
NEXT = working_days.after(DAY, 1).on
LATER = NEXT + dt.timedelta(days=1)
BEFORE = DAY - dt.timedelta(days=1)
ENTRIES = "/console/bank-entries"


@pytest.fixture
async def clearing(platform, client):
    """Two days of one number that wait for money, and one transfer without a reference that is both of them."""
    made = await Clearing(platform, await client(plugins=())).opened()
    made.numbers = [await made.number()]
    await made.stated(made.numbers[0], BEFORE, pay=10_000, fee=60)
    await made.stated(made.numbers[0], DAY, pay=20_000, fee=120)
    await made.told(BEFORE)
    await made.told(LATER, (29_820, "微信两日结算"), (5, "利息"))
    await made.match()
    return made


async def people(clearing, staff):
    house = clearing.client
    maker, checker = await staff(house, READ, MAKE, name="经办甲"), await staff(house, READ, MAKE, CHECK, name="复核乙")
    return maker, checker


async def unexplained(clearing):
    return next(entry for entry in await clearing.entries() if entry.amount_fen == 29_820)


async def both_days(clearing):
    return [Part(row.id, int(row.net_fen)) for row in await clearing.arrivals()]


async def proposed(clearing, by, parts=None, reason="微信结算通知 11 月"):
    entry = await unexplained(clearing)
    async with clearing.session() as session:
        return await assigning.propose(session, entry.id, AssignmentAsk(parts=parts or await both_days(clearing), reason=reason), by)


async def agreed(clearing, approval_id, by):
    kinds = approvals.kinds_of(clearing.platform.plugins, clearing.client.plugins)
    async with clearing.session() as session:
        await approvals.approve(session, kinds, approval_id, by)
    await clearing.sound()


async def test_two_people_give_one_transfer_to_two_arrivals(clearing, staff):
    maker, checker = await people(clearing, staff)
    number = clearing.numbers[0]
    assert {row.status for row in await clearing.arrivals()} == {"missing"}
    await agreed(clearing, await proposed(clearing, maker.actor), checker.actor)
    assert [(row.status, row.arrived_fen, row.assigned_fen) for row in await clearing.arrivals()] == [("arrived", 9_940, 9_940), ("arrived", 19_880, 19_880)]
    entry = await unexplained(clearing)
    assert (entry.status, entry.matched_by, bool(entry.assignment_id)) == ("matched", "person", True)
    assert await clearing.balance_of("L.SUSP.LONG") == -5
    assert await clearing.balance_of(f"A.BANK.{clearing.account}") == 29_825
    assert await clearing.balance_of(f"A.CH.wechatpay.{number}") == -30_000
    assert await clearing.balance_of("E.CHFEE") == 180
    assert {row.number: row.status for row in await clearing.differences()}[entry.serial] == "auto_resolved"
    assert all(row.status == "auto_resolved" for row in await clearing.differences() if row.channel == "wechatpay")


async def test_matching_again_leaves_an_assignment_alone(clearing, staff):
    maker, checker = await people(clearing, staff)
    await agreed(clearing, await proposed(clearing, maker.actor), checker.actor)
    await clearing.match()
    await clearing.told(LATER, (29_820, "微信两日结算", (await unexplained(clearing)).serial), (7, "利息"))
    await clearing.match()
    assert [row.status for row in await clearing.arrivals()] == ["arrived", "arrived"]


async def test_it_is_undone_by_the_exact_reversal_and_can_be_said_anew(clearing, staff):
    maker, checker = await people(clearing, staff)
    await agreed(clearing, await proposed(clearing, maker.actor), checker.actor)
    entry = await unexplained(clearing)
    async with clearing.session() as session:
        asked = await assigning.propose_undoing(session, entry.id, "认错了日期", maker.actor)
    await agreed(clearing, asked, checker.actor)
    assert [(row.status, row.arrived_fen) for row in await clearing.arrivals()] == [("missing", 0), ("missing", 0)]
    assert await clearing.balance_of("L.SUSP.LONG") == -29_825
    assert await clearing.balance_of(f"A.CH.wechatpay.{clearing.numbers[0]}") == 0
    assert {row.number: row.status for row in await clearing.differences()}[entry.serial] == "open"
    async with clearing.session() as session:
        with pytest.raises(EntryNotAssigned):
            await assigning.propose_undoing(session, entry.id, "再撤一次", maker.actor)
    await agreed(clearing, await proposed(clearing, maker.actor), checker.actor)
    assert [row.status for row in await clearing.arrivals()] == ["arrived", "arrived"]


async def test_the_equations_bank_number_follows_and_the_trace_finds_the_arrival(clearing, staff):
    maker, checker = await people(clearing, staff)
    serial = (await unexplained(clearing)).serial
    await agreed(clearing, await proposed(clearing, maker.actor), checker.actor)
    reader = await staff(clearing.client, READ, "recon.run.read", "payments.payment.read")
    told = (await reader.get(f"/api/v1/equations?month={DAY:%Y-%m}&channel=wechatpay")).json()
    row = next(each for each in told["items"] if each["day"] == DAY.isoformat())
    assert row["numbers"]["bank"]["fen"] == 20_000, row
    found = await reader.get(f"/api/v1/traces/{serial}")
    assert found.status_code == 200, found.text


async def test_more_than_is_owed_shows_as_a_difference_of_the_arrival(clearing, staff):
    maker, checker = await people(clearing, staff)
    first = (await clearing.arrivals())[0]
    await agreed(clearing, await proposed(clearing, maker.actor, [Part(first.id, 29_820)]), checker.actor)
    [row, other] = await clearing.arrivals()
    assert (row.status, row.arrived_fen, other.status) == ("differs", 29_820, "missing")
    found = next(each for each in await clearing.differences() if each.bill_on == BEFORE and each.channel == "wechatpay")
    assert (found.status, found.amount_fen, found.facts["direction"]) == ("open", 19_880, "long")


async def test_nobody_agrees_to_their_own_assignment(clearing, staff):
    both = (await people(clearing, staff))[1]
    asked = await proposed(clearing, both.actor)
    with pytest.raises(SelfApproval):
        await agreed(clearing, asked, both.actor)


@pytest.mark.parametrize(("change", "refusal"), [
    (lambda parts: [], PartsInvalid),
    (lambda parts: parts[:1], PartsInvalid),
    (lambda parts: [parts[0], parts[0]], PartsInvalid),
    (lambda parts: [Part(parts[0].arrival_id, 30_000), Part(parts[1].arrival_id, -180)], PartsInvalid),
    (lambda parts: [msgspec.structs.replace(parts[0], arrival_id=ids.uuid7()), parts[1]], PartsInvalid),
], ids=["nothing", "too little", "twice the same", "one against the other", "no such arrival"])  # fmt: skip
async def test_parts_that_are_not_the_entry_are_refused(clearing, staff, change, refusal):
    maker, _checker = await people(clearing, staff)
    entry = await unexplained(clearing)
    parts = change(await both_days(clearing))
    async with clearing.session() as session:
        with pytest.raises(refusal):
            await assigning.propose(session, entry.id, AssignmentAsk(parts=parts, reason="看错"), maker.actor)


async def test_what_changed_while_it_waited_refuses_the_checker(clearing, staff):
    maker, checker = await people(clearing, staff)
    asked = await proposed(clearing, maker.actor)
    await clearing.told(LATER + dt.timedelta(days=1), (9_940, clearing.reference(clearing.numbers[0], BEFORE)))
    await clearing.match()
    with pytest.raises(ArrivalComplete):
        await agreed(clearing, asked, checker.actor)
    assert (await unexplained(clearing)).status == "suspense"
    await clearing.sound()


async def test_an_entry_whose_difference_was_dealt_with_is_not_assigned_any_more(clearing, staff):
    maker, _checker = await people(clearing, staff)
    entry = await unexplained(clearing)
    async with clearing.session() as session:
        await session.execute(text("UPDATE core.recon_difference SET status = 'resolved' WHERE id = :id"), {"id": entry.difference_id})
        with pytest.raises(EntryNotOpen):
            await assigning.propose(session, entry.id, AssignmentAsk(parts=await both_days(clearing), reason="晚了"), maker.actor)


async def test_an_assigned_entry_that_the_bank_takes_back_leaves_the_arrivals_again(clearing, staff):
    maker, checker = await people(clearing, staff)
    await agreed(clearing, await proposed(clearing, maker.actor), checker.actor)
    await clearing.told(LATER, (6, "利息"))
    await clearing.match()
    assert [(row.status, row.arrived_fen) for row in await clearing.arrivals()] == [("missing", 0), ("missing", 0)]
    assert await clearing.balance_of("L.SUSP.LONG") == -6
    assert await clearing.balance_of(f"A.BANK.{clearing.account}") == 6


async def test_money_that_left_unexplained_is_assigned_the_same_way(clearing, staff):
    maker, checker = await people(clearing, staff)
    number = await clearing.number()
    await clearing.stated(number, DAY, pay=1_000, refund=4_000)
    await clearing.told(LATER + dt.timedelta(days=1), (-3_000, "扣划"))
    await clearing.told(LATER + dt.timedelta(days=2), (-1, "手续费"))
    await clearing.match()
    entry = next(each for each in await clearing.entries() if each.amount_fen == -3_000)
    owing = next(row for row in await clearing.arrivals() if row.merchant_number == number)
    if entry.status == "matched":  # found by its amount alone: nothing is left for a person
        assert owing.status == "arrived"
        return
    async with clearing.session() as session:
        asked = await assigning.propose(session, entry.id, AssignmentAsk(parts=[Part(owing.id, -3_000)], reason="渠道扣划"), maker.actor)
    await agreed(clearing, asked, checker.actor)
    assert next(row for row in await clearing.arrivals() if row.merchant_number == number).status == "arrived"


async def test_the_entrys_page_offers_arrivals_and_the_arrivals_page_offers_entries(clearing, staff):
    maker, checker = await people(clearing, staff)
    entry, arrivals = await unexplained(clearing), await clearing.arrivals()
    page = (await maker.get(f"{ENTRIES}/{entry.id}")).text
    for told in ("298.20", "99.40", "198.80", "对*", "认领依据", clearing.numbers[0]):
        assert told in page, told
    other = (await maker.get(f"/console/channel-arrivals/{arrivals[0].id}")).text
    assert "可能就是这笔款项的不明来款" in other and entry.serial in other and f"{ENTRIES}/{entry.id}?arrival={arrivals[0].id}" in other
    form = {"arrival": [str(row.id) for row in arrivals], "reason": "结算通知"} | {f"fen-{row.id}": money.format_yuan(row.net_fen) for row in arrivals}
    wrong = await maker.post(f"{ENTRIES}/{entry.id}/assign", data=form | {f"fen-{arrivals[0].id}": "1.00"})
    assert wrong.status_code == 422 and "应等于这笔流水的" in wrong.text
    assert (await maker.post(f"{ENTRIES}/{entry.id}/assign", data=form)).status_code == 303
    assert "正在等待复核" in (await maker.get(f"{ENTRIES}/{entry.id}")).text
    async with clearing.session() as session:
        asked = await session.scalar(text("SELECT id FROM core.approval WHERE kind = 'settlement.assign' AND status = 'waiting'"))
    assert "还差" in (await checker.get(f"/console/approvals/{asked}")).text
    await agreed(clearing, asked, checker.actor)
    page = (await maker.get(f"{ENTRIES}/{entry.id}")).text
    assert "撤销认领" in page and "结算通知" in page
    assert entry.serial in (await maker.get(f"/console/channel-arrivals/{arrivals[0].id}")).text
    assert "人工认领" in (await maker.get(ENTRIES)).text


async def test_programs_assign_and_take_back_with_a_key(clearing, staff):
    maker, checker = await people(clearing, staff)
    entry, arrivals = await unexplained(clearing), await clearing.arrivals()
    address = f"/api/v1/bank-entries/{entry.id}"
    told = (await maker.get(address)).json()
    assert told["open"] and [each["owed_fen"] for each in told["candidates"]] == [19_880, 9_940]
    body = {"parts": [{"arrival_id": str(row.id), "amount_fen": row.net_fen} for row in arrivals], "reason": "通知"}
    assert (await maker.post(f"{address}/assignments", json=body)).status_code == 422
    made = await maker.post(f"{address}/assignments", json=body, headers={"Idempotency-Key": "a-key-of-mine"})
    again = await maker.post(f"{address}/assignments", json=body, headers={"Idempotency-Key": "a-key-of-mine"})
    assert made.status_code == again.status_code == 201 and made.json() == again.json()
    await agreed(clearing, made.json()["approval_id"], checker.actor)
    undo = await maker.post(f"{address}/reversal", json={"reason": "错"}, headers={"Idempotency-Key": "another-key"})
    assert undo.status_code == 201
    wrong = await maker.post(f"{address}/assignments", json=body | {"extra": 1}, headers={"Idempotency-Key": "third-key-1"})
    assert wrong.status_code in (400, 422)


async def test_who_may_not_is_refused_and_another_client_finds_nothing(clearing, staff, client):
    entry = await unexplained(clearing)
    reader, nobody = await staff(clearing.client, READ), await staff(clearing.client, "billing.bill.read")
    other = await staff(await client(plugins=()), READ, MAKE)
    body, key = {"parts": [], "reason": "x"}, {"Idempotency-Key": "some-key-12345"}
    assert (await nobody.get(f"/api/v1/bank-entries/{entry.id}")).status_code == 403
    assert (await reader.post(f"/api/v1/bank-entries/{entry.id}/assignments", json=body, headers=key)).status_code == 403
    assert (await reader.post(f"{ENTRIES}/{entry.id}/assign", data={})).status_code == 403
    assert (await other.get(f"/api/v1/bank-entries/{entry.id}")).status_code == 404
    assert (await other.post(f"/api/v1/bank-entries/{entry.id}/assignments", json=body, headers=key)).status_code == 404
    assert (await other.post(f"/api/v1/bank-entries/{entry.id}/reversal", json={"reason": "x"}, headers=key)).status_code == 404
