"""Differences and remedies at their doors: the pages, the API, and everything that is refused there."""

import datetime as dt

import httpx
import pytest
from sqlalchemy import text

from core import ids, paging
from tests import trade

SEE, MAKE, CHECK = "recon.run.read", "recon.diff.make", "recon.diff.check"


def key() -> dict[str, str]:
    return {"idempotency-key": ids.token()[:32]}


@pytest.fixture
async def maker(house, staff) -> httpx.AsyncClient:
    return await staff(house.client, SEE, MAKE, "exports.make", "jobs.read", name="经办甲")


@pytest.fixture
async def checker(house, staff) -> httpx.AsyncClient:
    return await staff(house.client, SEE, CHECK, "jobs.read", name="复核乙")


async def approval_of(house, subject_id) -> str:
    async with house.tenant() as session:
        return str(await session.scalar(text("SELECT id FROM core.approval WHERE subject_id = :id AND status = 'waiting'"), {"id": subject_id}))


async def test_the_work_list_shows_what_is_open_and_the_rest_apart(house, maker):
    await house.differ("LG1", number="EXT0301111320541746")
    await house.differ("SH1", 7_500, status="expected", number="MZ2026030123595801496S")
    page = (await maker.get("/console/differences")).text
    assert "EXT0301111320541746" in page
    assert "MZ2026030123595801496S" not in page
    assert "一键退回全部长款" in page
    apart = (await maker.get("/console/differences?status=expected")).text
    assert "MZ2026030123595801496S" in apart
    assert "EXT0301111320541746" not in apart


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("q=EXT1", 1), ("q=4200X", 1), ("class=SH1", 1), ("channel=alipay", 0), ("status=all", 4), ("severity=high", 1), ("owner=none", 3),
        ("start=2026-03-02", 0), ("until=2026-03-01", 3), ("least=100", 2), ("most=99.99", 1), ("overdue=1", 1), ("longs=1", 1),
    ],
)  # fmt: skip
async def test_every_filter_narrows_the_list(house, maker, query, count):
    await house.differ("LG1", number="EXT1", channel_number="4200X")
    await house.differ("SH1", 7_500, severity="high", due_at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC))
    await house.differ("FE1", 20_000)
    await house.differ("SH1", 1, status="auto_resolved")
    answer = (await maker.get(f"/api/v1/differences?{query}")).json()
    assert answer["differences"] == count == len(answer["items"])


