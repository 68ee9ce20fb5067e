"""The insurer first, then the cash by its original way, then HIS; once, never more than was paid, never somebody else's."""

import asyncio

import pytest

from core.errors import PlatformError
from core.refunds import service as refunds
from core.refunds import stopping
from core.refunds.schemas import RefundAsk
from plugins.medical.his import client
from plugins.medical.his import service as his_service
from plugins.medical.insurance.schemas import Insurance
from plugins.medical.reports import service as reports
from plugins.medical.returns import reversing, service
from plugins.medical.returns.errors import (
    AlreadyReturned,
    BadReturn,
    OrderNotPaid,
    ReturnDiffers,
    ReturnedOrderNotFound,
    ReturnNotFailed,
    ReturnTooLarge,
)
from plugins.medical.returns.schemas import ReturnAsk
from tests import trade
from tests.medical.orders.places import place

LIMIT = {"refund_auto_limit_fen": 1_000_000}


def ask(order, **given: object) -> ReturnAsk:
    fields = {"his_refund_no": f"R{order.number}", "order_number": order.number, "patient_no": "P0001", "cash_fen": order.cash_fen, "reason": "退号"}
    return ReturnAsk(**fields | given)


async def asked(house, order, vendor=None, settings=LIMIT, **given: object):
    async with house.tenant() as session:
        return await service.request(session, settings, ask(order, **given), house.hospital.maker, vendor)


async def read(house, number: str):
    async with house.tenant() as session:
        return await service.find(session, number)


async def vendor(house, app_id: str):
    (row,) = await house.rows("SELECT * FROM medical.vendor WHERE id = :id", id=house.hospital.vendors[app_id])
    return row


async def settlement(house):
    (row,) = await house.rows("SELECT * FROM medical.insurance_settlement")
    return row


async def test_the_insurer_takes_back_first_then_the_cash_goes_then_his_is_told(house):
    made = await asked(house, order := await house.posted())
    assert (made.status, made.insurance, made.refund_status) == ("requested", "settled", "approved")
    waits = await house.rows("SELECT state FROM core.refund_item")
    assert [row.state for row in waits] == ["held"]
    await house.hurry(4)
    done = await read(house, made.number)
    assert (done.status, done.insurance, done.refund_status, done.told_at is not None) == ("done", "reversed", "success", True)
    gone = await house.read(order.number)
    assert (gone.status, gone.refunded_fen) == ("refunded", order.cash_fen)
    calls = [(row.kind, row.answer) for row in await house.rows("SELECT kind, answer FROM medical.his_call WHERE kind <> 'payment' ORDER BY id")]
    assert calls == [("reversal", "posted"), ("refund", "posted")]
    (sent,) = house.channel.moved.values()
    assert sent == order.cash_fen
    (refund,) = [each for each in await house.booked() if each["kind"] == "refund"]
    assert (refund["amount_fen"], refund["payload"]["his_serial"], refund["payload"]["trades"][0]["amount_fen"]) == (7_456, order.his_serial, 7_456)
    assert await trade.faults(house.platform, house.id) == {}


async def test_no_cash_moves_before_the_insurer_has_said_yes(house):
    order = await house.posted()
    (known,) = [await settlement(house)]
    await house.err(known.setl_id, "reversal_lost", "query_error", seconds=1.0)
    made = await asked(house, order)
    await house.hurry(4)
    stands = await read(house, made.number)
    assert (stands.status, stands.insurance, house.channel.moved) == ("requested", "reversing", {})
    (item,) = await house.rows("SELECT state, error FROM core.refund_item")
    assert item.state == "held"
    assert item.error.startswith("正在撤销医保")
    await house.err(known.setl_id)
    await house.hurry(4)
    assert (await read(house, made.number)).status == "done"


async def test_a_reversal_that_was_answered_late_happens_once(house):
    order = await house.posted()
    known = await settlement(house)
    await house.err(known.setl_id, "reversal_timeout", seconds=1.5)
    made = await asked(house, order)
    await house.hurry(4)
    assert (await read(house, made.number)).status == "done"
    reversals = [each for each in await house.booked() if each["kind"] == "reversal"]
    assert [(each["key"], each["payload"]["reversal_no"]) for each in reversals] == [(known.setl_id, made.number)]


