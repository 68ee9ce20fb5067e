"""An order on the patient's phone: only one's own, line by line, and on to core's cashier."""

import pytest

from tests.medical.orders.places import place

PHONE, TAIL = "13800000001", "1238"


@pytest.fixture
async def phone(quiet_hospital, browser, sms):
    found, home = browser(), quiet_hospital.home
    await found.get(f"{home}/bind")
    await found.post(f"{home}/bind", {"name": "张小明", "number": "P0001", "id_tail": TAIL})
    here = found.path
    await found.post(f"{here}/send", {"phone": "0"})
    await found.post(f"{here}/code", {"code": await sms.code(quiet_hospital, PHONE), "agree_service": "1", "agree_minor_data": "1"})
    return found


async def test_the_patient_reads_the_items_and_goes_on_to_pay(platform, quiet_hospital, phone):
    home = quiet_hospital.home
    await phone.get(f"{home}/medical/orders")
    assert "还没有诊疗记录" in phone.text
    made = await place(platform, quiet_hospital)
    await phone.get(f"{home}/medical/orders")
    assert "486.40" in phone.text and "阿莫西林" not in phone.text
    await phone.get(f"{home}/medical/orders/{made.number}")
    assert all(word in phone.text for word in ("阿莫西林胶囊", "腹部彩超", "西药费", "291.84", "74.56", f"{home}/pay?bill={made.bill_id}"))
    await phone.get(f"{home}/pay?bill={made.bill_id}")
    assert "74.56" in phone.text and "阿莫西林" not in phone.text
    await phone.get(f"{home}/bills/{made.bill_id}")
    assert "阿莫西林" not in phone.text and "西药费" in phone.text


async def test_nobody_elses_order_is_there(platform, quiet_hospital, phone, browser):
    other = await place(platform, quiet_hospital, patient_no="P0002", insurance=None)
    await phone.get(f"{quiet_hospital.home}/medical/orders/{other.number}")
    assert phone.page.status_code == 404
    await phone.get(f"{quiet_hospital.home}/medical/orders")
    assert other.title not in phone.text
    stranger = browser()
    await stranger.get(f"{quiet_hospital.home}/medical/orders/{other.number}")
    assert "阿莫西林" not in stranger.text
