"""An order on the patient's phone: only one's own, line by line, and on to core's cashier."""

import pytest
from sqlalchemy import text

from tests.medical.orders.places import place

PHONE, TAIL = "13800000001", "1238"


@pytest.fixture
async def phone(quiet_hospital, browser, sms):
    found, home = browser(), quiet_hospital.home
    await found.get(f"{home}/bind")
    await found.post(f"{home}/bind", {"name": "张小明", "number": "P0001", "id_tail": TAIL})
    here = found.path
    await found.post(f"{here}/send", {"phone": "0"})
    await found.post(f"{here}/code", {"code": await sms.code(quiet_hospital, PHONE), "agree_service": "1", "agree_sensitive_health": "1"})
    return found


async def test_a_patient_agrees_to_facts_about_health_and_to_no_child(platform, quiet_hospital, browser, sms):
    found, home = browser(), quiet_hospital.home
    await found.get(f"{home}/bind")
    await found.post(f"{home}/bind", {"name": "张小明", "number": "P0001", "id_tail": TAIL})
    here = found.path
    page = await found.post(f"{here}/send", {"phone": "0"})
    assert "就诊信息" in page.text and "孩子" not in page.text
    code = await sms.code(quiet_hospital, PHONE)
    page = await found.post(f"{here}/code", {"code": code, "agree_service": "1", "agree_minor_data": "1"})
    assert "必选的各项" in page.text and page.status_code == 422
    await found.post(f"{here}/code", {"code": code, "agree_service": "1", "agree_sensitive_health": "1"})
    async with platform.database.tenant(quiet_hospital.client.id) as session:
        held = await session.all(text("SELECT purpose, party_id FROM core.consent WHERE withdrawn_at IS NULL ORDER BY purpose"))
    assert [(row.purpose, row.party_id is not None) for row in held] == [("sensitive_health", True), ("service", False)]
    page = await found.get(f"{home}/privacy")
    assert "就诊信息" in page.text
    await found.post(f"{home}/bindings/{await binding_of(platform, quiet_hospital)}/end")
    async with platform.database.tenant(quiet_hospital.client.id) as session:
        left = await session.all(text("SELECT purpose FROM core.consent WHERE withdrawn_at IS NULL"))
    assert [row.purpose for row in left] == ["service"], "letting go of a person ends what was agreed to about that person"


async def binding_of(platform, hospital):
    async with platform.database.tenant(hospital.client.id) as session:
        return await session.scalar(text("SELECT id FROM core.binding WHERE status = 'bound'"))


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