async def test_refused_by_the_insurer_a_person_decides(house):
    order = await house.posted()
    known = await settlement(house)
    await house.err(known.setl_id, "reversal_refuse")
    made = await asked(house, order)
    await house.hurry(3)
    stands = await read(house, made.number)
    assert (stands.status, stands.insurance, stands.error, house.channel.moved) == ("insurance_refused", "settled", "院内规则不允许", {})
    await house.err(known.setl_id)
    async with house.tenant() as session:
        await reversing.again(session, made.number, house.hospital.maker)
    await house.hurry(4)
    assert (await read(house, made.number)).status == "done"


async def test_a_return_that_the_insurer_refused_can_be_given_up(house):
    order = await house.posted()
    await house.err((await settlement(house)).setl_id, "reversal_refuse")
    made = await asked(house, order)
    await house.hurry(2)
    async with house.tenant() as session:
        await reversing.give_up(session, made.number, "患者不退了", house.hospital.maker)
    await house.hurry(2)
    ended = await read(house, made.number)
    assert (ended.status, house.channel.moved, (await house.read(order.number)).status) == ("rejected", {}, "posted")
    assert await trade.faults(house.platform, house.id) == {}
    assert (await asked(house, order, his_refund_no="R2")).status == "requested", "the money is free again"


@pytest.mark.parametrize("fault", ["reversal_amount", "query_amount"])
async def test_another_amount_of_the_insurer_is_not_believed(house, fault):
    order = await house.posted()
    known = await settlement(house)
    await house.err(known.setl_id, fault, *(["reversal_timeout"] if fault.startswith("query") else []), seconds=1.5)
    made = await asked(house, order)
    await house.hurry(3)
    stands = await read(house, made.number)
    assert (stands.status, stands.insurance, house.channel.moved) == ("insurance_refused", "reversing", {})
    (said,) = await house.rows("SELECT kind, ours, theirs FROM medical.his_disagreement")
    assert tuple(said) == ("amount", "41184", "41284")
    async with house.tenant() as session:
        await reversing.confirm(session, made.number, "医保办已核实", house.hospital.maker)
    await house.hurry(4)
    assert (await read(house, made.number)).status == "done"


async def test_a_forged_answer_is_no_answer(house):
    order = await house.posted()
    known = await settlement(house)
    await house.err(known.setl_id, "reversal_tamper", "query_tamper")
    made = await asked(house, order)
    await house.hurry(3)
    assert ((await read(house, made.number)).status, house.channel.moved) == ("requested", {})


async def test_killed_between_the_insurers_yes_and_our_write(house, monkeypatch):
    order = await house.posted()
    made = await asked(house, order)

    async def dies(*_: object) -> None:
        raise SystemError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(reversing, "decide", dies)
        await house.hurry(2)
    assert ((await read(house, made.number)).insurance, house.channel.moved) == ("reversing", {})
    await house.hurry(4)
    assert (await read(house, made.number)).status == "done"
    assert len([each for each in await house.booked() if each["kind"] == "reversal"]) == 1


async def test_killed_between_hiss_yes_to_a_refund_and_our_write(house, monkeypatch):
    order = await house.posted(insured=False)
    post = client.post_refund

    async def dies(*given: object) -> None:
        await post(*given)
        raise SystemError("killed")

    made = await asked(house, order)
    with monkeypatch.context() as patch:
        patch.setattr(client, "post_refund", dies)
        while not [each for each in await house.booked() if each["kind"] == "refund"]:
            await house.hurry()
    assert (await read(house, made.number)).told_at is None
    await house.hurry(2)
    assert (await read(house, made.number)).told_at is not None
    assert len([each for each in await house.booked() if each["kind"] == "refund"]) == 1


async def test_above_the_limit_a_second_person_agrees_before_the_insurer_is_asked(house):
    order = await house.posted()
    made = await asked(house, order, settings={})
    await house.hurry(3)
    stands = await read(house, made.number)
    assert (stands.status, stands.insurance, stands.refund_status) == ("requested", "settled", "requested")
    await house.agree(stands.refund_id)
    await house.hurry(5)
    assert (await read(house, made.number)).status == "done"


async def test_parts_of_an_order_go_back_one_after_another(house):
    order = await house.posted()
    first = await asked(house, order, cash_fen=2_000, his_refund_no="A")
    await house.hurry(4)
    part = await house.read(order.number)
    assert (part.status, part.refunded_fen) == ("partial_refund", 2_000)
    second = await asked(house, order, cash_fen=5_456, his_refund_no="B")
    await house.hurry(4)
    whole = await house.read(order.number)
    assert (whole.status, whole.refunded_fen) == ("refunded", 7_456)
    assert [(await read(house, each.number)).status for each in (first, second)] == ["done", "done"]
    assert len([each for each in await house.booked() if each["kind"] == "reversal"]) == 1


