"""Users and roles: who grants what to whom, and how fast it counts."""

from uuid import UUID, uuid4

import pytest

from core.identity import org, repository
from core.identity.actor import Actor

ADMIN = ("identity.user.read", "identity.user.manage", "identity.role.grant")


@pytest.fixture
async def school(client):
    return await client(kind="school_group")


@pytest.fixture
async def admin(staff, school):
    return await staff(school, *ADMIN, name="管理员")


async def new_user(admin, name="新同事"):
    body = {"login": f"u{uuid4().hex[:12]}", "name": name}
    answer = await admin.post("/api/v1/users", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_user_is_made_with_a_password_that_is_shown_once(admin):
    made = await new_user(admin)
    assert len(made["initial_password"]) == 14
    read = (await admin.get(f"/api/v1/users/{made['id']}")).json()
    assert read["must_change_password"]
    assert made["initial_password"] not in str(read)
    page = await admin.post("/console/users", data={"login": f"v{uuid4().hex[:8]}", "name": "页面用户"})
    assert "只显示这一次" in page.text


async def test_log_in_names_are_unique_over_the_whole_platform(admin, client, staff):
    made = await new_user(admin)
    other = await staff(await client(), *ADMIN)
    refused = await other.post("/api/v1/users", json={"login": made["login"].upper(), "name": "同名"})
    assert (refused.status_code, refused.json()["code"]) == (409, "LOGIN_TAKEN")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"login": "有中文", "name": "名"}, "LOGIN_MALFORMED"),
        ({"login": "ab", "name": "名"}, "LOGIN_MALFORMED"),
        ({"login": "good.login", "name": "   "}, "NAME_MISSING"),
        ({"login": "good.login", "name": "长" * 51}, "NAME_MISSING"),
    ],
)
async def test_a_wrong_name_is_refused(admin, body, code):
    assert (await admin.post("/api/v1/users", json=body)).json()["code"] == code


async def test_unknown_fields_are_refused(admin):
    refused = await admin.post("/api/v1/users", json={"login": "some.one", "name": "某", "role": "client.admin"})
    assert refused.status_code == 422


async def test_a_role_counts_at_the_next_request_and_is_gone_at_the_next(admin, school, staff):
    newcomer = await staff(school, "probe.nothing")
    assert (await newcomer.get("/api/v1/users")).status_code == 403
    user_id = newcomer.actor.id
    given = await admin.post(f"/api/v1/users/{user_id}/grants", json={"role": "client.admin"})
    assert given.status_code == 201
    assert (await newcomer.get("/api/v1/users")).status_code == 200
    grant = next(g for g in given.json() if g["role"] == "client.admin")
    assert (await admin.delete(f"/api/v1/users/{user_id}/grants/{grant['id']}")).status_code == 204
    gone = await newcomer.get("/api/v1/users")
    assert (gone.status_code, gone.json()["code"]) == (403, "NOT_PERMITTED")


async def test_nobody_grants_to_himself(admin):
    refused = await admin.post(f"/api/v1/users/{admin.actor.id}/grants", json={"role": "client.admin"})
    assert (refused.status_code, refused.json()["code"]) == (409, "SELF_APPROVAL")
    assert "这是您自己" in (await admin.get(f"/console/users/{admin.actor.id}")).text


async def test_nobody_resets_or_disables_himself(admin):
    for path in ("password", "disable", "second-factor"):
        refused = await admin.post(f"/console/users/{admin.actor.id}/{path}", data={"reason": "试一下"})
        assert refused.status_code == 409


async def test_roles_that_conflict_are_not_held_together(admin, platform):
    made = await new_user(admin)
    url = f"/api/v1/users/{made['id']}/grants"
    conflicting = [
        (role, other)
        for _, role in platform.plugins.collect_all("register_roles")
        for other in role.conflicts
        if role.side == "client" and role.scope == "TENANT"
    ]
    assert conflicting, "no installed role conflicts with another"
    role, other = conflicting[0]
    place = await admin_place(admin, platform)
    assert (await admin.post(url, json={"role": role.code})).status_code == 201
    scope = next(found.scope for _, found in platform.plugins.collect_all("register_roles") if found.code == other)
    refused = await admin.post(url, json={"role": other, "place_id": None if scope == "TENANT" else str(place)})
    assert (refused.status_code, refused.json()["code"]) == (409, "ROLES_CONFLICT")


async def admin_place(admin, platform) -> UUID:
    by = Actor(kind="system", id="test", name="测试", tenant_id=admin.actor.tenant_id, rights={"identity.org.manage": None})
    async with platform.database.tenant(by.tenant_id) as session:
        return await org.create(session, by, parent_id=None, kind="group", name=f"集团{uuid4().hex[:6]}")


