"""Reconciliation through its pages, API and command, and who may do what."""

import json

import pytest

from core.reconciliation import rights
from tests.reconciliation.conftest import DAY, NEXT
from tests.reconciliation.loading import row

API = "/api/v1/reconciliation-runs"
PAGES = ["/console/reconciliation", "/console/reconciliation/2026-03-01", "/console/match-rules"]


@pytest.fixture
async def made(hospital):
    """A hospital whose first of March was run: one amount differs."""
    found = await hospital()
    await found.files(DAY, {"A": 100, "B": 50}, {"A": 100, "B": 50}, {"A": 130, "B": 50})
    await found.run()
    return found


async def test_pages_show_the_day_its_sums_and_its_classes(made, staff):
    finance = await staff(made.client, rights.READ, rights.RUN)
    listed = (await finance.get(PAGES[0])).text
    assert "AM1 1" in listed and "有差异" in listed and PAGES[1] in listed
    page = (await finance.get(PAGES[1])).text
    assert "金额不符" in page and "重新对账" in page and "HIS" in page
    assert "/console/differences?start=2026-03-01&amp;until=2026-03-01&amp;state=all&amp;class=AM1" in page


async def test_a_day_without_differences_tells_of_earlier_ones_that_are_open(made, staff):
    await made.files(NEXT, {"C": 10}, {"C": 10}, {"C": 10})
    await made.run(NEXT)
    finance = await staff(made.client, rights.READ)
    page = (await finance.get(f"/console/reconciliation/{NEXT}")).text
    assert "本日没有差异" in page and "还有 1 条差异没有平" in page and f"/console/differences?until={NEXT}" in page
    english = (await finance.get(f"/console/reconciliation/{NEXT}?lang=en")).text
    assert "1 difference of an earlier bill day was still open" in english


@pytest.mark.parametrize("path", [*PAGES, API, f"{API}/2026-03-01", f"{API}/2026-03-01/result", "/api/v1/match-rules"])
async def test_nobody_sees_reconciliation_without_the_right(made, staff, path):
    stranger = await staff(made.client, "billing.bill.read")
    assert (await stranger.get(path)).status_code == 403


async def test_another_client_does_not_see_a_day(made, hospital, staff):
    other = await hospital()
    stranger = await staff(other.client, rights.READ)
    assert (await stranger.get(f"{API}/2026-03-01")).status_code == 404
    assert (await stranger.get(API)).json()["items"] == []


async def test_the_api_runs_closes_and_opens_a_day_with_two_people(made, staff, settle):
    maker = await staff(made.client, rights.READ, rights.RUN)
    checker = await staff(made.client, rights.READ, rights.CLOSE, "jobs.read")
    assert (await maker.post(f"{API}/2026-03-01/close")).status_code == 403
    refused = await checker.post(f"{API}/2026-03-01/close")
    assert (refused.status_code, refused.json()["code"]) == (409, "DAY_NOT_CLOSEABLE")
    await made.files(DAY, {"A": 130, "B": 50}, {"A": 130, "B": 50}, {"A": 130, "B": 50})
    started = await maker.post(f"{API}/2026-03-01/run")
    assert started.status_code == 202
    await settle(made.client)
    job = (await checker.get(f"/api/v1/jobs/{started.json()['job_id']}")).json()
    assert (job["status"], job["result"]["status"]) == ("done", "balanced")
    closed = await checker.post(f"{API}/2026-03-01/close")
    assert (closed.status_code, closed.json()["status"]) == (200, "closed")
    again = await maker.post(f"{API}/2026-03-01/run")
    assert (again.status_code, again.json()["code"]) == (409, "DAY_CLOSED")
    assert (await checker.post(f"{API}/2026-03-01/reopen", json={"reason": " "})).status_code == 422
    opened = await checker.post(f"{API}/2026-03-01/reopen", json={"reason": "渠道更正"})
    assert opened.json()["status"] == "balanced"


async def test_the_result_in_the_api_is_what_the_command_prints(made, staff):
    finance = await staff(made.client, rights.READ)
    said = (await finance.get(f"{API}/2026-03-01/result")).json()
    assert (said["difference_count"], said["open_count"], said["matched"]["2026-03-01"]["total"]["rows"]) == (1, 1, 1)
    assert (await finance.get(f"{API}/2026-03-05/result")).status_code == 404


