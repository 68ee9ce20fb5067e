"""From the first deposit to the last fen: surplus, shortage, and everything that can come in between."""

import asyncio

import msgspec
import pytest
from sqlalchemy import text

from core import clock
from core.billing import corrections
from core.errors import IllegalTransition
from plugins.medical.inpatients import rules
from plugins.medical.inpatients.errors import DischargeNotRequested, ListsDiffer, NothingToRepeat, NotInHospital, SettlementBroken, SettlementDiffers
from plugins.medical.inpatients.schemas import SettlementAsk
from plugins.medical.insurance.errors import SplitBroken
from tests.medical.inpatients.stays import M2


async def test_vector_m2_goes_back_to_the_newest_deposits(ward):
    """Deposits of 3,000, 2,000 and 1,000 against 4,516.41 in cash: 1,483.59 goes back, the newest first, and the stay is closed."""
    for fen in (3_000_00, 2_000_00, 1_000_00):
        await ward.deposit(fen)
    await ward.leave()
    asked = await ward.settle()
    assert (asked.status, asked.total_fen, asked.cash_fen, asked.surplus_fen, asked.shortage_fen) == ("refunding", 18_642_75, 4_516_41, 1_483_59, 0)
    assert [(paid, fen) for paid, fen, _ in await ward.back()] == [(2_000_00, 483_59), (1_000_00, 1_000_00)]
    await ward.hurry()
    stay = await ward.stay()
    assert (stay.status, stay.paid_fen, stay.waits_for) == ("closed", 4_516_41, "")
    [visit] = await ward.rows("SELECT status, discharged_on FROM medical.visit")
    assert tuple(visit) == ("closed", clock.today()), "the visit ends with the stay"
    assert [state for *_, state in await ward.back()] == ["done", "done"]
    assert sum(ward.channel.moved.values()) == 1_483_59
    assert stay.due_on == rules.due_on(clock.today())
    assert await ward.faults() == {}


async def test_a_shortage_is_collected_and_only_the_shortage(ward):
    await ward.deposit(3_000_00)
    await ward.leave()
    asked = await ward.settle()
    assert (asked.status, asked.shortage_fen, asked.surplus_fen) == ("collecting", 1_516_41, 0)
    [due] = [one for one in asked.payments if one.kind == "discharge"]
    assert (due.amount_fen, due.order_number) == (1_516_41, asked.discharge_order)
    [order] = await ward.rows("SELECT * FROM medical.med_order WHERE kind = 'discharge'")
    await ward.pay(order)
    stay = await ward.stay()
    assert (stay.status, stay.paid_fen) == ("closed", 4_516_41)
    assert ward.channel.moved == {}
    assert await ward.faults() == {}


async def test_deposits_that_fit_to_the_fen_close_at_once(ward):
    await ward.deposit(4_516_41)
    await ward.leave()
    assert (await ward.settle()).status == "closed"


async def test_who_was_never_treated_gets_everything_back(ward):
    await ward.deposit(500_00)
    await ward.leave()
    asked = await ward.settle(0)
    assert (asked.surplus_fen, asked.cash_fen) == (500_00, 0)
    await ward.hurry()
    assert ((await ward.stay()).status, sum(ward.channel.moved.values())) == ("closed", 500_00)


async def test_the_same_settlement_again_changes_nothing_another_is_refused(ward):
    await ward.deposit(6_000_00)
    await ward.leave()
    await ward.settle()
    await ward.settle()
    assert len(await ward.rows("SELECT id FROM medical.med_return")) == 1
    with pytest.raises(SettlementDiffers):
        await ward.settle(100_00)
    with pytest.raises(SettlementDiffers):
        await ward.settle(setl_no="JS0002")
    await ward.hurry()
    await ward.settle()
    assert sum(ward.channel.moved.values()) == 1_483_59


async def test_two_settlements_at_once_give_back_once(ward):
    await ward.deposit(6_000_00)
    await ward.leave()
    await asyncio.gather(*(ward.settle() for _ in range(4)))
    await ward.hurry()
    assert sum(ward.channel.moved.values()) == 1_483_59


async def test_a_settlement_needs_a_discharge(ward):
    with pytest.raises(DischargeNotRequested):
        await ward.settle()
    await ward.leave()
    await ward.leave()  # asked again: the same days run
    await ward.deposit(100_00)
    await ward.settle()
    with pytest.raises(IllegalTransition):
        await ward.leave()


