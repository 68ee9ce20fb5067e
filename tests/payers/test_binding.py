"""Binding a child: facts, a code to a phone on the roster, done; and everything that must not work."""

import asyncio

import pytest
from sqlalchemy import text

from tests import families


async def rows(platform, school, sql: str) -> list:
    async with platform.database.tenant(school.id) as session:
        return await session.all(text(sql))


async def guess(browser, school, child, **wrong):
    facts = {"name": child.name, "number": child.number, "id_tail": child.id_tail} | wrong
    await browser.get(f"{school.home}/bind")
    return await browser.post(f"{school.home}/bind", facts)


async def test_a_parent_binds_with_facts_and_a_code_to_the_roster_phone(platform, school, browser, sms):
    child, phone = school.children[0], browser()
    page = await families.bind(phone, sms, school, child)
    assert page.status_code == 200
    assert phone.path == school.home
    assert child.name in page.text
    (bound,) = await rows(platform, school, "SELECT * FROM core.binding")
    assert (bound.status, bound.is_primary, bound.relation, bound.method) == ("bound", True, "母亲", "roster_phone")
    given = await rows(platform, school, "SELECT purpose, party_id, length(text_hash) AS hashed FROM core.consent ORDER BY purpose")
    assert [(g.purpose, g.party_id, g.hashed) for g in given] == [("minor_data", child.id, 32), ("service", None, 32)]


async def test_the_phones_on_the_page_are_masked_and_the_name_hides_its_surname(school, browser, sms):
    child, phone = school.children[0], browser()
    page = await guess(phone, school, child)
    number = child.phones[0][0]
    assert number not in page.text
    assert f"{number[:3]}****{number[-4:]}" in page.text
    assert "*小明" in page.text
    assert "三年级*班" in page.text
    assert child.name not in page.text


async def test_neither_code_nor_phone_is_kept_in_clear(platform, school, browser, sms):
    child, phone = school.children[0], browser()
    await guess(phone, school, child)
    await phone.post(f"{phone.path}/send", {"phone": "0"})
    before = (await families.notices(platform, school.id))[-1]
    code = await sms.code(school, child.phones[0][0])
    (message,) = await families.notices(platform, school.id)
    kept = f"{before} {message} {await rows(platform, school, 'SELECT * FROM core.one_time_code')}"
    assert code not in kept
    assert child.phones[0][0] not in kept
    assert before.body_sealed is not None
    assert (message.status, message.body_sealed, message.facts) == ("sent", None, {})


@pytest.mark.parametrize("wrong", [{"name": "张大明"}, {"number": "99999999"}, {"id_tail": "1111"}])
async def test_a_wrong_fact_is_not_told_from_another(school, browser, wrong, sms):
    page = await guess(browser(), school, school.children[0], **wrong)
    assert page.status_code == 422
    assert "信息不匹配，请核对后重新填写" in page.text


async def test_after_five_wrong_guesses_the_right_facts_are_refused_too(school, browser, sms):
    child, phone = school.children[0], browser()
    for _ in range(5):
        assert (await guess(phone, school, child, id_tail="1111")).status_code == 422
    page = await guess(phone, school, child)
    assert page.status_code == 403
    assert "24 小时" in page.text


async def test_a_new_device_at_another_address_does_not_open_a_locked_student_number(school, browser, sms):
    child = school.children[0]
    for n in range(5):
        assert (await guess(browser(address=f"198.51.100.{n}"), school, child, id_tail="1111")).status_code == 422
    assert (await guess(browser(address="203.0.113.1"), school, child)).status_code == 403
    assert "/bind/" in str((await guess(browser(), school, school.children[1])).url), "another child is not locked"


async def test_one_address_cannot_try_child_after_child(school, browser, sms):
    for n in range(30):
        assert (await guess(browser(), school, school.children[0], number=f"7777{n:04d}")).status_code == 422
    assert (await guess(browser(), school, school.children[0])).status_code == 403


async def test_guesses_at_the_same_time_are_counted_one_by_one(school, browser, sms):
    child = school.children[0]
    phones = [browser(address=f"198.51.100.{n}") for n in range(10)]
    pages = await asyncio.gather(*(guess(phone, school, child, id_tail="1111") for phone in phones))
    assert sorted(page.status_code for page in pages) == [403] * 5 + [422] * 5


