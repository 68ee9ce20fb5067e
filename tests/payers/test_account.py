"""A payer's own affairs: another phone, privacy, log-out."""

import pytest
from sqlalchemy import text

from tests import families


@pytest.fixture
async def parent(school, browser, sms):
    phone = browser()
    await families.bind(phone, sms, school, school.children[0])
    return phone


async def ask_code(phone, school, number: str):
    await phone.get(f"{school.home}/login")
    return await phone.post(f"{school.home}/login", {"phone": number})


async def count(platform, school, sql: str) -> int:
    async with platform.database.tenant(school.id) as session:
        return await session.scalar(text(sql))


async def test_a_known_phone_opens_the_account_on_a_new_device(platform, school, parent, browser, sms):
    child, device = school.children[0], browser()
    number = child.phones[0][0]
    page = await ask_code(device, school, f"+86 {number[:3]} {number[3:7]} {number[7:]}")
    assert device.path == f"{school.home}/login/code"
    page = await device.post(f"{school.home}/login/code", {"code": await sms.code(school, number)})
    assert device.path == school.home
    assert child.name in page.text
    assert (await parent.get(f"{school.home}/bindings")).status_code == 200, "the first device stays logged in"


async def test_an_unknown_phone_looks_the_same_and_gets_no_message(platform, school, parent, browser):
    known, unknown = browser(), browser(address="203.0.113.2")
    before = await count(platform, school, "SELECT count(*) FROM core.notice")
    seen = await ask_code(unknown, school, "13700000000")
    assert (seen.status_code, unknown.path) == (200, f"{school.home}/login/code")
    assert await count(platform, school, "SELECT count(*) FROM core.notice") == before
    wrong = await unknown.post(f"{school.home}/login/code", {"code": "123456"})
    await ask_code(known, school, school.children[0].phones[0][0])
    right = await known.post(f"{school.home}/login/code", {"code": "123456"})
    assert (wrong.status_code, "还可以再试 4 次" in wrong.text) == (right.status_code, "还可以再试 4 次" in right.text) == (422, True)


@pytest.mark.parametrize("typed", ["", "1380000", "23800000000", "<b>", "1" * 400])
async def test_what_is_no_mobile_number_is_told(school, browser, typed):
    page = await ask_code(browser(), school, typed)
    assert page.status_code == 422
    assert "请填写 11 位手机号" in page.text


async def test_a_login_code_is_worth_nothing_at_another_client(platform, client, roster, school, parent, browser, sms):
    elsewhere = await families.found(platform, roster, await client(plugins=()))
    number = school.children[0].phones[0][0]
    device = browser()
    await ask_code(device, school, number)
    code = await sms.code(school, number)
    await device.get(f"{elsewhere.home}/login/code")
    page = await device.post(f"{elsewhere.home}/login/code", {"code": code})
    assert page.status_code == 422
    assert "验证码已失效" in page.text


async def test_the_old_token_dies_when_a_device_becomes_a_payers(school, browser, sms):
    phone = browser()
    await phone.get(f"{school.home}/bind")
    before = phone.http.cookies["banyan_payer"]
    await families.bind(phone, sms, school, school.children[0])
    assert phone.http.cookies["banyan_payer"] != before
    page = await phone.http.get(f"{school.home}/bindings", headers={"cookie": f"banyan_payer={before}"})
    assert page.status_code == 303


async def test_logging_out_forgets_the_device(school, parent):
    await parent.get(f"{school.home}/privacy")
    await parent.post(f"{school.home}/logout")
    page = await parent.get(f"{school.home}/bindings")
    assert parent.path == school.home
    assert school.children[0].name not in page.text


async def test_marketing_is_off_and_a_switch_of_its_own(platform, school, parent):
    on = "SELECT count(*) FROM core.consent WHERE purpose = 'bank_marketing' AND withdrawn_at IS NULL"
    assert await count(platform, school, on) == 0
    for value, expected in (("1", 1), ("1", 1), ("0", 0)):
        await parent.get(f"{school.home}/privacy")
        await parent.post(f"{school.home}/privacy/marketing", {"on": value})
        assert await count(platform, school, on) == expected
    assert (await parent.get(school.home)).status_code == 200


async def test_taking_back_the_consent_for_a_child_ends_its_binding(platform, school, parent):
    (consent,) = await consents(platform, school, "minor_data")
    await parent.get(f"{school.home}/privacy")
    page = await parent.post(f"{school.home}/privacy/consents/{consent}/withdraw")
    assert "已撤回同意并解除绑定" in page.text
    assert await count(platform, school, "SELECT count(*) FROM core.binding WHERE status = 'bound'") == 0
    assert await count(platform, school, "SELECT count(*) FROM core.consent WHERE withdrawn_at IS NULL AND purpose = 'minor_data'") == 0


async def test_taking_back_the_service_ends_everything_and_logs_out(platform, school, parent):
    (consent,) = await consents(platform, school, "service")
    await parent.get(f"{school.home}/privacy")
    await parent.post(f"{school.home}/privacy/consents/{consent}/withdraw")
    assert await count(platform, school, "SELECT count(*) FROM core.binding WHERE status = 'bound'") == 0
    assert await count(platform, school, "SELECT count(*) FROM core.consent WHERE withdrawn_at IS NULL") == 0
    await parent.get(f"{school.home}/bindings")
    assert parent.path == school.home


async def test_another_payers_consent_cannot_be_taken_back(platform, school, parent, browser, sms):
    other = browser()
    await families.bind(other, sms, school, school.children[1])
    mine = {str(c) for c in await consents(platform, school, "minor_data")}
    await other.get(f"{school.home}/privacy")
    theirs = next(c for c in mine if c not in other.text)
    assert (await other.post(f"{school.home}/privacy/consents/{theirs}/withdraw")).status_code == 404


async def test_every_step_is_in_the_audit_trail_without_names_or_phones(platform, school, parent):
    async with platform.database.tenant(school.id) as session:
        trail = await session.all(text("SELECT * FROM core.audit_log ORDER BY at"))
    assert {"payers.binding.bound", "payers.consent.give"} <= {row.action for row in trail}
    written = str(trail)
    assert school.children[0].name not in written
    assert school.children[0].phones[0][0] not in written
    assert {row.actor_kind for row in trail} == {"payer"}


async def consents(platform, school, purpose: str) -> list:
    async with platform.database.tenant(school.id) as session:
        rows = await session.all(text("SELECT id FROM core.consent WHERE purpose = :p AND withdrawn_at IS NULL"), {"p": purpose})
    return [row.id for row in rows]
