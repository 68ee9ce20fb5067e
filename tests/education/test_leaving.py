"""A student leaves: what the policies give back stands as a draft, moves nothing by itself, and is put away when the student stays."""

import asyncio
import datetime as dt

import pytest
from sqlalchemy import text

from core.errors import Conflict
from core.identity import audit
from core.refunds import lists_repository
from core.refunds.words import CAUSES
from plugins.education.plans.errors import PlanMoved
from plugins.education.refunding import leaving
from plugins.education.refunding.rules import RULES, Charged
from plugins.education.roster import service as roster
from plugins.education.roster.steps import Followed
from tests.education import schools
from tests.education.pure.fees import TERM
from tests.education.pure.rosters import student
from tests.pages.counting import counted
from tests.refunds.scripted import Scripted

LEAVES = dt.date(2026, 10, 10)
FINANCE = ("refunds.refund.make", "refunds.refund.read", "billing.bill.read", "education.student.read")
CHECKER = ("refunds.refund.check", "refunds.refund.read")
REGISTRAR = ("education.student.read", "education.student.manage", "billing.status.read")
STUDENTS = "/api/v1/education/students"


@pytest.fixture
def channel(platform):
    """A channel that gives back at once, in WeChat Pay's place."""
    before = platform.channels["wechatpay"]
    platform.channels["wechatpay"] = scripted = Scripted()
    scripted.usual = "succeeded"
    yield scripted
    platform.channels["wechatpay"] = before


async def policy(platform, school, rule: str) -> None:
    async with platform.database.tenant(school.tenant_id) as session:
        await session.execute(text("UPDATE core.fee_item SET refundable_policy = :rule"), {"rule": rule})


async def billed(platform, school, rule: str = "term_third", n: int = 1):
    """The first students at school, each with a bill for tuition that is not paid yet."""
    await policy(platform, school, rule)
    there = [row for row in (await schools.students(platform, school)).values() if (row.status, row.student_type) == ("在读", "普通")]
    await schools.publish(platform, school, await schools.approved_plan(platform, school, item_codes=("TUITION",)))
    return sorted(there, key=lambda row: row.student_no)[:n]


async def pay(platform, school, child):
    (bill,) = await schools.bills_of(platform, school, child.student_no)
    await schools.pay(platform, school, bill, bill.amount_fen)
    return bill


async def paid(platform, school, rule: str = "term_third"):
    """Somebody at school who paid the tuition."""
    (child,) = await billed(platform, school, rule)
    return child, await pay(platform, school, child)


async def move(platform, school, child, status: str, why: str = "举家迁往外地", on: dt.date | None = LEAVES, settings=None):
    async with platform.database.tenant(school.tenant_id) as session:
        given = {"settings": settings if settings is not None else school.client.settings, "effective_on": on}
        return await roster.change_status(session, child.id, status, why, school.maker, **given)


async def refunds(platform, school, child):
    async with platform.database.tenant(school.tenant_id) as session:
        return await session.all(text("SELECT * FROM core.refund WHERE party_id = :id ORDER BY id"), {"id": child.id})


async def status_of(platform, school, child) -> str:
    return (await schools.students(platform, school))[child.student_no].status


@pytest.mark.parametrize("status", ["退学", "转学", "休学"])
async def test_leaving_drafts_what_the_policy_gives_back_and_moves_nothing(platform, school, status):
    child, bill = await paid(platform, school)
    told = await move(platform, school, child, status)
    (draft,) = await refunds(platform, school, child)
    fen, _ = RULES["term_third"](Charged(bill.amount_fen, (TERM,)), LEAVES)
    assert (told.why, told.drafts) == ("drafted", (draft.id,))
    assert (draft.status, draft.amount_fen, draft.bill_id, draft.effective_on, draft.cause, draft.reason) == (
        "draft", fen, bill.id, LEAVES, status, "举家迁往外地",
    )  # fmt: skip
    assert draft.lines == [{"line_no": 1, "amount_fen": fen}]
    assert (draft.org_id, draft.policy[0]["amount_fen"]) == (bill.org_id, fen)
    async with platform.database.tenant(school.tenant_id) as session:
        moved = await session.scalar(text("SELECT sum(held_fen + refunded_fen) FROM core.payment"))
        waits = await session.scalar(text("SELECT count(*) FROM core.approval WHERE status = 'waiting'"))
        items = await session.scalar(text("SELECT count(*) FROM core.refund_item"))
        seen = await lists_repository.list_of_family(session, [child.id], [bill.id])
    assert (moved, waits, items, list(seen)) == (0, 0, 0, []), "nothing is held, asked for or sent, and the family sees nothing"