async def test_the_same_number_again_is_the_same_return(house):
    order = await house.posted(insured=False)
    first, again = await asked(house, order), await asked(house, order)
    assert first.number == again.number
    with pytest.raises(ReturnDiffers):
        await asked(house, order, cash_fen=1)
    other = await house.posted(insured=False)
    with pytest.raises(ReturnDiffers):
        await asked(house, other, his_refund_no=f"R{order.number}")


async def test_nobody_is_given_back_what_is_somebody_elses(house):
    order = await house.posted(vendor="kiosk")
    with pytest.raises(ReturnedOrderNotFound):
        await asked(house, order, patient_no="P0002")
    with pytest.raises(ReturnedOrderNotFound):
        await asked(house, order, vendor=await vendor(house, "inet"))
    with pytest.raises(ReturnedOrderNotFound):
        await asked(house, order, order_number="MO0000000000")
    assert (await asked(house, order, vendor=await vendor(house, "kiosk"))).status == "requested"
    assert await house.rows("SELECT 1 FROM medical.med_return WHERE status = 'rejected'") == []


async def test_what_was_not_paid_and_what_is_too_much_is_refused(house):
    open_order = await house.order()
    with pytest.raises(OrderNotPaid):
        await asked(house, open_order)
    order = await house.posted(insured=False)
    with pytest.raises(ReturnTooLarge) as refused:
        await asked(house, order, cash_fen=order.cash_fen + 1)
    assert "74.56" in refused.value.message
    with pytest.raises(BadReturn):
        await asked(house, order, cash_fen=0)


async def test_twenty_at_once_never_take_more_than_was_paid(house):
    order = await house.posted(insured=False)

    async def one(place: int) -> str:
        try:
            return (await asked(house, order, his_refund_no=f"N{place}", cash_fen=1_500)).status
        except PlatformError as error:
            return type(error).__name__

    outcomes = await asyncio.gather(*(one(place) for place in range(20)))
    assert (outcomes.count("refunding"), outcomes.count("ReturnTooLarge")) == (4, 16)
    await house.hurry(4)
    gone = await house.read(order.number)
    assert (gone.status, gone.refunded_fen, sum(house.channel.moved.values())) == ("partial_refund", 6_000, 6_000)
    assert await trade.faults(house.platform, house.id) == {}


async def test_the_same_number_twenty_times_at_once_is_one_return(house):
    order = await house.posted(insured=False)
    made = await asyncio.gather(*(asked(house, order) for _ in range(20)))
    assert len({each.number for each in made}) == 1
    assert len(await house.rows("SELECT 1 FROM core.refund")) == 1


async def test_a_refund_that_began_at_the_desk_waits_for_the_insurer_too(house):
    order = await house.posted()
    async with house.tenant() as session:
        told = RefundAsk(amount_fen=order.cash_fen, reason="柜台申请", bill_id=order.bill_id)
        made = await refunds.request(session, LIMIT, told, house.hospital.maker)
    await house.beat()
    (adopted,) = await house.rows("SELECT * FROM medical.med_return")
    assert (adopted.his_refund_no, adopted.refund_id, adopted.status, adopted.made_by) == (made.number, made.id, "refunding", "经办")
    assert ((await settlement(house)).status, house.channel.moved) == ("reversed", {}), "the insurer was first"
    await house.hurry(4)
    (done,) = await house.rows("SELECT * FROM medical.med_return")
    assert (done.status, done.told_at is not None) == ("done", True)
    assert (await house.read(order.number)).status == "refunded"


async def test_refused_by_the_second_person_nothing_is_reversed(house):
    from core.approvals import service as approvals

    order = await house.posted()
    made = await asked(house, order, settings={})
    kinds = approvals.kinds_of(house.platform.plugins, house.hospital.client.plugins)
    (found,) = await house.rows("SELECT id FROM core.approval WHERE subject_id = :id", id=made.refund_id)
    async with house.tenant() as session:
        await approvals.reject(session, kinds, found.id, house.hospital.checker, "金额有疑问")
    await house.hurry(3)
    ended = await read(house, made.number)
    assert (ended.status, ended.insurance, bool(ended.error)) == ("rejected", "settled", True)


WHOLE = Insurance(setl_id="SETLW", medfee_sumamt=48_640, fund_pay_sumamt=36_640, acct_pay=12_000, psn_cash_pay=0)


