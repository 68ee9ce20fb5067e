"""The console opens on what needs doing: each line counted within one's reach, for those who hold its right."""

import pytest

from core.hookspecs import WorkItem, hook
from core.identity.faces import BANK, CONSOLE
from core.identity.worklist import worklist
from core.plugin_manager import PluginManager


async def _three(session, actor) -> int:
    return 3


async def _none(session, actor) -> int:
    return 0


class Part:
    """A part of core that offers work."""

    @hook
    def register_worklist(self) -> list[WorkItem]:
        return [
            WorkItem("quiet", "没有的事", "a.b.c", _none, "/console/quiet", position=1),
            WorkItem("busy", "要做的事", "a.b.c", _three, "/console/busy", hint="提示", position=2),
            WorkItem("foreign", "别人的事", "x.y.z", _three, "/console/foreign"),
            WorkItem("bank", "银行的事", "a.b.c", _three, "/bank/busy", side="bank"),
        ]


@pytest.fixture
def offered():
    return PluginManager({}, {"part": Part()})


async def test_hook_register_worklist_shows_each_person_their_own_lines_with_work_first(offered, staff, client, platform):
    person = await staff(await client(), "a.b.c")
    async with platform.database.tenant(person.actor.tenant_id) as session:
        lines = await worklist(session, person.actor, offered, CONSOLE)
        assert [(line["label"], line["count"], line["href"]) for line in lines] == [
            ("要做的事", 3, "/console/busy"),
            ("没有的事", 0, "/console/quiet"),
        ]
        assert [line["label"] for line in await worklist(session, person.actor, offered, BANK)] == ["银行的事"]


async def test_a_client_without_work_is_told_so_and_one_without_a_role_whom_to_ask(staff, client):
    school = await client()
    idle, roleless = await staff(school, "probe.nothing"), await staff(school)
    assert "没有待办事项" in (await idle.get("/console")).text
    assert "您还没有角色" in (await roleless.get("/console")).text


async def test_a_pending_account_is_on_the_list_of_those_who_may_check_it(staff, client, platform):
    school = await client()
    checker = await staff(school, "tenancy.account.check", "tenancy.merchant.read")
    maker = await staff(school, "tenancy.account.make", "tenancy.merchant.read")
    async with platform.database.tenant(school.id) as session:
        columns, values = "id, code, name, legal_name, status", "gen_random_uuid(), 'm', '商户', '某校', 'bank_review'"
        await session.simple(f"INSERT INTO core.merchant ({columns}) VALUES ({values})")
    merchant = (await maker.get("/api/v1/merchants")).json()["items"][0]["id"]
    account = {"holder": "某校", "bank_name": "榕城银行", "number": "9988776655443322110"}
    assert (await maker.post(f"/console/merchants/{merchant}/accounts", data=account)).status_code == 303
    assert "结算账户待复核" in (await checker.get("/console")).text
    entered = (await checker.get("/api/v1/merchants")).json()["items"][0]["accounts"][0]["id"]
    assert (await maker.post(f"/console/merchants/accounts/{entered}/approve")).status_code == 403
    assert (await checker.post(f"/console/merchants/accounts/{entered}/approve")).status_code == 303
    assert "已生效" in (await checker.get("/console/merchants")).text