async def test_pressed_twice_it_is_one_draft(platform, school):
    child, _bill = await paid(platform, school)
    done = await asyncio.gather(*(move(platform, school, child, "退学") for _ in range(3)), return_exceptions=True)
    assert sorted(isinstance(each, Conflict) for each in done) == [False, True, True]
    assert len(await refunds(platform, school, child)) == 1


async def test_a_pause_that_becomes_a_leave_keeps_its_one_draft(platform, school):
    child, _bill = await paid(platform, school)
    await move(platform, school, child, "休学")
    told = await move(platform, school, child, "退学", on=dt.date(2026, 12, 1))
    (draft,) = await refunds(platform, school, child)
    assert (told.why, told.drafts, draft.effective_on) == ("drafted", (), LEAVES), "service ended with the pause"


async def test_who_paid_nothing_gets_no_draft_and_is_told_why(platform, school):
    (child,) = await billed(platform, school)
    told = await move(platform, school, child, "退学")
    assert (told.why, await refunds(platform, school, child)) == ("nothing_paid", [])


async def test_where_the_policy_gives_nothing_there_is_no_draft(platform, school):
    child, _bill = await paid(platform, school, "none")
    told = await move(platform, school, child, "转学")
    assert (told.why, await refunds(platform, school, child)) == ("nothing_back", [])


async def test_a_policy_that_nobody_can_reckon_leaves_the_amount_to_a_person(platform, school):
    child, _bill = await paid(platform, school, "按合同约定")
    await move(platform, school, child, "退学")
    (draft,) = await refunds(platform, school, child)
    assert (draft.status, draft.amount_fen, draft.lines) == ("draft", 0, [])


async def test_a_pause_gives_nothing_back_where_the_school_says_so(platform, school):
    child, _bill = await paid(platform, school)
    told = await move(platform, school, child, "休学", settings={"education": {"suspension_refund": False}})
    assert (told.why, await refunds(platform, school, child)) == ("not_suspended", [])


async def test_coming_back_puts_the_draft_away_and_leaving_again_makes_another(platform, school):
    child, _bill = await paid(platform, school)
    await move(platform, school, child, "退学")
    assert (await move(platform, school, child, "在读", "不走了")).why == "withdrawn"
    assert [row.status for row in await refunds(platform, school, child)] == ["dropped"]
    await move(platform, school, child, "退学")
    assert [row.status for row in await refunds(platform, school, child)] == ["dropped", "draft"]


async def test_a_graduate_needs_no_refund(platform, school):
    child, _bill = await paid(platform, school)
    assert await move(platform, school, child, "毕业") == Followed()
    assert await refunds(platform, school, child) == []


async def submitted(finance, draft, body=None, key="submit-draft-0001"):
    line = {"line_no": 1, "amount_fen": draft.amount_fen}
    given = {"bill_id": str(draft.bill_id), "amount_fen": draft.amount_fen, "lines": [line], "reason": draft.reason, "cause": draft.cause}
    given |= {"effective_on": str(LEAVES)} | (body or {})
    return await finance.post(f"/api/v1/refunds/{draft.id}/submit", json=given, headers={"idempotency-key": key})


async def agree(http) -> list[int]:
    waiting = (await http.get("/api/v1/approvals")).json()["items"]
    return [
        (await http.post(f"/api/v1/approvals/{each['id']}/approve", json={}, headers={"idempotency-key": each["id"]})).status_code
        for each in waiting
    ]