async def test_a_role_over_a_part_of_the_tree_needs_its_place(admin, platform, probe):
    made = await new_user(admin)
    url = f"/api/v1/users/{made['id']}/grants"
    role = probe.role_with(frozenset({"billing.bill.read"}), "ORG_SUBTREE").code
    assert (await admin.post(url, json={"role": role})).json()["code"] == "ROLE_NEEDS_PLACE"
    assert (await admin.post(url, json={"role": role, "place_id": str(uuid4())})).status_code == 404
    place = await admin_place(admin, platform)
    assert (await admin.post(url, json={"role": role, "place_id": str(place)})).status_code == 201
    assert (await admin.post(url, json={"role": "client.admin", "place_id": str(place)})).json()["code"] == "ROLE_TAKES_NO_PLACE"


async def test_the_banks_roles_are_not_granted_in_a_client(admin):
    made = await new_user(admin)
    for role in ("bank.sysadmin", "bank.branch_admin", "no.such.role"):
        refused = await admin.post(f"/api/v1/users/{made['id']}/grants", json={"role": role})
        assert (refused.status_code, refused.json()["code"]) == (422, "UNKNOWN_ROLE")


async def test_the_last_administrator_cannot_be_taken_away(client, staff):
    school = await client()
    first, second = await staff(school, *ADMIN), await staff(school, *ADMIN)
    assert (await first.patch(f"/api/v1/users/{second.actor.id}", json={"status": "disabled"})).status_code == 200
    third = await new_user(first)
    await first.post(f"/api/v1/users/{third['id']}/grants", json={"role": "client.admin"})
    granted = (await first.get(f"/api/v1/users/{third['id']}")).json()["grants"][0]
    assert (await first.delete(f"/api/v1/users/{third['id']}/grants/{granted['id']}")).status_code == 204
    assert (await second.get("/api/v1/users")).status_code == 401


async def test_another_tenants_user_is_not_found(admin, client, staff):
    other = await staff(await client(), *ADMIN)
    foreign = (await new_user(other))["id"]
    for request in (
        admin.get(f"/api/v1/users/{foreign}"),
        admin.get(f"/console/users/{foreign}"),
        admin.patch(f"/api/v1/users/{foreign}", json={"name": "别人"}),
        admin.post(f"/api/v1/users/{foreign}/grants", json={"role": "client.admin"}),
        admin.post(f"/console/users/{foreign}/password"),
        admin.post(f"/console/users/{foreign}/disable"),
    ):
        assert (await request).status_code == 404


async def test_a_reader_changes_nothing(school, staff):
    reader = await staff(school, "identity.user.read")
    made = str(uuid4())
    assert (await reader.post("/api/v1/users", json={"login": "some.body", "name": "某"})).status_code == 403
    assert (await reader.post(f"/api/v1/users/{made}/grants", json={"role": "client.admin"})).status_code == 403
    assert (await reader.get("/api/v1/audit-entries")).status_code == 403
    assert (await reader.get("/console/users")).status_code == 200


async def test_someone_whose_right_reaches_one_school_sees_only_its_people(school, staff, platform, admin, probe):
    here, there = await admin_place(admin, platform), await admin_place(admin, platform)
    reader = await staff(school, "identity.user.read", org_id=here)
    role = probe.role_with(frozenset({"billing.status.read"}), "ORG_SUBTREE").code
    ours, theirs = await new_user(admin, "本校"), await new_user(admin, "他校")
    await admin.post(f"/api/v1/users/{ours['id']}/grants", json={"role": role, "place_id": str(here)})
    await admin.post(f"/api/v1/users/{theirs['id']}/grants", json={"role": role, "place_id": str(there)})
    seen = {row["id"] for row in (await reader.get("/api/v1/users?limit=200")).json()["items"]}
    assert ours["id"] in seen
    assert theirs["id"] not in seen
    assert (await reader.get(f"/api/v1/users/{theirs['id']}")).status_code == 404


async def test_every_change_of_people_and_roles_is_on_the_trail(admin, school, platform):
    made = await new_user(admin)
    await admin.patch(f"/api/v1/users/{made['id']}", json={"name": "改名"})
    await admin.post(f"/api/v1/users/{made['id']}/grants", json={"role": "client.admin"})
    await admin.post(f"/console/users/{made['id']}/password")
    async with platform.database.tenant(school.id) as session:
        rows = await repository.list_audit_of(session, "user", made["id"])
    assert [row.action for row in rows] == [
        "identity.user.create",
        "identity.user.rename",
        "identity.role.grant",
        "identity.user.reset_password",
    ]
    assert (rows[1].before, rows[1].after) == ({"name": "新同事"}, {"name": "改名"})
    assert {row.actor_name for row in rows} == {"管理员"}


async def test_the_list_pages_by_log_in_name(admin):
    for _ in range(3):
        await new_user(admin, name="分页人")
    first = (await admin.get("/api/v1/users?q=分页人&limit=2")).json()
    rest = (await admin.get(f"/api/v1/users?q=分页人&limit=2&cursor={first['next_cursor']}")).json()
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (2, 1, None)
    assert not {r["id"] for r in first["items"]} & {r["id"] for r in rest["items"]}