async def test_a_lock_ends_after_a_day(platform, school, browser, sms):
    child, phone = school.children[0], browser()
    for _ in range(5):
        await guess(phone, school, child, id_tail="1111")
    async with platform.database.tenant(school.id) as session:
        await session.execute(text("UPDATE core.failed_try SET at = at - interval '25 hours'"))
    assert "/bind/" in str((await guess(phone, school, child)).url)


async def test_missing_facts_are_told_beside_the_field_and_cost_nothing(platform, school, browser, sms):
    page = await guess(browser(), school, school.children[0], id_tail="12")
    assert page.status_code == 422
    assert "请填写证件号码的最后 4 位" in page.text
    assert await rows(platform, school, "SELECT 1 FROM core.failed_try") == []


async def test_a_code_dies_after_five_wrong_tries(school, browser, sms):
    child, phone = school.children[0], browser()
    await guess(phone, school, child)
    here = phone.path
    await phone.post(f"{here}/send", {"phone": "0"})
    right = await sms.code(school, child.phones[0][0])
    wrong = "100000" if right != "100000" else "100001"
    consents = {"agree_service": "1", "agree_minor_data": "1"}
    for left in (4, 3, 2, 1):
        assert f"还可以再试 {left} 次" in (await phone.post(f"{here}/code", {"code": wrong, **consents})).text
    assert "验证码已失效" in (await phone.post(f"{here}/code", {"code": wrong, **consents})).text
    assert "验证码已失效" in (await phone.post(f"{here}/code", {"code": right, **consents})).text


async def test_a_code_is_good_for_five_minutes_and_once(platform, school, browser, sms):
    child, phone = school.children[0], browser()
    await guess(phone, school, child)
    here = phone.path
    await phone.post(f"{here}/send", {"phone": "0"})
    code = await sms.code(school, child.phones[0][0])
    consents = {"agree_service": "1", "agree_minor_data": "1"}
    async with platform.database.tenant(school.id) as session:
        await session.execute(text("UPDATE core.one_time_code SET expires_at = expires_at - interval '5 minutes' WHERE purpose = 'bind'"))
    assert "验证码已失效" in (await phone.post(f"{here}/code", {"code": code, **consents})).text
    async with platform.database.tenant(school.id) as session:
        await session.execute(text("UPDATE core.one_time_code SET expires_at = expires_at + interval '5 minutes' WHERE purpose = 'bind'"))
    assert (await phone.post(f"{here}/code", {"code": code, **consents})).url.path == school.home
    assert (await phone.post(f"{here}/code", {"code": code, **consents})).status_code == 404, "a ticket binds once"


async def test_without_consent_there_is_no_binding_and_no_try_is_lost(platform, school, browser, sms):
    child, phone = school.children[0], browser()
    await guess(phone, school, child)
    here = phone.path
    await phone.post(f"{here}/send", {"phone": "0"})
    code = await sms.code(school, child.phones[0][0])
    page = await phone.post(f"{here}/code", {"code": code, "agree_service": "1"})
    assert page.status_code == 422
    assert await rows(platform, school, "SELECT 1 FROM core.binding") == []
    page = await phone.post(f"{here}/code", {"code": code, "agree_service": "1", "agree_minor_data": "1", "agree_bank_marketing": "1"})
    assert page.url.path == school.home
    purposes = {row.purpose for row in await rows(platform, school, "SELECT purpose FROM core.consent")}
    assert purposes == {"service", "minor_data", "bank_marketing"}


async def test_a_ticket_and_a_code_are_worth_nothing_on_another_device(school, browser, sms):
    child, phone, thief = school.children[0], browser(), browser()
    await guess(phone, school, child)
    here = phone.path
    await phone.post(f"{here}/send", {"phone": "0"})
    code = await sms.code(school, child.phones[0][0])
    await thief.get(f"{school.home}/bind")
    page = await thief.post(f"{here}/code", {"code": code, "agree_service": "1", "agree_minor_data": "1"})
    assert page.status_code == 404


async def test_codes_do_not_flood_a_phone(school, browser, sms):
    child, phone = school.children[0], browser()
    await guess(phone, school, child)
    here = phone.path
    await phone.post(f"{here}/send", {"phone": "0"})
    await phone.get(here)
    page = await phone.post(f"{here}/send", {"phone": "0"})
    assert page.status_code == 409
    assert "验证码发送太频繁" in page.text
    assert len([m for m in await sms.inbox(school, child.phones[0][0]) if "验证码" in m]) == 1


