"""A client's member of staff reports a problem, the bank's support answers: both see the same, nobody else does."""

import datetime as dt
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text, update

from core import clock
from core.files.models import stored_file
from core.notices import inbox
from core.support.models import ticket, ticket_entry
from core.support.notices import TICKET_ANSWERED
from core.support.tickets import tasks
from core.support.tickets.figures import ticket_figures
from tests.support.steps import JSON, consents_to, place_of

SAID = {"title": "九月账单金额不对", "text": "学费比收费标准多了 100 元", "severity": "high"}


async def reports(person, page: str = "/console/bills?q=张小明", **more: object) -> UUID:
    """Somebody reports a problem; answers the ticket."""
    return UUID(place_of(await person.post("/console/tickets", data={**SAID, "page": page, **more})).rpartition("/")[2])


@pytest.fixture
def row_of(platform):
    """`await row_of(tenant, ticket_id)`: the row as a tenant has it."""

    async def find(of, ticket_id: UUID):
        async with platform.database.tenant(of.id) as session:
            return await session.one_or_none(select(ticket).where(ticket.c.id == ticket_id))

    return find


@pytest.fixture
async def here(client):
    return await client()


@pytest.fixture
async def teacher(staff, here):
    return await staff(here, "billing.bill.read", name="李老师")


async def test_a_ticket_carries_its_page_its_person_and_its_job(here, bank, teacher, supporter, row_of):
    job_id = uuid4()
    ticket_id = await reports(teacher, f"/console/jobs/{job_id}?x=1")
    own, copy = await row_of(here, ticket_id), await row_of(bank, ticket_id)
    assert (own.page, own.job_id, own.made_by_name, own.status) == (f"/console/jobs/{job_id}", job_id, "李老师", "open")
    assert (copy.client_id, copy.number, copy.title) == (here.id, own.number, SAID["title"])
    page = (await (await supporter()).get(f"/bank/tickets/{ticket_id}")).text
    for told in (here.name, "李老师", "/console/jobs/", SAID["text"], "较急"):
        assert told in page


async def test_what_was_typed_into_a_page_is_not_taken_along(here, teacher, row_of):
    assert (await row_of(here, await reports(teacher))).page == "/console/bills"
    for odd in ("https://evil.example/console", "/bank/clients", "javascript:x"):
        assert (await row_of(here, await reports(teacher, odd))).page == ""


async def test_every_page_of_the_console_has_the_link(teacher):
    assert 'href="/console/tickets/new?page=/console/bills"' in (await teacher.get("/console/bills")).text
    form = (await teacher.get("/console/tickets/new?page=/console/bills")).text
    assert "账单" in form
    assert 'value="/console/bills"' in form


async def test_words_and_papers_are_sealed(platform, here, teacher):
    ticket_id = UUID(
        place_of(
            await teacher.post("/console/tickets", data={**SAID, "page": ""}, files={"file": ("屏幕.png", b"\x89PNG picture", "image/png")})
        ).rpartition("/")[2]
    )
    async with platform.database.tenant(here.id) as session:
        entry = await session.one(select(ticket_entry).where(ticket_entry.c.ticket_id == ticket_id))
        file = await session.one(select(stored_file).where(stored_file.c.id == entry.file_id))
    assert SAID["text"].encode() not in entry.text_sealed
    assert b"picture" not in file.sealed
    answer = await teacher.get(f"/console/tickets/{ticket_id}/files/{entry.id}")
    assert answer.content == b"\x89PNG picture"
    assert "attachment" in answer.headers["content-disposition"]


async def test_support_takes_answers_asks_back_and_solves(here, teacher, supporter, row_of):
    ticket_id, person = await reports(teacher), await supporter()
    await person.post(f"/bank/tickets/{ticket_id}/take")
    assert ((await row_of(here, ticket_id)).status, (await row_of(here, ticket_id)).owner_name) == ("in_progress", "林客服")
    asked = {"target": "waiting_client", "text": "请问是哪一张账单？"}
    await person.post(f"/bank/tickets/{ticket_id}/answers", data=asked)
    row = await row_of(here, ticket_id)
    assert row.status == "waiting_client"
    assert row.answered_at is not None
    assert row.due_at == row.created_at + dt.timedelta(hours=24), "after the first answer the solution is due"
    page = (await teacher.get(f"/console/tickets/{ticket_id}")).text
    assert "客服在等您的答复" in page
    assert "请问是哪一张账单？" in page
    await teacher.post(f"/console/tickets/{ticket_id}/replies", data={"text": "B20260901000017"})
    row = await row_of(here, ticket_id)
    assert row.status == "in_progress"
    assert row.due_at > row.created_at + dt.timedelta(hours=24), "waiting for the client does not count"
    await person.post(f"/bank/tickets/{ticket_id}/answers", data={"target": "resolved", "text": "标准已更正"})
    assert (await row_of(here, ticket_id)).status == "resolved"
    await teacher.post(f"/console/tickets/{ticket_id}/close")
    assert (await row_of(here, ticket_id)).status == "closed"


