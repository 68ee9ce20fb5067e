"""A list with names in clear: only with the right, a reason and a second person; once; and traceable."""

import re

import pytest
from sqlalchemy import insert, text

from core.exports import agreement, service
from core.identity.models import org_unit
from core.imports import sheets
from core.jobs import service as jobs

SEES = ("exports.make", "test.paid.read")
ASKS = (*SEES, agreement.MAKE)
WHOLE = [["0", "'=cmd()", "欧阳小明", "13800001234"], ["1", "李四", "甲中学", "13800001234"], ["2", "王五", "甲中学", "13800001234"]]
MASKED = [["0", "'=*****", "欧***", "138****1234"], ["1", "李*", "甲中学", "138****1234"], ["2", "王*", "甲中学", "138****1234"]]


@pytest.fixture
async def house(client):
    return await client(plugins=())


@pytest.fixture
async def asker(house, staff):
    return await staff(house, *ASKS, "jobs.read", name="钱老师")


@pytest.fixture
async def checker(house, staff):
    return await staff(house, agreement.CHECK, "identity.audit.read", name="孙主任")


async def ask(http, code="test.people", reason="寄送纸质通知书", key="unmasked-0001", **filters):
    body = {"code": code, "reason": reason, "filters": filters}
    return await http.post("/api/v1/unmasked-exports", json=body, headers={"idempotency-key": key})


async def agree(http, approval_id: str, key="agree-once-0001"):
    return await http.post(f"/api/v1/approvals/{approval_id}/approve", json={}, headers={"idempotency-key": key})


async def file_of(http, job_id: str) -> list[list[str]]:
    job = (await http.get(f"/api/v1/jobs/{job_id}")).json()
    assert job["status"] == "done", job
    return [[str(cell) for cell in row] for row in sheets.read((await http.get(job["result_url"])).content, "x.xlsx").rows]


async def audit(platform, house) -> list:
    async with platform.database.tenant(house.id) as session:
        return await session.all(text("SELECT * FROM core.audit_log WHERE action LIKE 'exports.%' ORDER BY id"))


async def test_an_ordinary_export_masks_what_is_about_people(house, asker, settle):
    started = await asker.post("/api/v1/exports", json={"code": "test.people"})
    await settle(house)
    rows = await file_of(asker, started.json()["job_id"])
    assert rows[1:4] == MASKED
    assert "个人信息已脱敏" in rows[6][0]


async def test_names_are_readable_once_another_person_agreed_and_everything_says_so(platform, house, asker, checker, settle):
    asked = await ask(asker)
    assert asked.status_code == 201, asked.text
    approval_id, job_id = asked.json()["approval_id"], asked.json()["job_id"]
    assert (await asker.get(f"/api/v1/jobs/{job_id}")).status_code == 404, "nothing is made before"
    seen = (await checker.get(f"/api/v1/approvals/{approval_id}")).json()
    assert (seen["reason"], seen["may_decide"]) == ("寄送纸质通知书", True)
    assert [change["what"] for change in seen["changes"]] == ["清单", "筛选条件", "姓名、缴费人、手机"]
    assert (await agree(checker, approval_id)).status_code == 200
    await settle(house)
    rows = await file_of(asker, job_id)
    assert rows[1:4] == WHOLE
    assert "含未脱敏的个人信息" in rows[6][0]
    assert "钱老师" in rows[6][0]
    assert all(said in rows[7][0] for said in ("寄送纸质通知书", "孙主任"))
    start, made = await audit(platform, house)
    assert [(row.actor_name, row.reason, row.after["masked"], row.after["checked_by"]) for row in (start, made)] == [
        ("钱老师", "寄送纸质通知书", False, "孙主任"),
    ] * 2  # fmt: skip
    assert (made.after["rows"], made.after["filters"]) == (3, {})


async def test_the_file_is_its_askers_alone_and_only_while_the_right_is_held(platform, house, asker, checker, staff, settle):
    asked = (await ask(asker)).json()
    await agree(checker, asked["approval_id"])
    await settle(house)
    url = (await asker.get(f"/api/v1/jobs/{asked['job_id']}")).json()["result_url"]
    assert (await checker.get(url)).status_code == 404
    assert (await (await staff(house, *ASKS)).get(url)).status_code == 404
    async with platform.database.tenant(house.id) as session:
        keeps = await session.scalar(text("SELECT expires_at - created_at FROM core.stored_file"))
        await session.execute(text("DELETE FROM core.role_grant WHERE user_id = CAST(:u AS uuid)"), {"u": asker.actor.id})
    assert keeps.days == service.KEEP.days
    assert (await asker.get(url)).status_code == 403


async def test_nobody_without_the_right_may_ask(house, staff):
    clerk = await staff(house, *SEES)
    assert (await ask(clerk)).status_code == 403
    assert (await clerk.get("/console/exports/test.people/clear")).status_code == 403
    assert (await clerk.post("/console/exports/test.people/clear", data={"_reason": "x"})).status_code == 403
    for missing in SEES:
        half = await staff(house, *(right for right in ASKS if right != missing))
        assert (await ask(half)).status_code == 403, missing
        assert (await half.get("/console/exports/test.people/clear")).status_code == 403, missing