async def test_a_draft_goes_the_ordinary_way_once_somebody_submits_it(platform, school, staff, settle, channel):
    child, _bill = await paid(platform, school)
    registrar, finance, checker = [await staff(school.client, *rights) for rights in (REGISTRAR, (*FINANCE, "refunds.refund.check"), CHECKER)]
    version = (await registrar.get(f"{STUDENTS}/{child.id}")).json()["version"]
    gone = {"status": "退学", "reason": "举家迁往外地", "version": version, "effective_on": str(LEAVES)}
    answer = await registrar.post(f"{STUDENTS}/{child.id}/status", json=gone)
    assert (answer.status_code, answer.json()["leaving"]["refund"], answer.json()["leaving"]["unpaid_bills"]) == (200, "drafted", 0), answer.text
    (draft,) = await refunds(platform, school, child)
    assert answer.json()["leaving"]["draft_ids"] == [str(draft.id)]
    assert (await submitted(registrar, draft)).status_code == 403, "who keeps the roster asks for no money"
    assert (await finance.get("/api/v1/refunds")).json()["items"] == []
    assert [row["id"] for row in (await finance.get("/api/v1/refunds", params={"status": "draft"})).json()["items"]] == [str(draft.id)]
    made = await submitted(finance, draft)
    assert (made.status_code, made.json()["status"]) == (200, "requested"), made.text
    assert (await submitted(finance, draft)).json()["id"] == made.json()["id"], "the same key is the same request"
    again = await submitted(finance, draft, key="submit-draft-0002")
    assert (again.status_code, again.json()["code"]) == (409, "REFUND_NOT_WAITING")
    assert (await finance.post(f"/api/v1/refunds/{draft.id}/drop", json={"reason": "算错"})).status_code == 409
    proposal = (await finance.get("/api/v1/approvals", params={"tab": "mine"})).json()["items"][0]["id"]
    own = await finance.post(f"/api/v1/approvals/{proposal}/approve", json={}, headers={"idempotency-key": "own-approval-1"})
    assert (own.status_code, own.json()["code"]) == (409, "SELF_APPROVAL")
    assert await agree(checker) == [200]
    await settle(school.client)
    assert [(row.status, row.refunded_fen) for row in await refunds(platform, school, child)] == [("success", draft.amount_fen)]
    assert list(channel.moved.values()) == [draft.amount_fen]
    assert await status_of(platform, school, child) == "退学"


async def test_a_draft_of_another_part_of_the_school_does_not_exist(platform, school, staff):
    child, _bill = await paid(platform, school)
    await move(platform, school, child, "退学")
    (draft,) = await refunds(platform, school, child)
    elsewhere = next(row.class_id for row in (await schools.students(platform, school)).values() if row.class_id != child.class_id)
    stranger = await staff(school.client, *FINANCE, org_id=elsewhere)
    assert (await submitted(stranger, draft)).status_code == 404
    assert (await stranger.post(f"/api/v1/refunds/{draft.id}/drop", json={"reason": "x"})).status_code == 404
    assert (await stranger.get(f"/console/refunds/new?draft={draft.id}")).status_code == 404


async def test_a_draft_is_looked_at_and_put_away_on_its_page(platform, school, staff):
    child, bill = await paid(platform, school)
    await move(platform, school, child, "退学")
    (draft,) = await refunds(platform, school, child)
    finance = await staff(school.client, *FINANCE)
    here = f"/console/refunds/{draft.id}"
    assert "核对并提交" in (await finance.get(here)).text
    form = (await finance.get(f"/console/refunds/new?draft={draft.id}")).text
    assert all(said in form for said in (bill.number, 'value="2026-10-10"', "举家迁往外地", str(draft.id)))
    assert (await finance.post(f"{here}/drop", data={"reason": " "})).status_code == 422
    assert (await finance.post(f"{here}/drop", data={"reason": "家长同意不退"})).status_code == 303
    assert [row.status for row in await refunds(platform, school, child)] == ["dropped"]
    assert (await finance.post("/console/refunds/new", data={"draft": str(draft.id), "bill": str(bill.id), "amount": "1", "why": "退学"})).status_code == 409


