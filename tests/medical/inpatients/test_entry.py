"""Admission, beds, deposits and their limits."""

import pytest

from plugins.medical.inpatients import entry
from plugins.medical.inpatients.errors import AdmissionDiffers, BadDeposit, MoneyLiesThere, NotInHospital
from plugins.medical.orders import service as orders
from plugins.medical.orders.schemas import Item, OrderAsk
from plugins.medical.prepaid.errors import PrepayOff
from tests.medical import hospitals


async def test_a_patient_moves_beds_and_stays_the_same_stay(ward):
    moved = await ward.admit(bed="21", ward="五病区")
    stay = await ward.stay()
    assert (stay.id, stay.ward, stay.bed, stay.status) == (moved, "五病区", "21", "in_hospital")


async def test_a_visit_number_belongs_to_one_patient(ward):
    with pytest.raises(AdmissionDiffers):
        await ward.admit(patient_no="P0002")


@pytest.mark.parametrize("fen", [0, -1, -100_00, 100_000_01])
async def test_deposits_have_limits_and_are_never_zero_or_less(ward, fen):
    with pytest.raises(BadDeposit):
        await ward.ask_deposit(fen)
    assert await ward.rows("SELECT id FROM medical.med_order") == []


def test_limits_are_the_hospitals():
    settings = {"medical": {"deposit": {"least_fen": 100_00, "most_fen": 500_00, "suggested_fen": [50_00, 200_00, 900_00]}}}
    assert entry.limits(settings) == (100_00, 500_00, (200_00,))
    assert entry.limits({"medical": {"deposit": {"least_fen": -5, "most_fen": True, "suggested_fen": "x"}}})[:2] == (1, 100_000_00)


async def test_the_same_press_is_one_order(ward):
    first = await ward.ask_deposit(100_00, key="press-0001")
    again = await ward.ask_deposit(100_00, key="press-0001")
    assert (first.number, first.bill_id) == (again.number, again.bill_id)


async def test_who_asks_by_the_order_api_is_held_to_the_same(ward):
    """HIS and vendors order deposits directly: only for a stay that is not settled."""
    await hospitals.visit(ward.platform, ward.hospital, "MZ0001")

    async def place(**given: object):
        ask = OrderAsk(
            **{"his_bill_no": "YJ1", "patient_no": "P0001", "visit_no": "ZY0001", "scene": "selfservice", "kind": "deposit", "title": "住院预交金",
               "total_fen": 100, "items": (Item("住院预交金", "住院预交金", 1, 100, 100),)} | given
        )  # fmt: skip
        async with ward.tenant() as session:
            return await orders.place(session, await ward.keys(session), ask, ward.hospital.maker, None, await ward.settings())

    await place()
    for given in ({"visit_no": "MZ0001"}, {"visit_no": None}):
        with pytest.raises(NotInHospital):
            await place(his_bill_no="YJ2", **given)


async def test_a_stay_with_money_is_settled_not_cancelled(ward):
    row = await ward.row()
    await ward.deposit(100_00)
    async with ward.tenant() as session:
        with pytest.raises(MoneyLiesThere):
            await entry.cancel(session, row.id, "误登记", ward.hospital.maker)


async def test_a_stay_entered_by_mistake_is_cancelled(ward):
    row = await ward.row()
    async with ward.tenant() as session:
        await entry.cancel(session, row.id, "误登记", ward.hospital.maker)
    assert (await ward.stay()).status == "cancelled"
    with pytest.raises(NotInHospital):
        await ward.ask_deposit(100_00)


async def test_a_prepayment_is_refused_by_the_order_api(ward):
    ask = OrderAsk(
        his_bill_no="YC1", patient_no="P0001", scene="window", kind="prepay", title="门诊预交金", total_fen=100,
        items=(Item("门诊预交金", "门诊预交金", 1, 100, 100),),
    )  # fmt: skip
    async with ward.tenant() as session:
        keys = await ward.keys(session)
        with pytest.raises(PrepayOff):
            await orders.place(session, keys, ask, ward.hospital.maker, None, {})
        settings = {"medical": {"allow_outpatient_prepay": True}}
        assert (await orders.place(session, keys, ask, ward.hospital.maker, None, settings)).kind == "prepay"
