"""A file comes in by the page: judged, shown, confirmed, written once, its bad rows given back."""

import pytest
from sqlalchemy import text

from core.imports import sheets

GOOD = [("张三", "甲班"), ("李四", "乙班"), ("坏", "=1+1"), ("王五", "")]


@pytest.fixture
async def clerk(client, staff):
    """A client, and one of its people who may import."""
    profile = await client(plugins=())
    return profile, await staff(profile, "test.people.import", name="周老师")


async def upload(clerk, settle, content, form, **given):
    profile, http = clerk
    answer = await http.post("/console/imports", **form(content, **given))
    assert answer.status_code == 303, answer.text
    await settle(profile)
    return answer.headers["location"]


async def test_a_file_is_shown_before_anything_is_written(clerk, settle, table, form, people):
    profile, http = clerk
    page = await upload(clerk, settle, table(*GOOD), form)
    shown = (await http.get(page)).text
    assert "不能叫这个名字" in shown
    assert "导入 3 行" in shown
    assert await people(profile) == {}


async def test_confirming_writes_the_good_rows_once_however_often_it_is_pressed(clerk, settle, table, form, people):
    profile, http = clerk
    page = await upload(clerk, settle, table(*GOOD), form)
    for _ in range(3):
        assert (await http.post(page + "/confirm")).status_code == 303
    await settle(profile)
    assert await people(profile) == {"张三": "甲班", "李四": "乙班", "王五": ""}
    assert "新增 3 行" in (await http.get(page)).text
    assert (await http.post(page + "/confirm")).status_code == 303


async def test_the_same_file_twice_changes_nothing(clerk, settle, table, form, people):
    profile, http = clerk
    page = await upload(clerk, settle, table(*GOOD[:2]), form)
    await http.post(page + "/confirm")
    await settle(profile)
    again = await upload(clerk, settle, table(*GOOD[:2]), form)
    assert "完全一致" in (await http.get(again)).text
    assert (await http.post(again + "/confirm")).status_code == 409
    assert await people(profile) == {"张三": "甲班", "李四": "乙班"}


async def test_rejected_rows_come_back_as_a_file_to_mend(clerk, settle, table, form):
    _, http = clerk
    page = await upload(clerk, settle, table(*GOOD), form)
    answer = await http.get(page + "/rejected")
    rows = sheets.read(answer.content, "x.xlsx").rows
    assert rows == [["姓名*", "备注", "未通过原因"], ["坏", "'=1+1", "姓名：不能叫这个名字"]]
    assert "attachment" in answer.headers["content-disposition"]


async def test_rows_are_written_in_transactions_of_a_thousand_at_most(clerk, settle, table, form, people, breaker):
    profile, http = clerk
    page = await upload(clerk, settle, table(*((f"学生{n}", "") for n in range(2500))), form)
    await http.post(page + "/confirm")
    await settle(profile)
    assert breaker.batches == [1000, 1000, 500]
    assert len(await people(profile)) == 2500


async def test_an_import_that_broke_off_goes_on_where_it_was(clerk, settle, table, form, people, breaker):
    profile, http = clerk
    page = await upload(clerk, settle, table(*((f"学生{n}", "") for n in range(2500))), form)
    breaker.break_after = 1
    await http.post(page + "/confirm")
    await settle(profile)
    assert len(await people(profile)) == 1000
    breaker.break_after = None
    shown = (await http.get(page)).text
    resume = shown.split('action="/console/jobs/')[1].split('"')[0]
    assert (await http.post("/console/jobs/" + resume)).status_code == 303
    await settle(profile)
    assert breaker.batches == [1000, 1000, 500]
    assert len(await people(profile)) == 2500
    assert "新增 2,500 行" in (await http.get(page)).text


async def test_an_import_is_let_go_and_nothing_was_written(clerk, settle, table, form, people):
    profile, http = clerk
    page = await upload(clerk, settle, table(*GOOD), form)
    assert (await http.post(page + "/cancel")).status_code == 303
    assert (await http.post(page + "/confirm")).status_code == 409
    assert await people(profile) == {}