async def test_a_day_is_run_closed_and_opened_on_its_page(made, staff, settle):
    maker = await staff(made.client, rights.READ, rights.RUN)
    checker = await staff(made.client, rights.READ, rights.CLOSE)
    await made.files(DAY, {"A": 130}, {"A": 130}, {"A": 130})
    done = await maker.post("/console/reconciliation/2026-03-01/run")
    assert done.status_code == 303 and "/console/jobs/" in done.headers["location"]
    await settle(made.client)
    assert 'aria-disabled="true"' not in (await checker.get(PAGES[1])).text
    assert (await checker.post("/console/reconciliation/2026-03-01/close")).headers["location"] == PAGES[1]
    page = (await checker.get(PAGES[1])).text
    assert "已关账" in page and "重新打开" in page
    await checker.post("/console/reconciliation/2026-03-01/reopen", data={"reason": "更正"})
    assert "关账" in (await checker.get(PAGES[1])).text


async def test_rules_are_added_tried_moved_and_removed_on_their_page(made, staff):
    finance = await staff(made.client, rights.READ, rights.RUN)
    form = {"title": "三毛", "kind": "tolerance", "what": "amount", "fen": "0.30", "ppm": "0", "day": "2026-03-01"}
    tried = await finance.post("/console/match-rules", data=form | {"act": "try"})
    assert "金额相差 0.30 元，在容差之内" in tried.text and "还没有匹配规则" in tried.text
    bad = await finance.post("/console/match-rules", data=form | {"act": "add", "fen": "0"})
    assert bad.status_code == 422 and "请填写容差" in bad.text
    assert (await finance.post("/console/match-rules", data=form | {"act": "add"})).status_code == 303
    [rule] = (await finance.get("/api/v1/match-rules")).json()
    assert (rule["title"], rule["parameters"]["fen"], rule["active"]) == ("三毛", 30, True)
    assert (await finance.post(f"/console/match-rules/{rule['id']}/off")).status_code == 303
    assert (await finance.get("/api/v1/match-rules")).json()[0]["active"] is False
    assert (await finance.delete(f"/api/v1/match-rules/{rule['id']}")).status_code == 204
    assert (await finance.post(f"/console/match-rules/{rule['id']}/on")).status_code == 404


async def test_the_rules_api_orders_tries_and_refuses(made, staff):
    finance = await staff(made.client, rights.READ, rights.RUN)
    ids = []
    for title in ("一", "二"):
        answer = await finance.post("/api/v1/match-rules", json={"title": title, "kind": "tolerance", "parameters": {"fen": 30}})
        assert answer.status_code == 201
        ids.append(answer.json()["id"])
    ordered = await finance.put("/api/v1/match-rules/order", json={"ids": ids[::-1]})
    assert [rule["id"] for rule in ordered.json()] == ids[::-1]
    assert (await finance.put("/api/v1/match-rules/order", json={"ids": ids[:1]})).status_code == 422
    tried = await finance.post("/api/v1/match-rules/dry-run?day=2026-03-01", json={"title": "试", "kind": "tolerance", "parameters": {"fen": 30}})
    assert [pair["left"] for pair in tried.json()] == [["A"]]
    reader = await staff(made.client, rights.READ)
    assert (await reader.post("/api/v1/match-rules", json={"title": "三", "kind": "tolerance", "parameters": {"fen": 1}})).status_code == 403
    odd = await finance.post("/api/v1/match-rules", json={"title": "三", "kind": "tolerance", "parameters": {"fen": 1.5}})
    assert odd.status_code in (400, 422)


async def test_days_leave_as_excel(made, staff, settle):
    finance = await staff(made.client, rights.READ, "exports.make", "jobs.read")
    started = await finance.post("/console/exports/reconciliation.runs")
    assert started.status_code == 303
    await settle(made.client)
    [job] = (await finance.get("/api/v1/jobs")).json()["items"]
    assert (job["status"], job["kind"]) == ("done", "exports.make")


async def test_a_day_runs_by_itself_once_its_files_are_there(hospital, settle, platform):
    from core.reconciliation.matching import found_repository as repository
    from core.reconciliation.runs import tasks as runs_tasks

    made = await hospital()
    lines = [row("wechatpay", "pay", "A", 100)]
    await made.files(NEXT, lines, lines, lines)
    async with platform.database.tenant(made.id) as session:
        await session.simple("UPDATE core.statement SET created_at = now() - interval '1 minute'")
        await runs_tasks.note_file(session, NEXT)
    await settle(made.client)
    async with platform.database.tenant(made.id) as session:
        run = await repository.find_run(session, NEXT)
    assert (run.status, run.runs, run.made_by) == ("balanced", 1, "系统")
    assert json.loads(json.dumps(run.matched))["total"]["rows"] == 1