async def test_nobody_agrees_to_their_own_wish_or_without_the_right(house, staff):
    both = await staff(house, *ASKS, agreement.CHECK)
    asked = (await ask(both)).json()
    own = await agree(both, asked["approval_id"])
    assert (own.status_code, own.json()["code"]) == (409, "SELF_APPROVAL")
    stranger = await staff(house, *ASKS)
    assert (await agree(stranger, asked["approval_id"])).status_code == 404


async def test_one_agreement_makes_one_file(platform, house, asker, checker, settle):
    asked = (await ask(asker)).json()
    await agree(checker, asked["approval_id"])
    again = await agree(checker, asked["approval_id"], key="agree-once-0002")
    assert (again.status_code, again.json()["code"]) == (409, "ALREADY_DECIDED")
    await settle(house)
    more = await asker.post(f"/api/v1/jobs/{asked['job_id']}/resume")
    assert more.status_code == 409, more.text
    async with platform.database.tenant(house.id) as session:
        assert await session.scalar(text("SELECT count(*) FROM core.job")) == 1


async def test_a_job_that_says_it_was_agreed_to_and_was_not_makes_nothing(platform, house, asker, checker, settle):
    asked = (await ask(asker)).json()
    clear = {"approval_id": asked["approval_id"], "reason": "x", "checked_by": "孙主任"}
    params = {"code": "test.people", "filters": {}, "reach": None, "clear": clear}
    async with platform.database.tenant(house.id) as session:
        waiting = await jobs.start(session, service.KIND, "导出", params, by=asker.actor)
    await agree(checker, asked["approval_id"])
    async with platform.database.tenant(house.id) as session:
        other = await jobs.start(session, service.KIND, "导出", params, by=asker.actor)
    await settle(house)
    for job_id in (waiting, other):
        job = (await asker.get(f"/api/v1/jobs/{job_id}")).json()
        assert (job["status"], job["error_code"]) == ("failed", "EXPORT_CLEAR_NOT_AGREED")


async def test_a_list_in_which_nothing_is_masked_says_so(asker):
    answer = await ask(asker, code="test.paid")
    assert (answer.status_code, answer.json()["code"]) == (422, "EXPORT_NOTHING_MASKED")
    page = (await asker.get("/console/exports/test.paid/clear")).text
    assert "没有脱敏的个人信息" in page
    assert "_reason" not in page
    assert (await ask(asker, code="test.nothing", key="unmasked-0002")).status_code == 404


async def test_a_wish_needs_a_reason_and_waits_once(asker):
    assert (await ask(asker, reason="")).status_code == 422
    assert (await ask(asker, reason="   ", key="unmasked-0002")).status_code == 422
    assert (await ask(asker, key="unmasked-0003")).status_code == 201
    again = await ask(asker, key="unmasked-0004")
    assert (again.status_code, again.json()["code"]) == (409, "ALREADY_WAITING")
    assert (await ask(asker, key="unmasked-0005", q="李")).status_code == 201, "other rows are another wish"


async def test_what_lies_outside_ones_reach_is_not_in_the_file_either(platform, house, staff, checker, settle, first_org):
    async with platform.database.tenant(house.id) as session:
        await session.execute(insert(org_unit).values(id=first_org, path=text("'a'::public.ltree"), kind="campus", name="甲"))
    teacher = await staff(house, *ASKS, org_id=first_org)
    asked = (await ask(teacher)).json()
    assert (await agree(checker, asked["approval_id"])).status_code == 200
    await settle(house)
    assert [row[0] for row in (await file_of(teacher, asked["job_id"]))[1:3]] == ["0", "2"]


async def test_the_form_asks_and_says_beside_the_field_what_is_missing(house, asker, checker, settle):
    page = await asker.get("/console/exports/test.people/clear", params={"q": "李", "_page": "/console/bills"})
    assert page.status_code == 200
    assert all(said in page.text for said in ("姓名、缴费人、手机", "不脱敏", 'name="q" value="李"', 'value="/console/bills"'))
    empty = await asker.post("/console/exports/test.people/clear", data={"q": "李", "_reason": " "})
    assert (empty.status_code, 'id="e-_reason"' in empty.text) == (422, True)
    sent = await asker.post("/console/exports/test.people/clear", data={"q": "李", "_reason": "核对", "_page": "/console/bills"})
    assert sent.status_code == 303, sent.text
    assert re.fullmatch(r"/console/approvals/[-0-9a-f]{36}", sent.headers["location"])
    assert "您自己提交的" in (await asker.get(sent.headers["location"])).text
    twice = await asker.post("/console/exports/test.people/clear", data={"q": "李", "_reason": "核对"})
    assert twice.status_code == 422
    assert "明文导出待复核" in (await checker.get("/console")).text


async def test_the_quiet_button_stands_beside_the_export_for_who_may_ask(house, staff):
    rights = ("billing.bill.read", "exports.make", "settlement.batch.read")
    asks, sees = await staff(house, *rights, agreement.MAKE), await staff(house, *rights)
    address = "/console/exports/billing.bills/clear?status=paid&amp;_page=%2Fconsole%2Fbills"
    assert address in (await asks.get("/console/bills?status=paid")).text
    assert "billing.bills/clear" not in (await sees.get("/console/bills")).text
    assert "settlement.batches/clear" not in (await asks.get("/console/settlement-batches")).text, "nothing is masked in that list"
