"""The branch sees how far each of its clients is, who is late and who owes it; of other branches' clients nothing exists."""

import io
from uuid import uuid4

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import text

from core import ids
from core.tenancy import branches
from tests.golive.conftest import ADMIN

LOOK, ACT = ("tenancy.client.read",), ("tenancy.client.read", "tenancy.client.manage")


@pytest.fixture
async def at_bank(bank, staff):
    async def make(*rights: str, name: str = "周经办"):
        return await staff(bank.id, *rights, name=name)

    return make


async def listed(person, client, **asked: str) -> dict | None:
    query = {"q": client.code, **asked}
    items = (await person.get("/api/v1/clients/go-live", params=query)).json()["items"]
    return next((item for item in items if item["client_id"] == str(client.id)), None)


async def test_a_client_is_on_the_list_from_its_first_minute_and_moves(platform, shop, at_bank, staff, settle):
    client, _ = shop
    zhou = await at_bank(*LOOK)
    assert (await listed(zhou, client))["status"] == "early"
    admin = await staff(client, *ADMIN)
    await admin.post("/console/go-live/steps/org", data={"owner": "client", "due_on": "2026-01-05"})
    await settle(client)
    row = await listed(zhou, client)
    assert (row["status"], row["total"], row["current_title"], row["waiting_for"]) == ("under_way", 8, "单位资料与证照", "bank")
    assert row["lacking"][:2] == ["单位资料与证照", "组织架构"]
    assert (row["due_on"], row["overdue"], row["trial_done"]) == ("2026-01-05", True, False)
    assert await listed(zhou, client, late="true") is not None
    assert await listed(zhou, client, status="live") is None


async def test_the_list_filters_in_its_address_and_leaves_as_excel(platform, shop, at_bank, staff, settle):
    client, _ = shop
    zhou = await at_bank(*LOOK)
    await settle(client)
    page = await zhou.get(f"/bank/go-live?q={client.code}&status=open&owes=bank")
    assert (page.status_code, client.name in page.text) == (200, True)
    nobody = await zhou.get(f"/bank/go-live?q={client.code}&owes=channel")
    assert "没有符合条件的客户" in nobody.text
    answer = await zhou.post("/bank/go-live/export", data={"q": client.code, "status": "open"})
    assert answer.status_code == 200
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert (rows[0][0], rows[1][0], rows[1][3]) == ("客户", client.name, "上线中")
    assert (await zhou.get("/bank/go-live?cursor=none")).status_code == 422


async def test_a_branch_reads_the_steps_of_a_client_and_takes_one_on(platform, shop, at_bank, settle):
    client, _ = shop
    zhou = await at_bank(*ACT)
    page = (await zhou.get(f"/bank/go-live/{client.id}")).text
    assert "没有统一社会信用代码" in page
    assert f'href="/bank/clients/{client.id}"' in page
    assert "/console/" not in page.split("<main")[1], "a branch cannot open a client's pages"
    answer = await zhou.post(f"/bank/go-live/{client.id}/steps/profile", data={"owner": zhou.actor.id, "note": "周五前补"})
    assert answer.status_code == 303
    assert (await listed(zhou, client))["owner_name"] == "周经办", "the list knows at once"
    async with platform.database.tenant(client.id) as session:
        row = await session.one(text("SELECT actor_kind, actor_name FROM core.audit_log WHERE action = 'golive.step.take_on'"))
    assert (row.actor_kind, row.actor_name) == ("bank", "周经办")


async def test_support_looks_and_changes_nothing(shop, at_bank):
    client, _ = shop
    support = await at_bank(*LOOK, name="运营支持")
    page = (await support.get(f"/bank/go-live/{client.id}")).text
    assert "安排" not in page.split("<main")[1]
    assert (await support.post(f"/bank/go-live/{client.id}/steps/org", data={"owner": "bank"})).status_code == 403


async def test_other_branches_clients_do_not_exist(platform, bank, shop, staff, probe):
    client, _ = shop
    async with platform.database.tenant(bank.id) as session:
        boss = (await staff(bank.id, "tenancy.branch.manage")).actor
        south = await branches.add(session, boss, bank.branch_id, "branch", f"G{ids.token()[:4]}", "南城分行")
    other = await staff(bank.id, *ACT, org_id=south)
    assert await listed(other, client) is None
    assert client.name not in (await other.get(f"/bank/go-live?q={client.code}")).text
    for client_id in (client.id, uuid4()):
        assert (await other.get(f"/bank/go-live/{client_id}")).status_code == 404
        assert (await other.post(f"/bank/go-live/{client_id}/steps/org", data={"owner": "bank"})).status_code == 404


async def test_no_client_sees_the_banks_list(shop, staff):
    person = await staff(shop[0], *ACT)
    assert (await person.get("/bank/go-live")).status_code == 404
    assert (await person.get("/api/v1/clients/go-live")).status_code == 404