@pytest.mark.parametrize(
    "change", [{"fund_pay_sumamt": 13_126_35}, {"psn_cash_pay": 4_516_40}, {"acct_pay": 0}, {"hosp_part_amt": 1}, {"acct_mulaid_pay": 1}]
)
async def test_a_settlement_whose_identity_is_broken_is_refused_and_nothing_moves(ward, change):
    await ward.deposit(6_000_00)
    await ward.leave()
    with pytest.raises(SplitBroken):
        await ward.settle(msgspec.structs.replace(M2, **change))
    stay = await ward.stay()
    assert (stay.status, stay.total_fen, stay.paid_fen) == ("discharge_requested", None, 6_000_00)


async def test_a_total_that_is_not_the_insurers_is_refused(ward):
    await ward.leave()
    with pytest.raises(SettlementBroken) as refused:
        await ward.settle(SettlementAsk(setl_no="JS1", total_fen=18_642_76, insurance=M2))
    assert "18,642.76" in refused.value.message
    assert "18,642.75" in refused.value.message


async def test_a_total_that_is_not_the_daily_lists_is_refused_until_they_are_mended(ward):
    await ward.list_of(18_000_00)
    await ward.leave()
    with pytest.raises(ListsDiffer) as refused:
        await ward.settle()
    assert refused.value.facts["lists_fen"] == 18_000_00
    await ward.list_of(18_642_75, version=1)
    await ward.deposit(4_516_41)
    assert (await ward.settle()).status == "closed"


async def test_without_any_daily_list_there_is_nothing_to_set_against(ward):
    await ward.leave()
    assert (await ward.settle(100_00)).status == "collecting"


async def test_no_deposit_for_who_has_left(ward):
    await ward.deposit(6_000_00)
    await ward.leave()
    await ward.deposit(10_00)  # asked for only: deposits are still taken
    await ward.settle()
    with pytest.raises(NotInHospital):
        await ward.ask_deposit(100_00)
    with pytest.raises(NotInHospital):
        await ward.list_of(100_00)


async def test_unpaid_deposits_are_withdrawn_at_the_settlement(ward):
    unpaid = await ward.ask_deposit(900_00)
    await ward.deposit(6_000_00)
    await ward.leave()
    await ward.settle()
    sql = "SELECT o.status, b.status AS bill FROM medical.med_order o JOIN core.bill b ON b.id = o.bill_id WHERE o.number = :n"
    [row] = await ward.rows(sql, n=unpaid.number)
    assert (row.status, row.bill) == ("cancelled", "void")


async def test_a_shortage_whose_bill_was_voided_is_asked_for_anew(ward):
    await ward.deposit(3_000_00)
    await ward.leave()
    await ward.settle()
    [asked] = await ward.rows("SELECT bill_id, cash_fen FROM medical.med_order WHERE kind = 'discharge'")
    async with ward.tenant() as session:
        await corrections.void(session, asked.bill_id, {"reason": "开错了"}, ward.hospital.maker)
    await ward.work()
    await ward.hurry()
    found = await ward.rows("SELECT status, cash_fen FROM medical.med_order WHERE kind = 'discharge' ORDER BY id")
    assert [tuple(row) for row in found] == [("cancelled", 1_516_41), ("awaiting_payment", 1_516_41)]
    assert (await ward.stay()).status == "collecting"


async def test_a_deposit_that_was_being_paid_while_the_patient_left_goes_back_whole(ward):
    await ward.deposit(6_000_00)
    late = await ward.ask_deposit(900_00)
    number = await ward.begin(late)
    await ward.leave()
    asked = await ward.settle()
    assert "正在支付" in asked.waits_for
    await ward.arrive(number, 900_00)
    await ward.hurry()
    stay = await ward.stay()
    assert (stay.status, stay.surplus_fen, stay.paid_fen) == ("closed", 2_383_59, 4_516_41)
    assert sum(ward.channel.moved.values()) == 2_383_59
    assert await ward.faults() == {}


async def test_a_late_deposit_makes_a_shortage_smaller(ward):
    """3,000 paid, 900 under way, 4,516.41 owed: the shortage is asked for once the 900 are decided, and then less by them."""
    await ward.deposit(3_000_00)
    late = await ward.ask_deposit(900_00)
    number = await ward.begin(late)
    await ward.leave()
    await ward.settle()
    await ward.arrive(number, 900_00)
    await ward.hurry()
    stay = await ward.stay()
    assert (stay.status, stay.shortage_fen) == ("collecting", 616_41)
    open_orders = await ward.rows("SELECT cash_fen FROM medical.med_order WHERE kind = 'discharge' AND status = 'awaiting_payment'")
    assert [row.cash_fen for row in open_orders] == [616_41]