async def test_a_program_lets_an_import_go_once(clerk, settle, table, form, people):
    profile, http = clerk
    page = await upload(clerk, settle, table(*GOOD), form)
    path = page.replace("/console/", "/api/v1/")
    assert (await http.post(f"{path}/cancel")).json()["status"] == "cancelled"
    assert (await http.post(f"{path}/cancel")).status_code == 409
    assert (await http.post(f"{path}/confirm", json={})).status_code == 409
    assert await people(profile) == {}


async def test_a_template_and_the_list_are_there_for_whoever_may_import(clerk, staff):
    profile, http = clerk
    answer = await http.get("/console/imports/template", params={"kind": "test.people"})
    assert sheets.read(answer.content, "x.xlsx").rows == [["姓名*", "备注"]]
    listed = (await http.get("/console/imports")).text
    assert "人员" in listed
    assert "机密" not in listed
    nobody = await staff(profile)
    assert "您没有可以导入的内容" in (await nobody.get("/console/imports")).text


async def test_who_may_not_import_gets_nowhere(clerk, settle, table, form, staff, client):
    profile, http = clerk
    page = await upload(clerk, settle, table(*GOOD), form)
    assert (await http.post("/console/imports", **form(table(), kind="test.secret"))).status_code == 403
    assert (await http.post("/console/imports", **form(table(), kind="test.nothing"))).status_code == 404
    colleague = await staff(profile, "test.secret.import")
    stranger = await staff(await client(plugins=()), "test.people.import")
    for other in (colleague, stranger):
        assert (await other.get(page)).status_code == 404
        assert (await other.post(page + "/confirm")).status_code == 404


async def test_the_file_and_its_verdicts_are_sealed_at_rest_and_the_import_is_audited(clerk, settle, table, form, platform):
    profile, http = clerk
    page = await upload(clerk, settle, table(("坏", "张三秘密")), form)
    await http.get(page + "/rejected")
    async with platform.database.tenant(profile.id) as session:
        sealed = [row.sealed for row in await session.all(text("SELECT sealed FROM core.stored_file"))]
        actions = [
            row.action for row in await session.all(text("SELECT action FROM core.audit_log WHERE actor_name = '周老师' ORDER BY id"))
        ]
    assert len(sealed) == 2
    assert not any("坏".encode() in content or b"PK" in content[:40] for content in sealed)
    assert actions == ["imports.batch.upload", "imports.batch.download"]


async def test_the_api_says_the_same_as_the_page(clerk, settle, table, form, people):
    profile, http = clerk
    made = await http.post("/api/v1/imports", **form(table(*GOOD)))
    assert made.status_code == 202, made.text
    path = f"/api/v1/imports/{made.json()['id']}"
    await settle(profile)
    verdicts = (await http.get(path + "/verdicts")).json()
    assert verdicts["totals"] == {"new": 3, "changed": 0, "unchanged": 0, "rejected": 1}
    assert verdicts["rows"] == [{"row": 4, "column": "姓名*", "verdict": "reject", "code": "bad_name", "message": "不能叫这个名字"}]
    refused = await http.post(path + "/confirm", json={"whole": True})
    assert (refused.status_code, refused.json()["code"]) == (409, "IMPORT_HAS_REJECTED")
    assert (await http.post(path + "/confirm", json={"hole": True})).status_code in (400, 422)
    assert (await http.post(path + "/confirm")).status_code == 202
    await settle(profile)
    assert (await http.get(path)).json()["status"] == "applied"
    assert len(await people(profile)) == 3
    assert [item["id"] for item in (await http.get("/api/v1/imports")).json()["items"]] == [made.json()["id"]]
    assert {kind["code"] for kind in (await http.get("/api/v1/imports/kinds")).json()} == {"test.people"}