async def test_an_order_that_insurance_paid_whole_is_taken_back_without_cash_and_once(house):
    placed = await place(house.platform, house.hospital, insurance=WHOLE)
    await house.hurry(2)
    order = await house.read(placed.number)
    assert (order.status, order.cash_fen) == ("posted", 0)
    made = await asked(house, order)
    with pytest.raises(AlreadyReturned):
        await asked(house, order, his_refund_no="AGAIN")
    await house.hurry(4)
    done = await read(house, made.number)
    assert (done.status, done.insurance, done.refund_number) == ("done", "reversed", None)
    assert (await house.read(order.number)).status == "refunded"
    assert await asked(house, order) == done, "the same question has the same answer"
    with pytest.raises(AlreadyReturned):
        await asked(house, order, his_refund_no="AGAIN")


async def test_what_insurance_paid_whole_and_his_never_took_is_taken_back_by_itself(house):
    placed = await place(house.platform, house.hospital, insurance=WHOLE)
    await house.err(placed.number, "payment_refuse")
    await house.hurry(4)
    assert (await house.read(placed.number)).status == "post_failed"
    await house.err(placed.number)
    await house.long_ago(placed.number)
    await house.hurry(6)
    order = await house.read(placed.number)
    (returned,) = await house.rows("SELECT status FROM medical.med_return")
    assert (order.status, order.post_at, returned.status, (await settlement(house)).status) == ("refunded", None, "done", "reversed")


async def test_an_insurer_that_stays_silent_becomes_a_persons_task(house):
    order = await house.posted()
    (known,) = [await settlement(house)]
    await house.err(known.setl_id, "reversal_lost", "query_error", seconds=1.0)
    made = await asked(house, order)
    await house.rows("UPDATE medical.med_return SET tell_tries = :tries RETURNING id", tries=reversing.MOST_TRIES - 2)
    await house.hurry(3)
    stands = await read(house, made.number)
    assert (stands.status, stands.insurance, bool(stands.error), house.channel.moved) == ("insurance_refused", "reversing", True, {})
    await house.err(known.setl_id)
    async with house.tenant() as session:
        await reversing.again(session, made.number, house.hospital.maker)
    await house.hurry(4)
    assert (await read(house, made.number)).status == "done"


async def test_without_his_a_person_takes_it_back_at_the_insurer(house):
    order = await house.posted()
    async with house.tenant() as session:
        await his_service.close_link(session, house.hospital.maker, "停用")
    made = await asked(house, order)
    await house.hurry(3)
    stands = await read(house, made.number)
    assert (stands.status, stands.insurance, stands.error, house.channel.moved) == ("insurance_refused", "settled", reversing.NO_HIS, {})
    async with house.tenant() as session:
        await reversing.confirm(session, made.number, "在医保平台撤销", house.hospital.maker)
    await house.hurry(4)
    assert ((await read(house, made.number)).status, (await house.read(order.number)).status) == ("done", "refunded")
    assert sum(house.channel.moved.values()) == order.cash_fen


async def test_money_that_did_not_go_is_refunded_again_by_a_person(house):
    order = await house.posted(insured=False)
    house.channel.usual = "closed"
    made = await asked(house, order)
    await house.hurry(8)
    assert (await house.rows("SELECT status FROM core.refund"))[0].status == "manual_transfer", "closed three times: a person transfers it"
    async with house.tenant() as session:
        await stopping.stop(session, made.refund_id, "账户有误", house.hospital.maker)
    await house.hurry(2)
    failed = await read(house, made.number)
    assert (failed.status, failed.error) == ("failed", service.ENDS["failed"])
    house.channel.usual = "succeeded"
    async with house.tenant() as session:
        await service.retry(session, await service.id_of(session, made.number), house.hospital.maker, LIMIT)
    await house.hurry(4)
    done = await read(house, made.number)
    assert (done.status, (await house.read(order.number)).status) == ("done", "refunded")
    assert await trade.faults(house.platform, house.id) == {}
    with pytest.raises(ReturnNotFailed):
        async with house.tenant() as session:
            await service.retry(session, await service.id_of(session, made.number), house.hospital.maker, LIMIT)


async def test_what_was_given_back_is_earned_no_longer(house):
    order = await house.posted()
    await asked(house, order)
    await house.hurry(4)
    async with house.tenant() as session:
        sums = (await reports.revenue(session, {}, None)).sums
    assert (sums.insured_fen, sums.hospital_fen, sums.total_fen, sums.cash_fen, sums.refunded_fen) == (0, 0, 7_456, 7_456, 7_456)
