"""The console's bell for checkers; and a publication of thousands is a few statements, again without effect."""

from sqlalchemy import event as engine_event
from sqlalchemy import text

from core import ids
from core.approvals import telling
from core.cashier import notices
from core.notices import service
from core.notices.defaults import EVENTS
from core.notices.schemas import Told
from tests import desk as desks
from tests.approvals.test_console_approvals import CHECK, MAKER, propose


async def test_a_checker_finds_a_proposal_in_the_bell_and_its_maker_does_not(platform, client, staff, settle):
    desk = await desks.opened(platform, client)
    maker, checker = await staff(desk, *MAKER, CHECK), await staff(desk, CHECK)
    stranger = await staff(desk, "billing.bill.read")
    await propose(maker, desk)
    await settle(desk)
    await telling.tell(platform, desk.id)
    assert ">1<" in (await checker.get("/console/inbox/bell")).text
    page = (await checker.get("/console/inbox")).text
    assert "等您复核" in page
    assert "Waiting for you" in (await checker.get("/console/inbox?lang=en")).text
    await checker.get("/console/inbox?lang=zh")
    for other in (maker, stranger):
        assert "等您复核：" not in (await other.get("/console/inbox")).text
    async with platform.database.tenant(desk.id) as session:
        notice_id = await session.scalar(text("SELECT id FROM core.notice WHERE event = 'approval_pending'"))
        assert await session.scalar(text("SELECT count(*) FROM core.notice WHERE event = 'approval_pending'")) == 1
    opened = await checker.post(f"/console/inbox/{notice_id}/open")
    assert opened.headers["location"].startswith("/console/approvals/")
    assert ">1<" not in (await checker.get("/console/inbox/bell")).text
    assert (await stranger.post(f"/console/inbox/{notice_id}/open")).headers["location"] == "/console/inbox"


async def test_all_marked_as_read_by_one_press_are_unread_again_by_another(platform, client, staff, settle):
    desk = await desks.opened(platform, client)
    maker, checker = await staff(desk, *MAKER, CHECK), await staff(desk, CHECK)
    await propose(maker, desk)
    await settle(desk)
    answer = await checker.post("/console/inbox/seen")
    assert answer.status_code == 303
    page = (await checker.get("/console/inbox")).text
    assert "1 条已标为已读" in page
    assert ">1<" not in (await checker.get("/console/inbox/bell")).text
    at = page.split('name="at" value="')[1].split('"')[0]
    stranger = await staff(desk, CHECK)
    await stranger.post("/console/inbox/unseen", data={"at": at})
    assert ">1<" not in (await checker.get("/console/inbox/bell")).text, "nobody takes another's back"
    assert (await checker.post("/console/inbox/unseen", data={"at": at})).status_code == 303
    assert ">1<" in (await checker.get("/console/inbox/bell")).text
    for odd in ("", "yesterday", "2026-11-22T10:00:00"):
        assert (await checker.post("/console/inbox/unseen", data={"at": odd})).status_code == 404


async def test_a_checker_of_another_unit_is_not_told(platform, client, staff, settle):
    desk = await desks.opened(platform, client)
    maker = await staff(desk, *MAKER)
    west, east = await staff(desk, CHECK, org_id=desk.units["西区"]), await staff(desk, CHECK, org_id=desk.units["东区"])
    await propose(maker, desk)
    await settle(desk)
    assert "等您复核：" in (await east.get("/console/inbox")).text
    assert "等您复核：" not in (await west.get("/console/inbox")).text


async def bound_families(platform, desk, count: int) -> None:
    """Many people, each with a bill of one publication and a bound payer."""
    async with platform.database.tenant(desk.id) as session:
        await session.execute(
            text("""
            WITH people AS (
                INSERT INTO core.party (id, plugin, number, name, name_pinyin, org_id)
                SELECT gen_random_uuid(), 'test', 'N' || n, '王小' || n, 'x', :org FROM generate_series(1, :count) n RETURNING id, number),
            payers AS (
                INSERT INTO core.payer (id, phone_sealed, phone_index, phone_masked)
                SELECT id, '\\x00', CAST(CAST(id AS text) AS bytea), '138****0000' FROM people),
            ties AS (
                INSERT INTO core.binding (id, payer_id, party_id, relation, method, is_primary, status)
                SELECT gen_random_uuid(), id, id, '母', 'code', true, 'bound' FROM people)
            INSERT INTO core.bill (id, number, pay_code, party_id, plugin, source, title, period, amount_fen, discount_fen, status,
                                   due_on, visible_from, issued_at,
                                   org_id, allow_partial, allow_merge)
            SELECT gen_random_uuid(), 'BX' || number, 'P' || number, id, 'test', 'plan:many', '学费', '2026', 10000, 0, 'issued', CURRENT_DATE + 3,
                   now(), now(), :org, true, true FROM people
            """),
            {"count": count, "org": desk.units["东一班"]},
        )


async def test_eight_thousand_bills_are_told_in_a_handful_of_statements_and_once(platform, client):
    desk = await desks.opened(platform, client)
    await bound_families(platform, desk, 8000)
    seen = []
    engine = platform.database._engine.sync_engine

    def count(*given: object) -> None:
        seen.append(given[2])

    engine_event.listen(engine, "before_cursor_execute", count)
    try:
        async with platform.database.tenant(desk.id) as session:
            assert await notices.tell_of_new_bills(session, "plan:many") == 8000
    finally:
        engine_event.remove(engine, "before_cursor_execute", count)
    assert len(seen) <= 5
    async with platform.database.tenant(desk.id) as session:
        assert await notices.tell_of_new_bills(session, "plan:many") == 0
        assert await session.scalar(text("SELECT count(*) FROM core.notice WHERE run = 'plan:many'")) == 16_000


async def test_any_feature_tells_the_payers_of_its_people_once(platform, client):
    desk = await desks.opened(platform, client)
    await bound_families(platform, desk, 3)
    async with platform.database.tenant(desk.id) as session:
        people = [row.id for row in await session.all(text("SELECT id FROM core.party WHERE number LIKE 'N%'"))]
        facts = {"name": "王**", "title": "停水", "amount": "1.00", "due_on": "2026-09-01"}
        told = [Told(occasion=f"outage:{ids.uuid7()}", party_id=person, facts=facts) for person in people]
        assert await service.tell(session, EVENTS["reminder"], told) == 3
        assert await service.tell(session, EVENTS["reminder"], told) == 0
        assert await service.tell(session, EVENTS["reminder"], []) == 0
