"""An order of a hospital: written once, split with the insurer, paid by its cash part in full, and never more than once."""

import asyncio

import msgspec
import pytest
from sqlalchemy import text

from core.billing import corrections
from core.errors import IllegalTransition
from core.jobs.pulse import pulse
from core.payments.errors import AnotherPaymentUnderWay
from core.payments.service import settle
from plugins.medical.insurance.errors import SettlementTaken, SplitBroken
from plugins.medical.insurance.schemas import Insurance
from plugins.medical.orders import service
from plugins.medical.orders.errors import (
    BadOrderAmount,
    CategoryUnknown,
    InsuranceDiffers,
    InsuranceNotHere,
    ItemsDiffer,
    MerchantMissing,
    OrderDiffers,
    OrderNotFound,
    SceneNotYours,
    VendorNumberMissing,
    VisitOfAnother,
)
from plugins.medical.orders.schemas import Item
from tests import trade
from tests.medical import hospitals
from tests.medical.orders.places import ITEMS, M1, SECRETS, place, rows


async def test_only_the_cash_part_becomes_a_bill(platform, quiet_hospital):
    order = await place(platform, quiet_hospital)
    assert (order.status, order.fund_fen, order.account_fen, order.cash_fen) == ("awaiting_payment", 29_184, 12_000, 7_456)
    assert order.categories == {"西药费": 24_640, "检查费": 24_000}
    [bill] = await rows(platform, quiet_hospital, "SELECT * FROM core.bill")
    assert (bill.amount_fen, bill.title, bill.allow_partial, bill.allow_merge) == (7_456, "榕城医院 内科门诊", False, True)
    [line] = await rows(platform, quiet_hospital, "SELECT * FROM core.bill_line")
    assert line.rule["explanation"] == [
        ["西药费", "246.40 元"], ["检查费", "240.00 元"], ["费用总额", "486.40 元"], ["医保统筹", "291.84 元"], ["个人账户", "120.00 元"],
        ["个人现金支付", "74.56 元"],
    ]  # fmt: skip
    [settlement] = await rows(platform, quiet_hospital, "SELECT * FROM medical.insurance_settlement")
    assert (settlement.status, settlement.medfee_sumamt_fen) == ("pre_settled", 48_640)


async def test_the_names_of_items_are_sealed_everywhere(platform, quiet_hospital):
    await place(platform, quiet_hospital)
    for table in ("medical.med_order", "core.bill", "core.bill_line", "core.audit_log", "core.outbox_event", "medical.insurance_settlement"):
        found = await rows(platform, quiet_hospital, f"SELECT t::text AS whole FROM {table} t")
        assert all(secret not in row.whole for row in found for secret in SECRETS), table


async def test_the_patient_alone_reads_them(platform, quiet_hospital):
    made = await place(platform, quiet_hospital)
    async with platform.database.tenant(quiet_hospital.id) as session:
        opened = service.opened(await platform.vault.keys(session), await service.row_of(session, made.number))
    assert opened.title == "肺部感染复查"
    assert [(item.name, item.quantity, item.amount_fen) for item in opened.items] == [("阿莫西林胶囊", "2", 24_640), ("腹部彩超", "1", 24_000)]


async def test_the_same_order_again_is_the_same_order(platform, quiet_hospital):
    first = await place(platform, quiet_hospital)
    assert (await place(platform, quiet_hospital)).number == first.number
    for change in ({"department_code": "WK"}, {"title": "别的"}, {"insurance": None}, {"items": (msgspec.structs.replace(ITEMS[0], name="甲"), ITEMS[1])}):
        with pytest.raises(OrderDiffers):
            await place(platform, quiet_hospital, **change)
    assert len(await rows(platform, quiet_hospital, "SELECT id FROM core.bill")) == 1


async def test_twenty_at_once_are_one_order_and_one_bill(platform, quiet_hospital):
    made = await asyncio.gather(*(place(platform, quiet_hospital) for _ in range(20)))
    assert len({order.number for order in made}) == 1
    for table in ("core.bill", "medical.insurance_settlement", "medical.med_order"):
        assert len(await rows(platform, quiet_hospital, f"SELECT id FROM {table}")) == 1