async def test_who_reported_hears_of_the_answer(platform, here, teacher, supporter):
    ticket_id = await reports(teacher)
    await (await supporter()).post(f"/bank/tickets/{ticket_id}/answers", data={"target": "in_progress", "text": "正在核对"})
    async with platform.database.tenant(here.id) as session:
        entries, _more = await inbox.of_staff(session, {TICKET_ANSWERED.code: TICKET_ANSWERED}, teacher.actor, None)
    assert [(entry.title, entry.href) for entry in entries] == [("工单有答复", f"/console/tickets/{ticket_id}")]


async def test_what_was_solved_is_opened_again_for_some_days(platform, here, teacher, supporter, row_of):
    ticket_id, person = await reports(teacher), await supporter()
    await person.post(f"/bank/tickets/{ticket_id}/answers", data={"target": "resolved", "text": "好了"})
    await teacher.post(f"/console/tickets/{ticket_id}/replies", data={"text": "还是不对"})
    row = await row_of(here, ticket_id)
    assert (row.status, row.resolved_at) == ("in_progress", None)
    await person.post(f"/bank/tickets/{ticket_id}/answers", data={"target": "resolved", "text": "这次好了"})
    async with platform.database.tenant(here.id) as session:
        past = clock.now() - dt.timedelta(days=15)
        await session.execute(update(ticket).where(ticket.c.id == ticket_id).values(resolved_at=past))
    await tasks.close_quiet(platform, here.id)
    assert (await row_of(here, ticket_id)).status == "closed", "a week without a word"
    answer = await teacher.post(f"/console/tickets/{ticket_id}/replies", data={"text": "又不对"})
    assert answer.status_code == 409
    assert "请提交新工单" in answer.text


async def test_colleagues_do_not_see_it_administrators_do_strangers_never(client, here, staff, teacher, administrator):
    ticket_id = await reports(teacher)
    colleague = await staff(here, "billing.bill.read")
    stranger = await administrator(await client())
    for asking in (colleague, stranger):
        assert (await asking.get(f"/console/tickets/{ticket_id}")).status_code == 404
        assert (await asking.post(f"/console/tickets/{ticket_id}/replies", data={"text": "x"})).status_code == 404
        assert (await asking.post(f"/console/tickets/{ticket_id}/close")).status_code == 404
        assert SAID["title"] not in (await asking.get("/console/tickets")).text
    assert SAID["text"] in (await (await administrator(here)).get(f"/console/tickets/{ticket_id}")).text


async def test_the_queue_ends_at_the_branch(here, bank, teacher, supporter, staff):
    ticket_id = await reports(teacher)
    person = await supporter()
    page = (await person.get(f"/bank/tickets?client={here.id}")).text
    assert SAID["title"] in page
    assert "待受理的工单" in (await person.get("/bank")).text
    elsewhere = await supporter(org_id=uuid4())
    assert SAID["title"] not in (await elsewhere.get("/bank/tickets")).text
    assert (await elsewhere.get(f"/bank/tickets/{ticket_id}")).status_code == 404
    assert (await elsewhere.post(f"/bank/tickets/{ticket_id}/take")).status_code == 404
    reader = await staff(bank, "support.ticket.read")
    assert (await reader.get(f"/bank/tickets/{ticket_id}")).status_code == 200
    assert (await reader.post(f"/bank/tickets/{ticket_id}/answers", data={"target": "resolved", "text": "x"})).status_code == 403


async def test_support_asks_for_consent_from_the_ticket_and_enters_at_its_page(here, teacher, supporter, administrator):
    ticket_id, person = await reports(teacher), await supporter()
    page = (await person.get(f"/bank/tickets/{ticket_id}")).text
    assert f"/bank/support/ask?client={here.id}&amp;ticket={ticket_id}" in page
    form = (await person.get(f"/bank/support/ask?client={here.id}&ticket={ticket_id}&purpose=工单")).text
    assert f'<option value="{here.id}" selected>' in form
    asked = {"client": str(here.id), "purpose": "工单", "days": "1", "ticket": str(ticket_id)}
    await person.post("/bank/support/requests", data=asked)
    admin = await administrator(here)
    listed = (await admin.get("/console/support?status=asked")).text
    consent_id = listed.split('href="/console/support/')[-1].split('"')[0]
    assert f"/console/tickets/{ticket_id}" in (await admin.get(f"/console/support/{consent_id}")).text
    await admin.post(f"/console/support/{consent_id}/agree")
    assert "进入查看这一页" in (await person.get(f"/bank/tickets/{ticket_id}")).text
    assert place_of(await person.post(f"/bank/support/views/{consent_id}", data={"page": "/console/bills"})) == "/console/bills"
    assert place_of(await person.post(f"/bank/support/views/{consent_id}", data={"page": "https://evil.example/"})) == "/console"


