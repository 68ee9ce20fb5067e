"""Off for a client, a plugin does not exist there: no routes, menu, jobs, imports or hook calls; its data stays (architecture §5)."""

import pytest
from sqlalchemy import text

from core.approvals import service as approvals
from core.exports import service as exports
from core.hookspecs import BillsIssued
from core.identity.actor import Actor
from core.identity.faces import CONSOLE
from core.identity.worklist import worklist
from core.imports import service as imports
from core.imports.errors import ImportKindUnknown
from core.jobs import pulse
from core.jobs import service as jobs
from core.outbox import service as outbox
from core.tenancy import doors
from tests.plugins.specimen import repository
from tests.plugins.test_hooks import import_members, members_of, told


@pytest.mark.parametrize("path", ["/console/club/members", "/api/v1/club/members"])
async def test_its_addresses_are_not_found(other, staff, path):
    assert (await (await staff(other, "club.member.read")).get(path)).status_code == 404


async def test_posting_to_it_is_not_found_and_does_nothing(platform, other, staff):
    assert (await (await staff(other, "club.member.bill")).post("/console/club/bill")).status_code == 404
    async with platform.database.tenant(other.id) as session:
        assert await session.scalar(text("SELECT count(*) FROM core.job")) == 0


async def test_it_has_no_menu_and_no_line_in_the_work_list(platform, other, staff):
    treasurer = await staff(other, "club.member.read")
    assert "/console/club/members" not in (await treasurer.get("/console")).text
    async with platform.database.tenant(other.id) as session:
        lines = await worklist(session, treasurer.actor, platform.plugins, CONSOLE, other.plugins)
    assert [line for line in lines if "club" in line["href"]] == []


async def test_it_offers_no_import_export_or_decision(platform, other):
    by = Actor(kind="user", id="t", name="司库", tenant_id=other.id, rights={"club.member.import": None})
    with pytest.raises(ImportKindUnknown):
        imports.find_importer(platform, other, "club.members", by)
    assert "club.members" not in exports.exports(platform, other)
    assert "club.due" not in approvals.kinds_of(platform.plugins, other.plugins)


async def test_workers_do_none_of_its_steps(platform, other):
    assert [step.code for hook in ("register_pulse", "register_nightly") for step in await pulse.steps_for(platform, other.id, hook)
            if step.code.startswith("club")] == []  # fmt: skip


async def test_a_job_of_it_is_not_done(platform, other, settle):
    by = Actor(kind="user", id="t", name="司库", tenant_id=other.id)
    async with platform.database.tenant(other.id) as session:
        job_id = await jobs.start(session, "club.bill", "开具年费账单", {"year": 2026}, by=by)
    await settle(other)
    async with platform.database.tenant(other.id) as session:
        job = await jobs.find(session, job_id, by)
    assert (job.status, job.error_code) == ("failed", "JOB_KIND_UNKNOWN")


async def test_it_hears_nothing(platform, other, settle):
    async with platform.database.tenant(other.id) as session:
        await outbox.add(session, BillsIssued(source="club:due:2026", count=1, amount_fen=100))
    await settle(other)
    assert await told(platform, other, "bills_issued") == []


async def test_what_happens_while_it_is_switched_off_is_told_when_it_is_on_again(platform, bank, club, settle):
    branch = Actor(
        kind="user", id="b", name="网点", tenant_id=bank.id, rights={"tenancy.plugin.manage": None, "tenancy.client.read": None},
    )  # fmt: skip
    await doors.switch(platform, branch, club.id, "club", False)
    async with platform.database.tenant(club.id) as session:
        await outbox.add(session, BillsIssued(source="club:due:2027", count=3, amount_fen=300))
    await settle(club)
    assert ("club:due:2027", 300) not in await told(platform, club, "bills_issued")
    await doors.switch(platform, branch, club.id, "club", True)
    for _ in range(2):
        await settle(club)
    assert (await told(platform, club, "bills_issued")).count(("club:due:2027", 300)) == 1


async def test_its_roles_cannot_be_granted_and_give_nothing(platform, other, staff):
    admin = await staff(other, "identity.user.read", "identity.role.grant")
    page = await admin.get("/console/users")
    assert page.status_code == 200
    assert "俱乐部司库" not in page.text


async def test_switched_off_its_data_stays_and_switched_on_it_is_back(platform, bank, club, staff, settle):
    await import_members(platform, club)
    await settle(club)
    operator = Actor(kind="user", id="o", name="网点柜员", tenant_id=bank.id, rights={"tenancy.plugin.manage": None})
    treasurer = await staff(club, "club.member.read")
    assert (await treasurer.get("/api/v1/club/members")).status_code == 200
    await doors.switch(platform, operator, club.id, "club", False)
    assert (await treasurer.get("/api/v1/club/members")).status_code == 404
    assert sorted(await members_of(platform, club)) == ["V001", "V002"]
    await doors.switch(platform, operator, club.id, "club", True)
    assert [member["number"] for member in (await treasurer.get("/api/v1/club/members")).json()] == ["V001", "V002"]


async def test_one_clients_members_are_nowhere_in_anothers(platform, bank, club, staff, open_client):
    await import_members(platform, club)
    neighbour = await open_client(platform, bank, kind="club", plugins=("club",))
    assert (await (await staff(neighbour, "club.member.read")).get("/api/v1/club/members")).json() == []
    async with platform.database.tenant(neighbour.id) as session:
        assert await repository.list_members(session) == []