async def test_a_phone_that_is_not_offered_gets_no_code(school, browser, sms):
    child, phone = school.children[0], browser()
    await guess(phone, school, child)
    for choice in ("7", "-1", "13800000000", ""):
        assert (await phone.post(f"{phone.path.removesuffix('/send')}/send", {"phone": choice})).status_code == 422


async def test_a_second_guardian_waits_for_the_primary(platform, school, browser, sms):
    child, mother, father = school.children[0], browser(), browser()
    await families.bind(mother, sms, school, child, phone=0)
    bill_id = await families.bill(platform, school, child)
    page = await families.bind(father, sms, school, child, phone=1)
    assert "待主监护人确认" in page.text
    assert (await father.get(f"{school.home}/bills/{bill_id}")).status_code == 404
    await sms.inbox(school, child.phones[0][0])
    told = [message for message in await families.notices(platform, school.id) if message.event == "guardian_request"]
    assert [(message.to_masked[-4:], message.status) for message in told] in ([(child.phones[0][0][-4:], s)] for s in ("sent", "delivered", "quiet"))
    await mother.get(f"{school.home}/bindings")
    (waiting,) = await rows(platform, school, "SELECT id FROM core.binding WHERE status = 'manual_review'")
    await father.get(f"{school.home}/bindings")
    assert (await father.post(f"{school.home}/bindings/{waiting.id}/decide", {"agree": "1"})).status_code in (403, 404)
    await mother.get(f"{school.home}/bindings")
    await mother.post(f"{school.home}/bindings/{waiting.id}/decide", {"agree": "1"})
    assert (await father.get(f"{school.home}/bills/{bill_id}")).status_code == 200


async def test_a_client_that_trusts_its_roster_binds_the_second_guardian_at_once(platform, client, roster, browser, sms):
    school = await families.found(platform, roster, await client(plugins=(), settings={"second_guardian": "roster"}))
    child, mother, father = school.children[0], browser(), browser()
    await families.bind(mother, sms, school, child, phone=0)
    await families.bind(father, sms, school, child, phone=1)
    found = await rows(platform, school, "SELECT status, is_primary FROM core.binding ORDER BY created_at")
    assert [(row.status, row.is_primary) for row in found] == [("bound", True), ("bound", False)]


async def test_ending_a_binding_hides_the_bills_and_names_an_heir(platform, client, roster, browser, sms):
    school = await families.found(platform, roster, await client(plugins=(), settings={"second_guardian": "roster"}))
    child, mother, father = school.children[0], browser(), browser()
    await families.bind(mother, sms, school, child, phone=0)
    await families.bind(father, sms, school, child, phone=1)
    bill_id = await families.bill(platform, school, child)
    first, second = await rows(platform, school, "SELECT id FROM core.binding ORDER BY created_at")
    await mother.get(f"{school.home}/bindings")
    assert (await mother.post(f"{school.home}/bindings/{second.id}/end")).status_code == 404, "not hers to end"
    await mother.get(f"{school.home}/bindings")
    await mother.post(f"{school.home}/bindings/{first.id}/end")
    assert (await mother.get(f"{school.home}/bills/{bill_id}")).status_code == 404
    found = await rows(platform, school, "SELECT status, is_primary FROM core.binding ORDER BY created_at")
    assert [(row.status, row.is_primary) for row in found] == [("ended", False), ("bound", True)]
    held = await rows(platform, school, "SELECT 1 FROM core.consent WHERE purpose = 'minor_data' AND withdrawn_at IS NULL")
    assert len(held) == 1


async def test_two_guardians_at_once_make_one_primary(platform, school, browser, sms):
    child, mother, father = school.children[0], browser(), browser()
    for phone, choice in ((mother, "0"), (father, "1")):
        await guess(phone, school, child)
        await phone.post(f"{phone.path}/send", {"phone": choice})
    codes = [await sms.code(school, number) for number, _ in child.phones]
    consents = {"agree_service": "1", "agree_minor_data": "1"}
    await asyncio.gather(*(p.post(p.path, {"code": code, **consents}) for p, code in zip((mother, father), codes, strict=True)))
    found = await rows(platform, school, "SELECT status, is_primary FROM core.binding")
    assert sorted((row.status, row.is_primary) for row in found) == [("bound", True), ("manual_review", False)]


async def test_a_sibling_joins_the_same_account(platform, school, browser, sms):
    phone = browser()
    for child in school.children:
        await families.bind(phone, sms, school, child)
    accounts = await rows(platform, school, "SELECT DISTINCT payer_id FROM core.binding")
    assert len(accounts) == 1
    assert all(child.name in phone.text for child in school.children)