async def test_a_long_list_comes_in_pages_with_the_sum_of_all(house, maker):
    for n in range(7):
        await house.differ("SH1", 100 + n)
    seen, cursor = [], None
    while True:
        page = (await maker.get("/api/v1/differences", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))).json()
        assert page["amount_fen"] == sum(100 + n for n in range(7))
        seen += [item["code"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 7


async def test_the_page_of_a_difference_says_what_differs_and_what_would_be_posted(house, maker):
    difference_id = await house.differ("LG1", number="EXT0301111320541746", missing_in=["his", "platform"], suspense_id=None)
    await house.line(number="EXT0301111320541746", channel_number="42EXT0301111320541746", amount_fen=20_000)
    page = (await maker.get(f"/console/differences/{difference_id}")).text
    for told in ("渠道长款（无单）", "没有这一笔", "L.SUSP.LONG", "补单入账", "原路退回", "test.csv"):
        assert told in page, told
    assert "核销：" not in page, "nothing is offered that makes no sense"


async def test_what_one_person_may_do_at_once(house, maker):
    difference_id = await house.differ("SH1")
    here = f"/api/v1/differences/{difference_id}"
    assert (await maker.post(here + "/confirm", json={"version": 9})).json()["code"] == "STALE_FORM"
    assert (await maker.post(here + "/confirm", json={"version": 1})).json()["status"] == "confirmed"
    assigned = (await maker.post(here + "/assign", json={"owner_id": maker.actor.id, "due_on": "2026-12-01"})).json()
    assert (assigned["owner_name"], assigned["due_at"]) == ("经办甲", "2026-12-01T15:59:59Z")
    assert (await maker.post(here + "/comments", json={"text": "已问渠道"})).status_code == 201
    assert (await maker.post(here + "/comments", json={"text": " "})).status_code == 422
    paper = {"file": ("凭证.pdf", b"%PDF-1", "application/pdf")}
    assert (await maker.post(f"/console/differences/{difference_id}/comment", data={"text": "凭证"}, files=paper)).status_code == 303
    events = (await maker.get(here + "/events")).json()["items"]
    assert [each["what"] for each in events] == ["confirmed", "assigned", "comment", "attached"]
    file = await maker.get(f"/console/differences/{difference_id}/files/{events[-1]['id']}")
    assert (file.content, file.headers["content-disposition"][:10]) == (b"%PDF-1", "attachment")


async def test_a_remedy_goes_through_two_people(house, maker, checker):
    difference_id = await house.differ("LG1")
    ask = {"difference_id": str(difference_id), "kind": "refund", "reason": "无单长款", "version": 1}
    same = key()
    first = await maker.post("/api/v1/remedies", json=ask, headers=same)
    assert (first.status_code, first.json()["status"]) == (201, "proposed")
    assert (await maker.post("/api/v1/remedies", json=ask, headers=same)).json() == first.json()
    assert (await maker.post("/api/v1/remedies", json=ask)).status_code == 422, "without a key it could happen twice"
    assert (await maker.post("/api/v1/remedies", json=ask, headers=key())).json()["code"] == "STALE_FORM"
    waits = await approval_of(house, first.json()["id"])
    page = (await checker.get(f"/console/approvals/{waits}")).text
    assert "原路退回" in page
    assert "无单长款" in page
    assert (await checker.post(f"/api/v1/approvals/{waits}/approve", json={}, headers=key())).status_code in (200, 201)
    await house.work()
    assert (await maker.get(f"/api/v1/differences/{difference_id}")).json()["status"] == "resolved"
    told = (await maker.get(f"/api/v1/remedies/{first.json()['id']}")).json()
    assert (told["status"], told["refund_id"] is not None) == ("done", True)
    assert (await maker.get("/api/v1/remedies?status=done&kind=refund")).json()["items"] == [told]
    late = await maker.post("/api/v1/remedies", json={**ask, "version": None}, headers=key())
    assert (late.status_code, late.json()["code"]) == (409, "DIFFERENCE_RESOLVED")


async def test_what_the_api_refuses(house, maker, checker, staff, client):
    difference_id = await house.differ("LG1")
    ask = {"difference_id": str(difference_id), "kind": "refund", "reason": "退回"}
    for given, status, code in (
        ({"amount_fen": 20_001}, 409, "REMEDY_TOO_LARGE"),
        ({"amount_fen": 0}, 422, "BAD_REMEDY"),
        ({"kind": "write_off"}, 409, "REMEDY_NOT_OFFERED"),
        ({"kind": "requery"}, 409, "REMEDY_NOT_OFFERED"),
        ({"reason": " "}, 422, "BAD_REMEDY"),
        ({"target": {"way": "cash"}}, 422, "BAD_REMEDY"),
        ({"difference_id": str(house.client.id)}, 404, "DIFFERENCE_NOT_FOUND"),
    ):
        answer = await maker.post("/api/v1/remedies", json=ask | given, headers=key())
        assert (answer.status_code, answer.json()["code"]) == (status, code), given
    assert (await checker.post("/api/v1/remedies", json=ask, headers=key())).status_code == 403
    stranger = await staff(await client(plugins=()), SEE, MAKE)
    assert (await stranger.get(f"/api/v1/differences/{difference_id}")).status_code == 404
    assert (await stranger.post("/api/v1/remedies", json=ask, headers=key())).status_code == 404
    assert (await maker.post("/api/v1/remedies/" + str(house.client.id) + "/reversal", json={"reason": "错"}, headers=key())).status_code == 404


async def test_who_reaches_a_part_of_the_client_does_not_find_its_differences(house, staff):
    difference_id = await house.differ("LG1")
    part = await staff(house.client, SEE, MAKE, org_id=ids.uuid7())
    assert (await part.get(f"/api/v1/differences/{difference_id}")).status_code == 404
    assert (await part.get("/console/differences")).status_code == 404


async def test_a_batch_by_one_click_and_the_maker_cannot_agree(house, staff, maker, checker):
    for n in range(3):
        await house.differ("LG1", 1_000 + n)
    both = await staff(house.client, SEE, MAKE, CHECK, "jobs.read", name="身兼两职")
    made = await both.post("/console/differences/bulk", data={"action": "refund", "reason": "长款退回", "query": ""})
    assert made.status_code == 303
    batch_id = made.headers["location"].rsplit("/", 1)[-1]
    waits = await approval_of(house, batch_id)
    refused = await both.post(f"/api/v1/approvals/{waits}/approve", json={}, headers=key())
    assert (refused.status_code, refused.json()["code"]) == (409, "SELF_APPROVAL")
    again = await both.post("/console/differences/bulk", data={"action": "refund", "reason": "长款退回", "query": ""})
    assert again.headers["location"] == "/console/differences", "everything is in the first batch"
    assert (await checker.post(f"/api/v1/approvals/{waits}/approve", json={}, headers=key())).status_code in (200, 201)
    await house.work()
    told = (await maker.get(f"/api/v1/remedy-batches/{batch_id}")).json()
    assert (told["status"], told["count"], told["amount_fen"], told["statuses"]) == ("done", 3, 3_003, {"done": 3})
    page = (await maker.get(f"/console/remedy-batches/{batch_id}")).text
    assert "RCD260301" in page
    assert [each["id"] for each in (await maker.get("/api/v1/remedy-batches")).json()["items"]] == [batch_id]
    assert (await maker.get("/console/remedy-batches")).status_code == 200
    assert (await maker.post(f"/api/v1/remedy-batches/{batch_id}/run-again")).status_code == 409
    for cursor in (paging.write_cursor(10**30), paging.write_cursor(-1), "x"):
        assert (await maker.get(f"/console/remedy-batches/{batch_id}", params={"cursor": cursor})).status_code in (200, 422)


async def test_a_batch_through_the_api(house, maker):
    first = await house.differ("SH1", 100)
    await house.differ("SH1", 200)
    named = {"kind": "chase", "reason": "追款", "difference_ids": [str(first)]}
    made = await maker.post("/api/v1/remedy-batches", json=named, headers=key())
    assert (made.status_code, made.json()["count"]) == (201, 1)
    rest = await maker.post("/api/v1/remedy-batches", json={"kind": "chase", "reason": "追款", "filter": {"class": "SH1"}}, headers=key())
    assert (rest.json()["count"], rest.json()["amount_fen"]) == (1, 200)
    for given, code in (({"kind": "credit", "filter": {}}, "BAD_REMEDY"), ({"filter": {"class": "XX"}}, "BAD_FILTER"), ({"filter": {}}, "REMEDY_BATCH_EMPTY"),
                        ({}, "INVALID_REQUEST"), ({"difference_ids": []}, "INVALID_REQUEST"),
                        (named | {"filter": {}}, "INVALID_REQUEST")):  # fmt: skip
        answer = await maker.post("/api/v1/remedy-batches", json={"kind": "chase", "reason": "追款"} | given, headers=key())
        assert answer.json()["code"] == code
    assert (await maker.get(f"/api/v1/remedy-batches/{first}")).status_code == 404


async def test_many_are_confirmed_and_assigned_at_once(house, maker):
    found = [await house.differ("SH1", 100 + n) for n in range(3)]
    ticked = {"action": "confirm", "difference": [str(found[0])], "query": ""}
    assert (await maker.post("/console/differences/bulk", data=ticked)).status_code == 303
    assert [(await house.difference(each)).status for each in found] == ["confirmed", "open", "open"]
    everything = {"action": "assign", "owner": maker.actor.id, "due_on": "2026-12-01", "query": "class=SH1"}
    assert (await maker.post("/console/differences/bulk", data=everything)).status_code == 303
    assert {(await house.difference(each)).owner_name for each in found} == {"经办甲"}


async def test_views_are_kept_for_oneself_or_for_all(house, maker, checker):
    await maker.post("/console/difference-views", data={"title": "今日长款", "query": "class=LG1&cursor=x", "shared": "1"})
    await maker.post("/console/difference-views", data={"title": "没人管的", "query": "owner=none"})
    assert "/console/differences?class=LG1" in (await checker.get("/console/differences")).text
    mine = (await maker.get("/console/differences")).text
    assert "没人管的" in mine
    assert "没人管的" not in (await checker.get("/console/differences")).text
    async with house.tenant() as session:
        view_id = await session.scalar(text("SELECT id FROM core.saved_view WHERE title = '没人管的'"))
    assert (await checker.post(f"/console/difference-views/{view_id}/remove")).status_code == 404
    assert (await maker.post(f"/console/difference-views/{view_id}/remove")).status_code == 303


async def test_a_remedy_is_proposed_and_undone_on_the_page(house, maker, checker):
    difference_id = await house.differ("SH1", 7_500)
    form = {"kind": "write_off", "reason": "", "version": "1", "amount": "75.00"}
    refused = await maker.post(f"/console/differences/{difference_id}/remedy", data=form)
    assert refused.status_code == 422
    assert "请填写 1–200 字的处理原因" in refused.text
    assert (await maker.post(f"/console/differences/{difference_id}/remedy", data=form | {"reason": "尾差"})).status_code == 303
    async with house.tenant() as session:
        remedy_id = await session.scalar(text("SELECT id FROM core.recon_remedy"))
    assert (await checker.post(f"/console/approvals/{await approval_of(house, remedy_id)}/approve", data={})).status_code == 303
    assert "E.DIFF" in (await maker.get(f"/console/differences/{difference_id}")).text or (await house.difference(difference_id)).status == "resolved"
    assert (await maker.get(f"/console/remedies/{remedy_id}")).headers["location"] == f"/console/differences/{difference_id}#remedies"
    assert (await maker.post(f"/console/remedies/{remedy_id}/undo", data={"reason": "核销错了"})).status_code == 303
    assert (await checker.post(f"/console/approvals/{await approval_of(house, remedy_id)}/approve", data={})).status_code == 303
    assert ((await house.difference(difference_id)).status, await house.stands("E.DIFF")) == ("confirmed", 0)


async def test_the_business_system_polls_and_answers(house, maker):
    difference_id = await house.differ("LG2", 8_500, bill_number="B26030100000582")
    remedy_id = await house.done(difference_id, "repost")
    [asked] = (await maker.get("/api/v1/reposts")).json()["items"]
    assert (asked["bill_number"], asked["amount_fen"], asked["times_fetched"]) == ("B26030100000582", 8_500, 0)
    assert (await maker.get("/api/v1/reposts")).json()["items"][0]["times_fetched"] == 1, "told again until it is answered"
    word = {"accepted": True, "serial": "HIS2603020000050"}
    for _ in range(2):
        assert (await maker.post(f"/api/v1/reposts/{remedy_id}/answer", json=word)).json() == {"status": "done"}
    contrary = await maker.post(f"/api/v1/reposts/{remedy_id}/answer", json={"accepted": False})
    assert (contrary.status_code, contrary.json()["code"]) == (409, "REMEDY_NOT_WAITING")
    assert (await maker.get("/api/v1/reposts")).json()["items"] == []
    assert (await house.difference(difference_id)).status == "resolved"


async def test_asking_the_channel_books_what_it_says_was_paid(house, maker, monkeypatch):
    number = await trade.order(house.platform, house.trade, [(house.bills[0], 95_000)])
    difference_id = await house.differ("LG3", 95_000, number=number)
    said = []

    async def query(account, order):
        said.append(order.number)
        return trade.success(order.number, 95_000)

    monkeypatch.setattr(house.channel, "query", query, raising=False)
    told = (await maker.post(f"/api/v1/differences/{difference_id}/requery")).json()
    assert (told["state"], told["outcome"], said) == ("succeeded", "booked", [number])
    found = await house.difference(difference_id)
    assert (found.status, found.resolution) == ("resolved", "requery")
    assert await house.faults() == {}
    elsewhere = await house.differ("SH1", merchant_number="1999000311")
    answer = await maker.post(f"/api/v1/differences/{elsewhere}/requery")
    assert (answer.status_code, answer.json()["code"]) == (409, "CHANNEL_CANNOT_TELL")


async def test_rules_give_new_differences_an_owner_and_a_day(house, maker):
    from core.reconciliation.differences import assignments

    rule = {"title": "长款归经办甲", "classes": ["LG1", "DP1"], "least": "100", "owner": maker.actor.id, "days": "2"}
    assert (await maker.post("/console/difference-assignments", data=rule)).status_code == 303
    page = (await maker.get("/console/difference-assignments")).text
    assert "长款归经办甲" in page
    assert "紧急 1 天、高 3 天、中 5 天、低 7 天" in page
    large, small, other = await house.differ("LG1"), await house.differ("LG1", 9_999), await house.differ("SH1", severity="critical")
    async with house.tenant() as session:
        assert await assignments.assign_new(session, dt.date(2026, 3, 1)) == 1
        assert await assignments.assign_new(session, dt.date(2026, 3, 1)) == 0
    assert (await house.difference(large)).owner_name == "经办甲"
    assert (await house.difference(small)).owner_id is None
    assert (await house.difference(other)).due_at < (await house.difference(large)).due_at < (await house.difference(small)).due_at
    dated = await house.differ("DP1", due_at=dt.datetime(2099, 1, 1, tzinfo=dt.UTC))
    async with house.tenant() as session:
        assert await assignments.assign_new(session, dt.date(2026, 3, 1)) == 1
    assert (await house.difference(dated)).due_at == (await house.difference(large)).due_at, "a rule's days go before the severity's"
    async with house.tenant() as session:
        rule_id = await session.scalar(text("SELECT id FROM core.recon_assignment"))
    for action in ("down", "up", "off", "on", "remove"):
        assert (await maker.post(f"/console/difference-assignments/{rule_id}/{action}")).status_code == 303
    assert (await maker.post(f"/console/difference-assignments/{rule_id}/on")).status_code == 404
