"""A list leaves as Excel: what its asker may see, traceable, for its maker alone."""

import pytest
from sqlalchemy import insert, text

from core.identity.models import org_unit
from core.imports import sheets

RIGHTS = ("exports.make", "test.paid.read")


@pytest.fixture
async def clerk(client, staff):
    profile = await client(plugins=())
    return profile, await staff(profile, *RIGHTS, name="钱老师")


async def export(http, settle, profile, code="test.paid", **filters):
    started = await http.post(f"/console/exports/{code}", data=filters)
    assert started.status_code == 303, started.text
    await settle(profile)
    return (await http.get(started.headers["location"].replace("/console/", "/api/v1/"))).json()


async def test_an_export_holds_what_the_list_shows_and_who_took_it(clerk, settle):
    profile, http = clerk
    job = await export(http, settle, profile)
    assert (job["status"], job["result"]["rows"], job["result"]["masked"]) == ("done", 3, True)
    file = await http.get(job["result_url"])
    assert file.headers["content-disposition"].startswith("attachment")
    rows = sheets.read(file.content, "x.xlsx").rows
    assert [[str(cell) for cell in row[:2]] for row in rows[1:4]] == [["'=cmd()", "1234.5"], ["李四", "0.01"], ["王五", "0.99"]]
    assert "钱老师" in str(rows[6][0])
    assert "下载文件" in (await http.get(f"/console/jobs/{job['id']}")).text


async def test_filters_go_along(clerk, settle):
    profile, http = clerk
    job = await export(http, settle, profile, q="李", cursor="x")
    assert job["result"]["rows"] == 1


async def test_what_lies_outside_ones_reach_is_not_in_the_file(clerk, settle, staff, platform, first_org):
    profile, _ = clerk
    async with platform.database.tenant(profile.id) as session:
        await session.execute(insert(org_unit).values(id=first_org, path=text("'a'::public.ltree"), kind="campus", name="甲"))
    teacher = await staff(profile, *RIGHTS, org_id=first_org)
    job = await export(teacher, settle, profile)
    assert job["result"]["rows"] == 2


async def test_a_file_is_its_makers_alone_and_only_while_the_right_is_held(clerk, settle, staff, platform):
    profile, http = clerk
    job = await export(http, settle, profile)
    colleague = await staff(profile, *RIGHTS, "jobs.read")
    assert (await colleague.get(job["result_url"])).status_code == 404
    async with platform.database.tenant(profile.id) as session:
        await session.execute(text("DELETE FROM core.role_grant WHERE user_id = CAST(:u AS uuid)"), {"u": http.actor.id})
    assert (await http.get(job["result_url"])).status_code == 403


async def test_exporting_takes_both_rights_and_an_export_that_exists(clerk, staff, client):
    profile, http = clerk
    assert (await http.post("/console/exports/test.nothing")).status_code == 404
    for given in RIGHTS:
        other = await staff(profile, given)
        assert (await other.post("/console/exports/test.paid")).status_code == 403
    started = await http.post("/api/v1/exports", json={"code": "test.paid", "colour": "red"})
    assert started.status_code == 422
    assert (await http.post("/api/v1/exports", json={"code": "test.paid"})).status_code == 202
    assert {kind["code"] for kind in (await http.get("/api/v1/exports/kinds")).json()} == {"test.paid", "test.people", "test.endless"}


async def test_every_step_is_in_the_audit_trail(clerk, settle, platform):
    profile, http = clerk
    job = await export(http, settle, profile)
    await http.get(job["result_url"])
    async with platform.database.tenant(profile.id) as session:
        trail = await session.all(text("SELECT action, after FROM core.audit_log WHERE actor_name = '钱老师' ORDER BY id"))
    assert [row.action for row in trail] == ["exports.export.start", "exports.export.made", "files.file.download"]
    assert trail[1].after["rows"] == 3


async def test_an_export_without_end_is_refused(clerk, settle):
    profile, http = clerk
    job = await export(http, settle, profile, code="test.endless")
    assert (job["status"], job["error_code"]) == ("failed", "EXPORT_TOO_LARGE")


async def test_an_expired_file_is_gone_but_known(clerk, settle, platform):
    from core.jobs import nightly

    profile, http = clerk
    job = await export(http, settle, profile)
    async with platform.database.tenant(profile.id) as session:
        await session.execute(text("UPDATE core.stored_file SET expires_at = now() - interval '1 second'"))
    await nightly.tidy(platform, profile.id)
    answer = await http.get(job["result_url"])
    assert (answer.status_code, answer.json()["code"]) == (404, "FILE_GONE")