async def test_vendors_know_only_their_own(platform, quiet_hospital):
    mine = await place(platform, quiet_hospital, "window-sys", vendor_order_no="V1")
    with pytest.raises(OrderNotFound):
        await place(platform, quiet_hospital, "kiosk", vendor_order_no="V1", scene="selfservice")
    other = await place(
        platform, quiet_hospital, "kiosk", his_bill_no="HB2", vendor_order_no="V1", scene="selfservice",
        insurance=msgspec.structs.replace(M1, setl_id="SETL2"),
    )  # fmt: skip
    assert other.number != mine.number, "each vendor counts by itself"
    with pytest.raises(OrderDiffers):
        await place(platform, quiet_hospital, "kiosk", his_bill_no="HB4", vendor_order_no="V1", scene="selfservice", insurance=None)
    with pytest.raises(SceneNotYours):
        await place(platform, quiet_hospital, "kiosk", his_bill_no="HB3", scene="window", insurance=None)
    async with platform.database.tenant(quiet_hospital.id) as session:
        kiosk = await session.one(text("SELECT * FROM medical.vendor WHERE app_id = 'kiosk'"))
        with pytest.raises(OrderNotFound):
            await service.find(session, mine.number, kiosk)
        with pytest.raises(OrderNotFound):
            await service.cancel(session, mine.number, quiet_hospital.maker, kiosk)


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"insurance": msgspec.structs.replace(M1, fund_pay_sumamt=29_185)}, SplitBroken, "486.40 元，各部分合计 486.41 元，相差 -0.01"),
        ({"insurance": msgspec.structs.replace(M1, psn_cash_pay=-1, fund_pay_sumamt=36_641)}, SplitBroken, "-0.01"),
        ({"insurance": msgspec.structs.replace(M1, medfee_sumamt=50_000, fund_pay_sumamt=30_544)}, InsuranceDiffers, "500.00 元与订单总额 486.40"),
        ({"total_fen": 48_641}, ItemsDiffer, "486.40 元与总额 486.41 元"),
        ({"total_fen": 0, "items": (), "insurance": None}, BadOrderAmount, "大于 0"),
        ({"total_fen": 10**15, "items": (Item("西药费", "甲", 1, 1, 10**15),), "insurance": None}, BadOrderAmount, "大于 0"),
        ({"total_fen": 1, "items": (Item("西药费", "甲", 1, 2, 2), Item("西药费", "乙", 1, -1, -1)), "insurance": None}, BadOrderAmount, "不能为负"),
        ({"kind": "deposit", "items": (Item("住院预交金", "甲", 1, 48_640, 48_640),)}, InsuranceNotHere, "insurance"),
        ({"items": (Item("阿莫西林", "甲", 1, 48_640, 48_640),)}, CategoryUnknown, "阿莫西林"),
        ({"vendor_order_no": "V1"}, VendorNumberMissing, "vendor_order_no"),
    ],
)
async def test_what_does_not_add_up_is_refused_with_both_sides_and_nothing_is_written(platform, shared_hospital, given, error, said):
    with pytest.raises(error, match=said):
        await place(platform, shared_hospital, **given)
    assert await rows(platform, shared_hospital, "SELECT id FROM medical.med_order") == []


async def test_a_visit_of_somebody_else_is_refused(platform, quiet_hospital):
    await hospitals.visit(platform, quiet_hospital, "V0001", "P0002")
    with pytest.raises(VisitOfAnother):
        await place(platform, quiet_hospital, visit_no="V0001")


async def test_a_settlement_number_stands_for_one_order(platform, quiet_hospital):
    await place(platform, quiet_hospital)
    with pytest.raises(SettlementTaken):
        await place(platform, quiet_hospital, his_bill_no="HB2")
    assert len(await rows(platform, quiet_hospital, "SELECT id FROM medical.med_order")) == 1


async def test_the_money_goes_to_the_merchant_of_its_kind(platform, quiet_hospital):
    await place(platform, quiet_hospital, settings={"medical": {"merchants": {"outpatient": "inpatient"}}})
    [line] = await rows(platform, quiet_hospital, "SELECT merchant_id FROM core.bill_line")
    assert line.merchant_id == quiet_hospital.merchants["inpatient"]
    with pytest.raises(MerchantMissing):
        await place(platform, quiet_hospital, his_bill_no="HB2", insurance=None, settings={"medical": {"merchants": {"outpatient": "gone"}}})