async def test_a_client_may_consent_from_the_ticket(here, administrator, supporter, teacher):
    admin = await administrator(here)
    ticket_id = await reports(teacher)
    assert f"/console/support/new?ticket={ticket_id}" in (await admin.get(f"/console/tickets/{ticket_id}")).text
    await consents_to(admin)
    assert "进入查看这一页" in (await (await supporter()).get(f"/bank/tickets/{ticket_id}")).text


@pytest.mark.parametrize(
    ("typed", "field"), [({"title": " "}, "title"), ({"text": ""}, "text"), ({"severity": "fatal"}, "text"), ({"title": "x" * 101}, "text")]
)
async def test_what_is_missing_is_said_beside_its_field(teacher, typed, field):
    answer = await teacher.post("/console/tickets", data={**SAID, "page": "", **typed})
    assert answer.status_code == 422
    assert f'id="e-{field}"' in answer.text


async def test_a_step_that_does_not_exist_is_refused(here, teacher, supporter):
    ticket_id, person = await reports(teacher), await supporter()
    await teacher.post(f"/console/tickets/{ticket_id}/close")
    answer = await person.post(f"/bank/tickets/{ticket_id}/answers", data={"target": "resolved", "text": "x"})
    assert answer.status_code == 409
    assert (await person.post(f"/bank/tickets/{ticket_id}/answers", data={"target": "open", "text": "x"})).status_code == 422


async def test_lists_filter_search_and_turn_their_pages(here, staff, teacher):
    for n in range(3):
        await reports(teacher, title=f"问题{n}", severity="low" if n else "urgent")
    assert (await teacher.get("/console/tickets?severity=urgent")).text.count("问题") >= 1
    page = (await teacher.get("/console/tickets?q=问题2&status=live")).text
    assert "问题2" in page
    assert ">问题1<" not in page
    assert (await teacher.get("/console/tickets?status=odd")).status_code == 422
    first = (await teacher.get("/api/v1/tickets?limit=2")).json()
    rest = (await teacher.get(f"/api/v1/tickets?limit=2&cursor={first['next_cursor']}")).json()
    assert [len(first["items"]), len(rest["items"]), rest["next_cursor"]] == [2, 1, None]


async def test_the_api_reports_reads_replies_and_closes(client, here, staff, teacher):
    made = await teacher.post("/api/v1/tickets", json={**SAID, "page": "/console/bills"})
    assert made.status_code == 201
    story = made.json()
    address = f"/api/v1/tickets/{story['ticket']['id']}"
    assert story["ticket"]["page"] == "/console/bills"
    assert (await teacher.post(f"{address}/replies", json={"text": "补充"})).status_code == 201
    assert [entry["what"] for entry in (await teacher.get(address)).json()["entries"]] == ["raised", "replied"]
    assert (await teacher.post(f"{address}/close")).json()["ticket"]["status"] == "closed"
    stranger = await staff(await client(), "billing.bill.read")
    for ask in (stranger.get(address), stranger.post(f"{address}/replies", json={"text": "x"}), stranger.post(f"{address}/close")):
        answer = await ask
        assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (404, "application/problem+json")


@pytest.mark.parametrize("body", [{}, {"title": "x"}, {**SAID, "severity": "fatal"}, {**SAID, "more": 1}, {**SAID, "title": ""}])
async def test_the_api_refuses_what_is_not_whole(teacher, body):
    answer = await teacher.post("/api/v1/tickets", json=body)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_nobody_without_a_log_in(web):
    assert (await web.get("/api/v1/tickets")).status_code == 401
    assert (await web.post("/api/v1/tickets", json=SAID)).status_code == 401
    assert (await web.get("/bank/tickets", headers=JSON)).status_code == 401


async def test_late_ones_are_counted(platform, here, bank, teacher, supporter):
    await reports(teacher)
    late_id = await reports(teacher, severity="urgent")
    person = await supporter()
    await person.post(f"/bank/tickets/{await reports(teacher)}/answers", data={"target": "resolved", "text": "好了"})
    async with platform.database.tenant(bank.id) as session:
        past = clock.now() - dt.timedelta(minutes=1)
        await session.execute(update(ticket).where(ticket.c.id == late_id).values(due_at=past))
        span = (clock.now() - dt.timedelta(days=1), clock.now() + dt.timedelta(days=1))
        found = await ticket_figures(session, None, *span, here.id)
    assert (found.raised, found.open, found.late, found.answered, found.answered_in_time, found.resolved, found.resolved_in_time) == (3, 2, 1, 1, 1, 1, 1)
    assert "已超时" in (await person.get(f"/bank/tickets?status=late&client={here.id}")).text


async def test_the_export_is_what_the_list_shows(here, administrator, teacher, platform, settle):
    await reports(teacher)
    admin = await administrator(here, "jobs.read")
    job = place_of(await admin.post("/console/exports/support.tickets"))
    await settle(here)
    assert "1" in (await admin.get(job)).text
    async with platform.database.tenant(here.id) as session:
        assert await session.scalar(text("SELECT status FROM core.job")) == "done"
