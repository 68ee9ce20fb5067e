"""The bank's support looks at a client's console: with a banner, page by page on record, until it leaves."""

import re

import pytest

from tests import desk as desks
from tests.education import schools
from tests.support.steps import consents_to, place_of


async def test_a_page_is_shown_with_a_banner_and_stands_on_record(client, looks_in):
    here = await client()
    admin, person, consent_id = await looks_in(here)
    answer = await person.get("/console/bills?q=张小明&status=open")
    assert answer.status_code == 200
    assert "by-visitor" in answer.text
    assert "林客服" in answer.text
    assert "核对九月账单的显示" in answer.text
    assert here.name in answer.text
    own = (await admin.get(f"/console/support/{consent_id}")).text
    assert "账单" in own
    assert "/console/bills" in own
    assert "筛选：搜索词、状态" in own
    assert "张小明" not in own, "what was typed may be somebody's name"
    trail = (await admin.get("/console/audit")).text
    assert "客服查看页面" in trail
    assert "银行人员" in trail


async def test_the_client_sees_who_may_look_now_and_that_they_did(client, looks_in):
    here = await client()
    admin, person, consent_id = await looks_in(here)
    await person.get("/console")
    assert "银行客服现在可以查看" in (await admin.get("/console")).text
    page = (await admin.get(f"/console/support/{consent_id}")).text
    assert "今天" in page
    assert "林客服" in page


async def test_a_page_that_renews_itself_is_one_look(client, looks_in):
    here = await client()
    admin, person, consent_id = await looks_in(here)
    for _ in range(3):
        await person.get("/console")
    await person.get("/console?x=1")
    page = (await admin.get(f"/console/support/{consent_id}")).text
    assert page.count("<td>林客服</td>") == 2


async def test_leaving_ends_it(client, looks_in):
    _admin, person, _consent_id = await looks_in(await client())
    assert place_of(await person.post("/bank/support/leave")) == "/bank/support"
    assert (await person.get("/console")).status_code == 404
    assert place_of(await person.post("/bank/support/leave")) == "/bank/support", "again without effect"


async def test_entering_another_client_leaves_the_first(client, administrator, looks_in):

    first, second = await client(), await client()
    _admin, person, _first_consent = await looks_in(first)
    other = await consents_to(await administrator(second))
    await person.post(f"/bank/support/views/{other}")
    page = (await person.get("/console")).text
    assert second.name in page
    assert first.name not in page


async def test_who_looks_has_the_menu_of_a_reader(client, looks_in):
    _admin, person, _consent = await looks_in(await client(kind="school_group"))
    page = (await person.get("/console")).text
    for shown in ("/console/bills", "/console/payments", "/console/users", "/console/education/students"):
        assert f'href="{shown}"' in page, shown
    for kept in ("/console/keys", "/console/support", "/console/inbox"):
        assert f'href="{kept}"' not in page, kept


async def test_the_bank_writes_down_who_entered(client, bank, staff, looks_in):
    here = await client()
    _admin, person, _consent = await looks_in(here)
    await person.post("/bank/support/leave")
    auditor = await staff(bank, "identity.audit.read")
    page = (await auditor.get(f"/bank/audit?q={here.id}")).text
    assert "客服开始查看" in page
    assert "客服离开" in page


async def test_the_bell_and_the_inbox_of_others_stay_closed(client, looks_in):
    _admin, person, _consent = await looks_in(await client())
    page = (await person.get("/console")).text
    assert 'id="bell"' not in page


async def test_the_pages_of_single_objects_open_too(platform, client, looks_in):
    desk = await desks.opened(platform, client)
    number = await desks.pay(platform, desk, "S1")
    admin, person, _consent = await looks_in(desk.client)
    payment = re.search(r'href="(/console/payments/[0-9a-f-]{36})"', (await person.get("/console/payments")).text)
    for path in (f"/console/bills/{desk.bills['S1']}", f"/console/payment-orders/{number}", payment[1], f"/console/users/{admin.actor.id}"):
        answer = await person.get(path)
        assert answer.status_code == 200, path
        assert "by-visitor" in answer.text
    history = await person.get(f"/console/history/bill/{desk.bills['S1']}", headers={"HX-Request": "true"})
    assert "入账 950.00 元" in history.text


@pytest.fixture
async def pupils(platform, client):
    """A school with students of whom some have bills."""
    made = await schools.found(platform, await client(kind="school_group", settings=schools.SETTINGS))
    await schools.load(platform, made, "org", "org-tree.json")
    await schools.load(platform, made, "roster", "roster-200.csv")
    return made, list((await schools.students(platform, made)).values())[:5]


async def test_people_are_masked_whoever_the_page_is_of(pupils, looks_in):
    made, students = pupils
    _admin, person, _consent = await looks_in(made.client)
    listed = (await person.get(f"/console/education/students?q={students[0].student_no}")).text
    assert students[0].student_no in listed
    page = (await person.get(f"/console/education/students/{students[0].id}")).text
    assert "by-visitor" in page
    for text in (listed, page):
        assert students[0].name not in text
