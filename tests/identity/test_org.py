"""The org tree: created, renamed, moved, applied whole, and how far a right over a part of it reaches."""

import asyncio
from uuid import UUID, uuid4

import pytest

from core.identity import org
from core.identity.actor import Actor
from core.identity.org import OrgNode

MANAGE = ("identity.org.read", "identity.org.manage")


@pytest.fixture
async def admin(client, staff):
    return await staff(await client(), *MANAGE)


async def unit(admin, name, parent=None, kind="unit"):
    answer = await admin.post("/api/v1/org-units", json={"name": name, "kind": kind, "parent_id": parent})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def school(*campuses: OrgNode) -> list[OrgNode]:
    return [OrgNode("group", "集团", children=(OrgNode("school", "学校", children=campuses),))]


def campus(name: str, *classes: str, code: str | None = None) -> OrgNode:
    return OrgNode("campus", name, code=code, children=tuple(OrgNode("class", c, position=n) for n, c in enumerate(classes)))


async def test_units_are_created_renamed_and_moved_with_all_below_them(admin, platform):
    root = await unit(admin, "集团")
    east, west = await unit(admin, "东校区", root), await unit(admin, "西校区", root)
    grade = await unit(admin, "一年级", east)
    room = await unit(admin, "1班", grade)
    assert (await admin.patch(f"/api/v1/org-units/{grade}", json={"name": "二年级", "parent_id": west})).status_code == 200
    async with platform.database.tenant(admin.actor.tenant_id) as session:
        assert set(await org.subtree_ids(session, UUID(west))) == {UUID(west), UUID(grade), UUID(room)}
        assert await org.subtree_ids(session, UUID(east)) == [UUID(east)]
        assert await org.find_by_names(session, ["西校区", "二年级", "1班"]) == UUID(room)
    page = await admin.get(f"/console/org?unit={grade}")
    assert "二年级" in page.text
    assert "移动组织单位" in page.text


async def test_names_are_unique_under_one_parent_only(admin):
    root = await unit(admin, "集团")
    one, other = await unit(admin, "甲", root), await unit(admin, "乙", root)
    await unit(admin, "1班", one)
    moved = await unit(admin, "1班", other)
    refused = await admin.post("/api/v1/org-units", json={"name": "甲", "kind": "unit", "parent_id": root})
    assert refused.json()["code"] == "ORG_NAME_TAKEN"
    assert (await admin.patch(f"/api/v1/org-units/{other}", json={"name": "甲"})).json()["code"] == "ORG_NAME_TAKEN"
    assert (await admin.patch(f"/api/v1/org-units/{moved}", json={"parent_id": one})).json()["code"] == "ORG_NAME_TAKEN"


async def test_a_unit_is_not_moved_below_itself(admin):
    root = await unit(admin, "集团")
    child = await unit(admin, "校区", root)
    for target in (root, child):
        assert (await admin.patch(f"/api/v1/org-units/{root}", json={"parent_id": target})).json()["code"] == "ORG_MOVE_IMPOSSIBLE"


async def test_another_tenants_unit_is_not_found(admin, client, staff):
    foreign = await unit(await staff(await client(), *MANAGE), "别家")
    own = await unit(admin, "自家")
    assert (await admin.patch(f"/api/v1/org-units/{foreign}", json={"name": "改"})).status_code == 404
    assert (await admin.patch(f"/api/v1/org-units/{own}", json={"parent_id": foreign})).status_code == 404
    assert (await admin.post("/api/v1/org-units", json={"name": "下级", "kind": "unit", "parent_id": foreign})).status_code == 404
    assert (await admin.post(f"/console/org/{foreign}/name", data={"name": "改"})).status_code == 404


async def test_a_right_over_one_campus_reaches_its_subtree_and_nothing_else(admin, staff):
    root = await unit(admin, "集团")
    east, west = await unit(admin, "东校区", root), await unit(admin, "西校区", root)
    inside, outside = await unit(admin, "1班", east), await unit(admin, "1班", west)
    local = await staff(admin.actor.tenant_id, *MANAGE, org_id=UUID(east))
    assert {row["id"] for row in (await local.get("/api/v1/org-units")).json()["items"]} == {east, inside}
    assert (await local.patch(f"/api/v1/org-units/{inside}", json={"name": "2班"})).status_code == 200
    assert (await local.patch(f"/api/v1/org-units/{outside}", json={"name": "2班"})).status_code == 404
    assert (await local.patch(f"/api/v1/org-units/{inside}", json={"parent_id": west})).status_code == 404
    assert (await local.post("/api/v1/org-units", json={"name": "新集团", "kind": "group"})).status_code == 404
    later = await unit(local, "3班", east)
    assert (await local.patch(f"/api/v1/org-units/{later}", json={"name": "4班"})).status_code == 200


async def test_a_whole_tree_is_applied_once_and_changes_are_counted(platform, client):
    tenant = await client()
    by = Actor(kind="system", id="import", name="导入", tenant_id=tenant.id)
    first = school(campus("东校区", "1班", "2班", code="01"), campus("西校区", "1班"))
    async with platform.database.tenant(tenant.id) as session:
        assert await org.apply_tree(session, first, by) == {"new": 7, "changed": 0, "unchanged": 0}
    async with platform.database.tenant(tenant.id) as session:
        assert await org.apply_tree(session, first, by) == {"new": 0, "changed": 0, "unchanged": 7}
    second = school(campus("东校区", "1班", "2班", "3班", code="09"))
    async with platform.database.tenant(tenant.id) as session:
        assert await org.apply_tree(session, second, by) == {"new": 1, "changed": 1, "unchanged": 4}
        rows = await org.list_units(session)
    assert len(rows) == 8
    assert {row.kind for row in rows} == {"group", "school", "campus", "class"}


async def test_two_imports_at_once_make_one_tree(platform, client):
    tenant = await client()
    by = Actor(kind="system", id="import", name="导入", tenant_id=tenant.id)
    tree = school(campus("东校区", "1班", "2班"))

    async def run() -> int:
        async with platform.database.tenant(tenant.id) as session:
            return (await org.apply_tree(session, tree, by))["new"]

    assert sorted(await asyncio.gather(run(), run())) == [0, 5]


async def test_markup_in_a_name_is_shown_as_text(admin):
    name = f"<script>alert({uuid4().int % 100})</script>"
    await unit(admin, name)
    page = (await admin.get("/console/org")).text
    assert name not in page
    assert "&lt;script&gt;" in page
