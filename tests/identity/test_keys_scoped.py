"""API keys with roles over a part of the client: the same reach, places and conflicts as a person's."""

import httpx
import pytest

from core.hookspecs import Role
from core.identity import org
from core.identity.actor import system as platform_itself
from core.identity.org import OrgNode

TREE = OrgNode("group", "甲", children=(OrgNode("campus", "东区", children=(OrgNode("class", "一班"),)), OrgNode("campus", "西区")))


@pytest.fixture
async def school(platform, client):
    return await client()


@pytest.fixture
async def units(platform, school):
    async with platform.database.tenant(school.id) as session:
        await org.apply_tree(session, [TREE], platform_itself(school.id))
        return {row.name: row.id for row in await org.list_units(session)}


@pytest.fixture
async def admin(staff, school):
    return await staff(school, "identity.key.manage")


@pytest.fixture
def readers(probe):
    """A role that reads the tree, over one unit and over a unit with all below."""
    one = probe.role_with(frozenset({"identity.org.read", "billing.bill.read"}), "ORG")
    below = probe.role_with(frozenset({"identity.org.read", "billing.bill.read"}), "ORG_SUBTREE")
    return one.code, below.code


async def made(admin, **body):
    return await admin.post("/api/v1/api-keys", json={"name": "班级系统"} | body)


async def seen(app, key: str) -> set[str]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://banyan.test", headers={"authorization": f"Bearer {key}"}
    ) as asking:
        answer = await asking.get("/api/v1/org-units")
        return {row["name"] for row in answer.json()["items"]}


async def test_a_key_reaches_its_unit_and_what_is_below_and_no_more(app, admin, units, readers):
    one, below = readers
    key = (await made(admin, grants=[{"role": below, "place_id": str(units["东区"])}])).json()["key"]
    assert await seen(app, key) == {"东区", "一班"}
    narrow = (await made(admin, grants=[{"role": one, "place_id": str(units["东区"])}])).json()["key"]
    assert await seen(app, narrow) == {"东区"}
    both = (await made(admin, roles=["client.api"], grants=[{"role": one, "place_id": str(units["西区"])}])).json()["key"]
    assert await seen(app, both) == {"甲", "东区", "一班", "西区"}
    listed = (await admin.get("/api/v1/api-keys")).json()["items"]
    assert [row["grants"] for row in listed if row["roles"] == []] == [
        [{"role": one, "place_id": str(units["东区"])}], [{"role": below, "place_id": str(units["东区"])}]
    ]  # fmt: skip


async def test_a_refusal_says_the_true_reason(admin, units, readers, probe, client, platform):
    one, _ = readers
    place = str(units["东区"])
    assert (await made(admin, roles=[one])).json()["code"] == "ROLE_NEEDS_PLACE"
    assert (await made(admin, grants=[{"role": "client.api", "place_id": place}])).json()["code"] == "ROLE_TAKES_NO_PLACE"
    assert (await made(admin, roles=["client.admin"])).json()["code"] == "KEY_ROLE_TOO_STRONG"
    granting = probe.role_with(frozenset({"identity.role.grant"}), "ORG_SUBTREE").code
    assert (await made(admin, grants=[{"role": granting, "place_id": place}])).json()["code"] == "KEY_ROLE_TOO_STRONG"
    other = await client()
    async with platform.database.tenant(other.id) as session:
        await org.apply_tree(session, [TREE], platform_itself(other.id))
        foreign = next(row.id for row in await org.list_units(session) if row.name == "东区")
    assert (await made(admin, grants=[{"role": one, "place_id": str(foreign)}])).status_code == 404


async def test_what_one_person_may_not_hold_together_no_key_may(admin, units, probe):
    maker = probe.role_with(frozenset({"billing.bill.adjust"}), "ORG")
    checker = Role("probe.checker", "复核", "TENANT", frozenset({"billing.bill.check"}), side="both", conflicts=frozenset({maker.code}))
    probe.roles[frozenset({"checker"})] = checker
    body = {"roles": [checker.code], "grants": [{"role": maker.code, "place_id": str(units["东区"])}]}
    assert (await made(admin, **body)).json()["code"] == "ROLES_CONFLICT"


async def test_an_administrator_of_one_campus_gives_keys_there_only(staff, school, units, readers):
    campus = await staff(school, "identity.key.manage", org_id=units["东区"])
    one, _ = readers
    assert (await made(campus, grants=[{"role": one, "place_id": str(units["一班"])}])).status_code == 201
    assert (await made(campus, grants=[{"role": one, "place_id": str(units["西区"])}])).status_code == 404
    assert (await made(campus, roles=["client.api"])).status_code == 404


async def test_the_page_gives_a_key_its_place(admin, units, readers):
    one, _ = readers
    page = await admin.post("/console/keys", data={"name": "东区系统", "role": one, "place": str(units["东区"])})
    assert "byk_" in page.text
    listed = (await admin.get("/console/keys")).text
    assert "甲 / 东区）" in listed
    wrong = await admin.post("/console/keys", data={"name": "东区系统", "role": one, "place": ""})
    assert (wrong.status_code, "要指定管辖范围" in wrong.text) == (422, True)