async def test_the_form_of_a_draft_submits_it(platform, school, staff):
    child, bill = await paid(platform, school)
    await move(platform, school, child, "退学")
    (draft,) = await refunds(platform, school, child)
    finance = await staff(school.client, *FINANCE)
    typed = {"draft": str(draft.id), "bill": str(bill.id), "line_1": "100.00", "why": "退学", "reason": "协商", "effective_on": "2026-10-10"}
    assert (await finance.post("/console/refunds/new", data=typed)).headers["location"].endswith(str(draft.id))
    (asked,) = await refunds(platform, school, child)
    assert (asked.id, asked.status, asked.amount_fen, asked.reason, asked.requested_by_id) == (draft.id, "requested", 10_000, "退学 协商", finance.actor.id)


async def test_the_students_page_and_the_work_list_lead_to_the_draft(platform, school, staff):
    child, _bill = await paid(platform, school)
    desk = await staff(school.client, *FINANCE, "education.student.manage")
    here = f"/console/education/students/{child.id}"
    version = (await schools.students(platform, school))[child.student_no].version
    wrong = await desk.post(f"{here}/status", data={"version": version, "status": "退学", "reason": "x", "effective_on": "0202-01-01"})
    assert (wrong.status_code, 'id="e-effective_on"' in wrong.text) == (409, True)
    gone = {"version": version, "status": "退学", "reason": "举家迁往外地", "effective_on": str(LEAVES)}
    moved = await desk.post(f"{here}/status", data=gone)
    assert moved.status_code == 303, moved.text
    (draft,) = await refunds(platform, school, child)
    page = (await desk.get(here)).text
    assert f"/console/refunds/{draft.id}" in page
    assert "草稿" in page
    assert "退款草稿待核对" in (await desk.get("/console")).text


async def test_a_students_page_says_why_nothing_goes_back_and_what_is_unpaid(platform, school, staff):
    (child,) = await billed(platform, school)
    await move(platform, school, child, "退学")
    page = (await (await staff(school.client, *FINANCE)).get(f"/console/education/students/{child.id}")).text
    assert "没有缴过费，不需要退费" in page
    assert "还有 1 张账单未缴清" in page


async def refunded(platform, school, staff, settle, child, bill, cause="退学"):
    """A refund that a parent asked for at the desk, because the child leaves."""
    finance, checker = await staff(school.client, *FINANCE), await staff(school.client, *CHECKER)
    body = {"bill_id": str(bill.id), "amount_fen": 10_000, "reason": f"{cause} 已办手续", "cause": cause, "effective_on": str(LEAVES)}
    made = await finance.post("/api/v1/refunds", json=body, headers={"idempotency-key": "leave-by-refund"})
    assert made.status_code == 201, made.text
    yield made.json()
    assert await agree(checker) == [200]
    await settle(school.client)


@pytest.mark.parametrize(("cause", "status"), [("退学", "退学"), ("转学", "转学"), ("多缴", "在读"), ("休学", "在读")])
async def test_money_back_for_leaving_says_that_the_student_has_left(platform, school, staff, settle, channel, cause, status):
    child, bill = await paid(platform, school)
    async for made in refunded(platform, school, staff, settle, child, bill, cause):
        assert (made["cause"], await status_of(platform, school, child)) == (cause, "在读"), "not before the money is back"
    assert await status_of(platform, school, child) == status
    assert [row.status for row in await refunds(platform, school, child)] == ["success"], "the bill is settled: no draft beside it"


async def test_who_came_back_meanwhile_stays(platform, school, staff, settle, channel):
    child, bill = await paid(platform, school)
    async for _made in refunded(platform, school, staff, settle, child, bill):
        assert (await move(platform, school, child, "退学")).why == "under_way"
        await move(platform, school, child, "在读", "不走了")
    assert await status_of(platform, school, child) == "在读"


async def test_an_unknown_cause_is_refused(platform, school, staff):
    _child, bill = await paid(platform, school)
    finance = await staff(school.client, *FINANCE)
    body = {"bill_id": str(bill.id), "amount_fen": 1, "reason": "x", "cause": "因为"}
    answer = await finance.post("/api/v1/refunds", json=body, headers={"idempotency-key": "unknown-cause"})
    assert (answer.status_code, answer.json()["code"]) == (422, "BAD_REFUND")