async def test_money_that_arrived_and_is_not_told_yet_counts_at_the_settlement(ward):
    order = await ward.ask_deposit(6_000_00)
    await ward.pay(order, told=False)
    await ward.leave()
    asked = await ward.settle()
    assert asked.shortage_fen == 0
    await ward.work()
    await ward.hurry()
    assert ((await ward.stay()).status, sum(ward.channel.moved.values())) == ("closed", 1_483_59)


async def test_settlement_and_payment_at_the_same_moment_lose_nothing(ward):
    await ward.deposit(4_000_00)
    order = await ward.ask_deposit(2_000_00)
    number = await ward.begin(order)
    await ward.leave()
    await asyncio.gather(ward.settle(), ward.arrive(number, 2_000_00, told=False))
    await ward.work()
    await ward.hurry()
    stay = await ward.stay()
    assert (stay.status, stay.paid_fen) == ("closed", 4_516_41)
    assert sum(ward.channel.moved.values()) == 1_483_59
    assert await ward.faults() == {}


async def test_a_payment_partly_refunded_before_gives_what_is_left_of_it(ward):
    """The newest payment of 1,000 gave 700 back at the desk: 300 of it and 1,183.59 of the one before go back."""
    from core.refunds import service as refunds
    from core.refunds.schemas import RefundAsk

    for fen in (3_000_00, 2_700_00, 1_000_00):
        last = await ward.deposit(fen)
    async with ward.tenant() as session:
        await refunds.request(session, await ward.settings(), RefundAsk(amount_fen=700_00, reason="多缴", bill_id=last.bill_id), ward.hospital.maker)
    await ward.leave()
    asked = await ward.settle()
    assert asked.surplus_fen == 1_483_59
    assert [(paid, fen) for paid, fen, _ in await ward.back()] == [(2_700_00, 1_183_59), (1_000_00, 300_00)]
    await ward.hurry()
    assert ((await ward.stay()).status, sum(ward.channel.moved.values())) == ("closed", 2_183_59)
    assert await ward.faults() == {}


async def test_a_second_person_above_the_limit_and_a_refusal_keeps_it_open(strict_ward):
    ward = strict_ward
    await ward.deposit(6_000_00)
    await ward.leave()
    assert (await ward.settle()).status == "refunding"
    await ward.hurry()
    assert [state for *_, state in await ward.back()] == ["requested"]
    assert await ward.decide(agree=False) == 1
    await ward.hurry()
    stay = await ward.stay()
    assert stay.status == "refunding"
    assert "没有退成" in stay.waits_for
    await ward.hurry()
    assert len(await ward.rows("SELECT id FROM medical.med_return")) == 1, "it is not asked for by itself again"
    assert await ward.again() == 1
    assert await ward.decide() == 1
    await ward.hurry()
    assert ((await ward.stay()).status, sum(ward.channel.moved.values())) == ("closed", 1_483_59)


async def test_nothing_to_repeat_is_said(ward):
    await ward.deposit(4_516_41)
    await ward.leave()
    await ward.settle()
    with pytest.raises(NothingToRepeat):
        await ward.again()


async def test_a_bill_paid_twice_is_no_deposit_of_the_stay(ward):
    """The second payment of one deposit lies in suspense, where finance sees it; the stay counts the deposit once."""
    order = await ward.ask_deposit(6_000_00)
    first, second = await ward.begin(order), await ward.begin(order)
    await ward.arrive(first, 6_000_00)
    await ward.arrive(second, 6_000_00)
    assert (await ward.stay()).paid_fen == 6_000_00
    assert len(await ward.rows("SELECT id FROM core.suspense_item")) == 1


async def test_money_that_cannot_go_back_its_way_is_said_and_keeps_the_stay_open(ward):
    await ward.deposit(6_000_00)
    await ward.leave()
    ward.channel.usual = "refused"
    await ward.settle()
    for _ in range(6):
        await ward.hurry()
    stay = await ward.stay()
    assert stay.status == "refunding"
    assert "人工转账" in stay.waits_for, stay.waits_for


async def test_the_audit_finds_a_closed_stay_that_kept_too_much(ward):
    await ward.deposit(4_516_41)
    await ward.leave()
    await ward.settle()
    assert await ward.faults() == {}
    async with ward.tenant() as session:
        await session.execute(text("UPDATE medical.admission SET cash_fen = cash_fen - 1"))
    assert list(await ward.faults()) == ["closed_stay_holds_its_cash_part"]
