"""A stay on the patient's phone: only one's own, a deposit that leads to paying, each day in clear, and the result."""

import uuid

import pytest

from core import clock
from tests.medical.inpatients.stays import VISIT

PHONE, TAIL = "13800000001", "1238"


async def bound(ward, phone, sms):
    """The first patient's family on a phone."""
    home = ward.hospital.home
    await phone.get(f"{home}/bind")
    await phone.post(f"{home}/bind", {"name": "张小明", "number": "P0001", "id_tail": TAIL})
    here = phone.path
    assert "/bind/" in here, phone.text
    await phone.post(f"{here}/send", {"phone": "0"})
    await phone.post(f"{here}/code", {"code": await sms.code(ward.hospital, PHONE), "agree_service": "1", "agree_sensitive_health": "1"})
    return phone


@pytest.fixture
async def phone(ward, browser, sms):
    return await bound(ward, browser(), sms)


def stay_path(ward, row) -> str:
    return f"{ward.hospital.home}/medical/inpatients/{row.id}"


async def test_the_tile_leads_to_ones_own_stays(ward, phone):
    await phone.get(ward.hospital.home)
    assert f"{ward.hospital.home}/medical/inpatients" in phone.text
    await phone.get(f"{ward.hospital.home}/medical/inpatients")
    assert phone.page.status_code == 200
    assert "缴预交金" in phone.text
    assert "外科" in phone.text


async def test_a_deposit_on_the_phone_leads_to_paying_and_lies_there_afterwards(ward, phone):
    row = await ward.row()
    here = stay_path(ward, row)
    await phone.get(f"{here}/deposit")
    assert all(word in phone.text for word in ("1,000.00", "3,000.00", "其他金额"))
    key = phone.hidden("idempotency_key")
    await phone.post(f"{here}/deposit", {"amount": "1234.5", "choice": "100000", "idempotency_key": key})
    assert phone.path.endswith("/pay"), phone.text
    assert "1,234.50" in phone.text
    [order] = await ward.rows("SELECT * FROM medical.med_order")
    assert (order.cash_fen, order.scene, order.kind) == (1_234_50, "inpatient", "deposit")
    await ward.pay(order)
    await phone.get(here)
    assert "1,234.50" in phone.text


async def test_a_choice_counts_where_nothing_was_typed(ward, phone):
    here = stay_path(ward, await ward.row())
    await phone.get(f"{here}/deposit")
    await phone.post(f"{here}/deposit", {"amount": "", "choice": "300000", "idempotency_key": phone.hidden("idempotency_key")})
    assert [row.cash_fen for row in await ward.rows("SELECT cash_fen FROM medical.med_order")] == [3_000_00]


@pytest.mark.parametrize("typed", ["0", "-5", "abc", "1.234", "99999999", ""])
async def test_what_cannot_be_a_deposit_is_said_beside_the_field(ward, phone, typed):
    here = stay_path(ward, await ward.row())
    await phone.get(f"{here}/deposit")
    await phone.post(f"{here}/deposit", {"amount": typed, "choice": "", "idempotency_key": phone.hidden("idempotency_key")})
    assert phone.page.status_code == 422
    assert "h5-error" in phone.text
    assert await ward.rows("SELECT id FROM medical.med_order") == []


async def test_a_day_shows_every_item_to_the_patient(ward, phone):
    await ward.list_of(500_00)
    here = stay_path(ward, await ward.row())
    await phone.get(here)
    assert str(clock.today()) in phone.text
    await phone.get(f"{here}/days/{clock.today()}")
    assert all(word in phone.text for word in ("项目甲", "二级护理", "499.00", "西药费"))
    for day in ("2020-01-01", "nonsense", "2026-13-01"):
        await phone.get(f"{here}/days/{day}")
        assert phone.page.status_code == 404, day


async def test_another_patients_stay_does_not_exist(ward, phone):
    await ward.admit("ZY0002", "P0002")
    await ward.list_of(500_00, visit_no="ZY0002")
    other = stay_path(ward, await ward.row("ZY0002"))
    for path in (other, f"{other}/deposit", f"{other}/days/{clock.today()}", stay_path(ward, type("Row", (), {"id": uuid.uuid4()}))):
        await phone.get(path)
        assert phone.page.status_code == 404, path
    await phone.get(f"{stay_path(ward, await ward.row())}/deposit")
    await phone.post(f"{other}/deposit", {"amount": "100", "idempotency_key": "x" * 12})
    assert phone.page.status_code == 404
    await phone.get(f"{ward.hospital.home}/medical/inpatients")
    assert "李美华" not in phone.text


async def test_a_stranger_is_sent_to_the_front_page(ward, browser):
    stranger = browser()
    await stranger.get(stay_path(ward, await ward.row()), follow=False)
    assert stranger.page.status_code == 303
    assert stranger.page.headers["location"].endswith(ward.hospital.home)


async def test_the_result_of_the_discharge(ward, phone):
    here = stay_path(ward, await ward.row())
    await ward.deposit(6_000_00)
    await ward.leave()
    await ward.settle()
    await phone.get(here)
    assert all(word in phone.text for word in ("18,642.75", "4,516.41", "1,483.59", "退回给您"))
    await phone.get(f"{here}/deposit")
    assert phone.path == here  # no deposits any more
    await ward.hurry()
    await phone.get(here)
    assert "已按原路退回" in phone.text


async def test_a_shortage_is_paid_on_the_phone(ward, phone):
    here = stay_path(ward, await ward.row())
    await ward.deposit(3_000_00)
    await ward.leave()
    await ward.settle()
    await phone.get(here)
    assert all(word in phone.text for word in ("1,516.41", "还需补缴", "去缴费"))
    bill = phone.hidden("bill")
    await phone.get(f"{ward.hospital.home}/pay?bill={bill}")
    assert "1,516.41" in phone.text
    assert VISIT not in phone.text
