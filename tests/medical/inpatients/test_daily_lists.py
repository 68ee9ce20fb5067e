"""A day in hospital is written once; a correction names what it corrects; items are for the patient alone."""

import datetime as dt
from decimal import Decimal

import msgspec
import pytest
from sqlalchemy import text

from core import clock
from plugins.medical.inpatients import daily
from plugins.medical.inpatients.errors import AdmissionNotFound, ListBroken, ListDiffers
from plugins.medical.inpatients.schemas import DailyListAsk, ListItem
from plugins.medical.orders.errors import CategoryUnknown


def ask(*amounts: int, total: int | None = None, quantity: int | str = 1) -> DailyListAsk:
    items = tuple(ListItem("西药费", f"药品{n}", Decimal(quantity), abs(fen), fen) for n, fen in enumerate(amounts))
    return DailyListAsk(day=dt.date(2026, 3, 2), total_fen=sum(amounts) if total is None else total, items=items)


def test_categories_add_up():
    assert daily.judged(ask(1_00, 2_00)) == {"西药费": 3_00}


def test_what_was_taken_back_counts_against_it():
    told = DailyListAsk(
        day=dt.date(2026, 3, 2), total_fen=-50, items=(ListItem("西药费", "甲", Decimal(1), 100, 100), ListItem("西药费", "退甲", Decimal(-2), 75, -150))
    )
    assert daily.judged(told) == {"西药费": -50}


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (ask(1_00, 2_00, total=3_01), "3.01"),
        (ask(-1_00), "第 1 行"),
        (ask(1_00, quantity=2_000_000), "第 1 行"),
        *((ask(1_00, quantity=told), "第 1 行") for told in ("NaN", "sNaN", "-Infinity", "1E-999999", "1E+999999999", "0.0000001")),
        (msgspec.structs.replace(ask(1_00), day=dt.date(2999, 1, 1)), "2999-01-01"),
    ],
)
def test_what_does_not_add_up_is_refused_and_says_where(told, said):
    with pytest.raises(ListBroken) as refused:
        daily.judged(told)
    assert said in refused.value.message


async def test_a_category_is_the_hospitals_so_no_drug_is_read_in_it(ward):
    drug = ListItem("注射用曲妥珠单抗", "甲", Decimal(1), 1_00, 1_00)
    with pytest.raises(CategoryUnknown, match="不在本院目录内"):
        await ward.list_of(1_00, items=(drug,))


async def test_the_same_list_again_is_the_same_list(ward):
    first, again = await ward.list_of(500_00), await ward.list_of(500_00)
    assert (first.version, again.version, first.categories) == (1, 1, {"西药费": 499_00, "护理费": 1_00})
    assert (await ward.stay()).lists_fen == 500_00


async def test_another_list_of_the_day_needs_the_version_it_corrects(ward):
    await ward.list_of(500_00)
    for version in (None, 2, 0):
        with pytest.raises(ListDiffers) as refused:
            await ward.list_of(600_00, version=version)
        assert refused.value.facts["version"] == 1
    assert (await ward.list_of(600_00, version=1)).version == 2
    with pytest.raises(ListDiffers):
        await ward.list_of(700_00, version=1)
    assert (await ward.stay()).lists_fen == 600_00


async def test_items_are_sealed_and_open_for_the_patients_page_alone(ward):
    await ward.list_of(500_00)
    row = await ward.row()
    async with ward.tenant() as session:
        kept = await session.one(text("SELECT categories::text AS told, items_sealed FROM medical.daily_list"))
        _, opened = await daily.items(session, await ward.keys(session), row.id, clock.today())
        assert await daily.items(session, await ward.keys(session), row.id, dt.date(2020, 1, 1)) is None
    assert "项目甲" not in kept.told
    assert "项目甲".encode() not in bytes(kept.items_sealed)
    assert [item.name for item in opened] == ["项目甲", "二级护理"]


async def test_a_stay_nobody_knows_takes_no_list(ward):
    with pytest.raises(AdmissionNotFound):
        await ward.list_of(500_00, visit_no="ZY9999")