async def test_who_left_gets_no_more_bills(platform, school):
    (child,) = await billed(platform, school)
    agreed = await schools.approved_plan(platform, school, code="P2", title="第二批", item_codes=("DORM", "MEAL"))
    await move(platform, school, child, "退学")
    with pytest.raises(PlanMoved):
        await schools.publish(platform, school, agreed)
    later = await schools.approved_plan(platform, school, code="P3", title="第三批", item_codes=("MEAL",))
    await schools.publish(platform, school, later)
    assert [bill.period for bill in await schools.bills_of(platform, school, child.student_no)] == [schools.TERM]
    others = [row for row in (await schools.students(platform, school)).values() if row.status == "在读"]
    assert len(await schools.bills_of(platform, school, others[0].student_no)) == 2


def as_file(child, status: str) -> dict[str, object]:
    """A student's row of a roster with another status."""
    return student(int(child.student_no[-5:]), 学号=child.student_no, 姓名=child.name, 学生状态=status)


async def leave_by_file(platform, school, children) -> dict:
    """A roster says that these have left; answers how often each statement ran."""
    judged = await schools.check(platform, school, "roster", "roster.xlsx", schools.roster_of(*[as_file(child, "退学") for child in children]))
    assert judged.totals.changed == len(children), judged.rows
    with counted() as counts:
        await schools.apply(platform, school, "roster", judged)
    return counts[-1]


@pytest.fixture
async def hand_made(platform, bare_school):
    """A school of fourteen hand-made students with one price of tuition."""
    people = [student(n, 姓名=f"学生{'甲乙丙丁戊己庚辛壬癸子丑寅卯'[n - 1]}") for n in range(1, 15)]
    await schools.load(platform, bare_school, "roster", "roster.xlsx", schools.roster_of(*people))
    fees = schools.fee_file(
        [["TUITION", "学费", "学费", "学期", "是", "是"]], [["TUITION", "学费", "小学部", 9000, "样例〔2026〕1号", "2026-09-01", "2027-08-31"]], []
    )
    await schools.load(platform, bare_school, "standards", "fees.xlsx", fees)
    await schools.approve_standards(platform, bare_school)
    await schools.publish(platform, bare_school, await schools.approved_plan(platform, bare_school, item_codes=("TUITION",)))
    await policy(platform, bare_school, "full")
    there = sorted((await schools.students(platform, bare_school)).values(), key=lambda row: row.student_no)
    for child in there:
        await pay(platform, bare_school, child)
    return bare_school, there


async def test_a_file_of_many_leavers_asks_as_often_as_a_file_of_two(platform, hand_made):
    school, there = hand_made
    two = await leave_by_file(platform, school, there[:2])
    many = await leave_by_file(platform, school, there[2:14])
    assert many.again(two) == []
    for child in there:
        (draft,) = await refunds(platform, school, child)
        assert (draft.status, draft.amount_fen, draft.cause, draft.reason) == ("draft", 900_000, "退学", roster.BY_FILE)
        async with platform.database.tenant(school.tenant_id) as session:
            events = await audit.history(session, "student", child.id)
        assert events[-1]["after"]["refund"] == "drafted"


async def test_the_same_file_again_drafts_nothing_new_and_back_at_school_puts_them_away(platform, hand_made):
    school, there = hand_made
    await leave_by_file(platform, school, there[:3])
    again = await schools.load(platform, school, "roster", "roster.xlsx", schools.roster_of(*[as_file(child, "退学") for child in there[:3]]))
    assert (again.changed, again.unchanged) == (0, 3)
    back = schools.roster_of(*[as_file(child, "在读") for child in there[:3]])
    totals = await schools.load(platform, school, "roster", "roster.xlsx", back)
    assert totals.changed == 3
    assert {row.status for child in there[:3] for row in await refunds(platform, school, child)} == {"dropped"}


def test_the_causes_of_leaving_are_words_of_the_refund_form():
    assert set(leaving.CAUSES) < set(CAUSES)
