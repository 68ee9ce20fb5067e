"""A guardian who lost the bound phone: staff release the binding, two people, audited."""

import pytest
from sqlalchemy import text

from core.identity import audit
from tests import families

RIGHTS = ("payers.binding.read", "payers.binding.release")


@pytest.fixture
async def bound(platform, school, browser, sms):
    """A parent's phone, bound to the first child."""
    phone = browser()
    await families.bind(phone, sms, school, school.children[0])
    return phone


async def binding_of(staff_member, school) -> dict:
    [row] = (await staff_member.get(f"/api/v1/people/{school.children[0].id}/bindings")).json()["items"]
    return row


async def test_two_people_release_a_binding_and_the_old_phone_sees_nothing(platform, school, bound, staff):
    clerk = await staff(school, *RIGHTS, name="经办")
    checker = await staff(school, "payers.binding.read", "payers.binding.check", name="复核")
    row = await binding_of(clerk, school)
    assert row["phone_masked"].endswith(school.children[0].phones[0][0][-4:])
    asked = await clerk.post(f"/api/v1/bindings/{row['id']}/release", json={"reason": "手机丢失，已当面核对身份证"})
    assert asked.status_code == 201, asked.text
    approval = asked.json()["approval_id"]
    own = await clerk.post(f"/api/v1/approvals/{approval}/approve", json={}, headers={"idempotency-key": "release-0001"})
    assert own.status_code == 404, "whoever may not check does not find it"
    assert school.children[0].name in (await bound.get(school.home)).text
    told = (await checker.get(f"/api/v1/approvals/{approval}")).json()["changes"]
    assert school.children[0].phones[0][0] not in str(told)
    agreed = await checker.post(f"/api/v1/approvals/{approval}/approve", json={}, headers={"idempotency-key": "release-0002"})
    assert agreed.status_code == 200, agreed.text
    assert school.children[0].name not in (await bound.get(school.home)).text
    assert (await clerk.get(f"/api/v1/people/{school.children[0].id}/bindings")).json()["items"] == []
    async with platform.database.tenant(school.id) as session:
        rows = await audit.history(session, "binding", row["id"])
        consent = await session.scalar(text("SELECT count(*) FROM core.consent WHERE purpose = 'minor_data' AND withdrawn_at IS NULL"))
    ended = next(entry for entry in rows if entry["action"] == "payers.binding.ended")
    assert (ended["actor_name"], ended["reason"], consent) == ("复核", "手机丢失，已当面核对身份证", 0)


async def test_one_person_alone_cannot(platform, school, bound, staff):
    both = await staff(school, *RIGHTS, "payers.binding.check")
    row = await binding_of(both, school)
    approval = (await both.post(f"/api/v1/bindings/{row['id']}/release", json={"reason": "丢失"})).json()["approval_id"]
    own = await both.post(f"/api/v1/approvals/{approval}/approve", json={}, headers={"idempotency-key": "release-0003"})
    assert (own.status_code, own.json()["code"]) == (409, "SELF_APPROVAL")
    assert (await both.post(f"/api/v1/bindings/{row['id']}/release", json={"reason": "再来"})).status_code == 409
    assert (await both.post(f"/api/v1/bindings/{row['id']}/release", json={"reason": ""})).status_code == 422
    assert (await binding_of(both, school))["status"] == "bound"


async def test_the_eldest_other_guardian_becomes_the_primary(platform, school, browser, sms, staff, bound):
    father = browser()
    await families.bind(father, sms, school, school.children[0], phone=1)
    clerk, checker = await staff(school, *RIGHTS), await staff(school, *RIGHTS, "payers.binding.check")
    path = f"/api/v1/people/{school.children[0].id}/bindings"
    first, second = (await clerk.get(path)).json()["items"]
    assert (first["is_primary"], second["status"]) == (True, "manual_review")
    await bound.get(f"{school.home}/bindings")
    await bound.post(f"{school.home}/bindings/{second['id']}/decide", {"agree": "1"})
    approval = (await clerk.post(f"/api/v1/bindings/{first['id']}/release", json={"reason": "停机"})).json()["approval_id"]
    await checker.post(f"/api/v1/approvals/{approval}/approve", json={}, headers={"idempotency-key": "release-0004"})
    [left] = (await clerk.get(path)).json()["items"]
    assert (left["id"], left["is_primary"]) == (second["id"], True)


async def test_the_page_shows_masked_phones_and_asks_for_the_release(platform, school, bound, staff):
    clerk = await staff(school, *RIGHTS)
    row = await binding_of(clerk, school)
    here = f"/console/people/{school.children[0].id}/bindings"
    page = (await clerk.get(here)).text
    assert row["phone_masked"] in page
    assert school.children[0].phones[0][0] not in page
    posted = await clerk.post(f"/console/bindings/{row['id']}/release", data={"reason": "手机丢失"})
    assert (posted.status_code, posted.headers["location"]) == (303, here)
    assert "解除待复核" in (await clerk.get(here)).text
    assert (await clerk.get(f"/console/bindings/{row['id']}")).headers["location"] == here


async def test_others_people_and_other_clients_are_not_found(school, bound, staff, client):
    clerk = await staff(school, *RIGHTS)
    row = await binding_of(clerk, school)
    stranger = await staff(await client(plugins=()), *RIGHTS)
    assert (await stranger.get(f"/api/v1/people/{school.children[0].id}/bindings")).status_code == 404
    assert (await stranger.post(f"/api/v1/bindings/{row['id']}/release", json={"reason": "x"})).status_code == 404
    nobody = await staff(school, "billing.bill.read")
    assert (await nobody.get(f"/api/v1/people/{school.children[0].id}/bindings")).status_code == 403
    assert (await nobody.post(f"/api/v1/bindings/{row['id']}/release", json={"reason": "x"})).status_code == 403