async def test_what_the_insurer_bears_alone_is_paid_at_once(platform, quiet_hospital):
    whole = Insurance(setl_id="SETL9", medfee_sumamt=48_640, fund_pay_sumamt=36_640, acct_pay=12_000, psn_cash_pay=0)
    order = await place(platform, quiet_hospital, insurance=whole)
    assert (order.status, order.cash_fen, order.bill_id) == ("paid", 0, None)
    assert order.paid_at is not None
    [settlement] = await rows(platform, quiet_hospital, "SELECT status FROM medical.insurance_settlement")
    assert settlement.status == "settled"


async def _paid(platform, hospital, order, times: int = 1) -> str:
    number = await trade.order(platform, hospital.trade, [(order.bill_id, order.cash_fen)])
    for _ in range(times):
        await settle(platform, hospital.id, hospital.trade.account, trade.success(number, order.cash_fen))
        await pulse(platform, hospital.id)
    return number


async def test_a_paid_bill_pays_its_order_once(platform, quiet_hospital):
    await _paid(platform, quiet_hospital, await place(platform, quiet_hospital), times=2)
    [row] = await rows(platform, quiet_hospital, "SELECT * FROM medical.med_order")
    assert (row.status, row.post_at) == ("paid", None), "without a link to HIS nobody is told"
    assert row.paid_at is not None
    [settlement] = await rows(platform, quiet_hospital, "SELECT * FROM medical.insurance_settlement")
    assert settlement.status == "settled"
    assert await trade.faults(platform, quiet_hospital.id) == {}


async def test_an_order_is_withdrawn_until_it_is_paid(platform, quiet_hospital):
    order = await place(platform, quiet_hospital)
    async with platform.database.tenant(quiet_hospital.id) as session:
        assert (await service.cancel(session, order.number, quiet_hospital.maker, None)).status == "cancelled"
        assert (await service.cancel(session, order.number, quiet_hospital.maker, None)).status == "cancelled"
    [bill] = await rows(platform, quiet_hospital, "SELECT status FROM core.bill")
    [settlement] = await rows(platform, quiet_hospital, "SELECT status FROM medical.insurance_settlement")
    assert (bill.status, settlement.status) == ("void", "cancelled")


async def test_an_order_whose_bill_is_voided_elsewhere_does_not_wait(platform, quiet_hospital):
    order, other = await place(platform, quiet_hospital), await place(platform, quiet_hospital, his_bill_no="HB2", insurance=None)
    for each in (order, other):
        async with platform.database.tenant(quiet_hospital.id) as session:
            await corrections.void(session, each.bill_id, {"reason": "开错了"}, quiet_hospital.maker)
    async with platform.database.tenant(quiet_hospital.id) as session:  # a person may be faster than the worker
        assert (await service.cancel(session, other.number, quiet_hospital.maker, None)).status == "cancelled"
    for _ in range(2):
        await pulse(platform, quiet_hospital.id)
    states = await rows(platform, quiet_hospital, "SELECT status FROM medical.med_order")
    [settlement] = await rows(platform, quiet_hospital, "SELECT status FROM medical.insurance_settlement")
    assert ([row.status for row in states], settlement.status) == (["cancelled", "cancelled"], "cancelled")
    told = "SELECT reason, before, actor_kind FROM core.audit_log WHERE action = 'medical.order.cancel' AND object_id = :id"
    [entry] = await rows(platform, quiet_hospital, told, id=str(order.id))
    assert tuple(entry) == ("账单已作废", {"status": "awaiting_payment"}, "system"), "once, however often it is looked at"
    assert await trade.faults(platform, quiet_hospital.id) == {}


async def test_neither_paid_nor_being_paid_is_withdrawn(platform, quiet_hospital):
    paid = await place(platform, quiet_hospital)
    number = await _paid(platform, quiet_hospital, paid)
    assert number
    waits = await place(platform, quiet_hospital, his_bill_no="HB2", insurance=None)
    await trade.order(platform, quiet_hospital.trade, [(waits.bill_id, waits.cash_fen)])
    for order, error in ((paid, IllegalTransition), (waits, AnotherPaymentUnderWay)):
        with pytest.raises(error):
            async with platform.database.tenant(quiet_hospital.id) as session:
                await service.cancel(session, order.number, quiet_hospital.maker, None)
    states = {row.status for row in await rows(platform, quiet_hospital, "SELECT status FROM core.bill")}
    assert "void" not in states
