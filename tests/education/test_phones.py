"""Another phone on the roster: two people, sealed while it waits, and the code goes there from then on."""

import pytest
from sqlalchemy import text

from core.hookspecs import BindingFacts
from plugins.education.organisation import service as organisation
from plugins.education.people import binding
from tests.education import schools

NEW = "13700001111"
REASON = "换号，已核对户口本"


@pytest.fixture
async def child(platform, school):
    return next(row for row in (await schools.students(platform, school)).values() if row.status == "在读")


@pytest.fixture
async def people(staff, school):
    clerk = await staff(school.client, "education.student.manage", "education.student.read", name="教务")
    checker = await staff(school.client, "education.student.check", "education.student.read", name="管理员")
    return clerk, checker


def phone_path(child) -> str:
    return f"/api/v1/education/students/{child.id}/guardian-phone"


async def offered(platform, school, child) -> list[str]:
    """The phones that a binding would offer."""
    async with platform.database.tenant(school.tenant_id) as session:
        keys = await platform.vault.keys(session)
        proposals = await binding.contacts(session, [child.id])
        assert await binding.propose(session, BindingFacts(child.name, child.student_no, "0000"), keys) is None
        return [keys.open(sealed) for proposal in proposals for _, sealed, _ in proposal.phones]


async def test_the_second_person_makes_it_so_and_nothing_is_readable_while_it_waits(platform, school, child, people):
    clerk, checker = people
    before = await offered(platform, school, child)
    asked = await clerk.post(phone_path(child), json={"guardian": 1, "phone": f"+86 {NEW}", "reason": REASON})
    assert asked.status_code == 201, asked.text
    assert await offered(platform, school, child) == before
    async with platform.database.tenant(school.tenant_id) as session:
        waiting = await session.scalar(text("SELECT string_agg(proposal::text, '') FROM core.approval"))
        trail = await session.scalar(text("SELECT string_agg(coalesce(after::text, ''), '') FROM core.audit_log"))
    assert NEW not in waiting + trail
    assert "_sealed" in waiting
    assert "_sealed" not in trail
    approval = asked.json()["approval_id"]
    [told] = (await checker.get(f"/api/v1/approvals/{approval}")).json()["changes"]
    assert (told["after"], NEW in str(told)) == ("137****1111", False)
    agreed = await checker.post(f"/api/v1/approvals/{approval}/approve", json={}, headers={"idempotency-key": "phone-00001"})
    assert agreed.status_code == 200, agreed.text
    assert await offered(platform, school, child) == [NEW, *before[1:]]


async def test_the_first_guardians_phone_says_who_is_one_family(platform, school, people):
    clerk, checker = people
    rows = [row for row in (await schools.students(platform, school)).values() if row.status == "在读"]
    one = rows[0]
    other = next(row for row in rows if row.family_index != one.family_index)
    [phone, *_] = await offered(platform, school, other)
    asked = (await clerk.post(phone_path(one), json={"guardian": 1, "phone": phone, "reason": REASON})).json()["approval_id"]
    await checker.post(f"/api/v1/approvals/{asked}/approve", json={}, headers={"idempotency-key": "phone-00002"})
    now = await schools.students(platform, school)
    assert now[one.student_no].family_index == now[other.student_no].family_index


async def test_what_is_wrong_is_said(platform, school, child, people):
    clerk, _ = people
    [present, *_] = await offered(platform, school, child)
    for body, code in (({"phone": "123"}, "BAD_PHONE"), ({"phone": present}, "PHONE_UNCHANGED"), ({"reason": " "}, "INVALID_REQUEST")):
        refused = await clerk.post(phone_path(child), json={"guardian": 1, "phone": NEW, "reason": REASON} | body)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
    page = await clerk.post(f"/console/education/students/{child.id}/phone", data={"guardian": "1", "phone": "12", "why": REASON})
    assert (page.status_code, "请填写 11 位手机号" in page.text) == (409, True)
    done = await clerk.post(f"/console/education/students/{child.id}/phone", data={"guardian": "2", "phone": NEW, "why": REASON})
    assert done.status_code == 303


async def test_who_does_not_keep_that_roster_finds_nobody(platform, school, child, staff):
    reaches = {unit: await schools.below(platform, school, unit) for unit in await units(platform, school)}
    elsewhere = next(unit for unit, reach in reaches.items() if child.class_id not in reach)
    clerk = await staff(school.client, "education.student.manage", org_id=await schools.unit(platform, school, elsewhere))
    assert (await clerk.post(phone_path(child), json={"guardian": 1, "phone": NEW, "reason": REASON})).status_code == 404
    reader = await staff(school.client, "education.student.read")
    assert (await reader.post(phone_path(child), json={"guardian": 1, "phone": NEW, "reason": REASON})).status_code == 403


async def units(platform, school) -> list[str]:
    async with platform.database.tenant(school.tenant_id) as session:
        return [path[0] for path in (await organisation.load(session)).paths.values() if len(path) == 1]
