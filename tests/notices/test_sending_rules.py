"""Quiet hours, the cap a day, what payers leave out, dead notices and their second round — against the sandbox over HTTP."""

import datetime as dt

import httpx
import pytest
from sqlalchemy import text

from core import clock
from core.cashier import notices
from core.hookspecs import PaymentRefunded
from core.ids import uuid7
from core.notices import repository, sending
from tests import families


@pytest.fixture
def noon(monkeypatch):
    """It is noon in Shanghai."""
    moment = dt.datetime.combine(clock.today(), dt.time(12), clock.SHANGHAI).astimezone(dt.UTC)
    monkeypatch.setattr(clock, "now", lambda: moment)
    return moment


@pytest.fixture
async def parent(school, browser, sms):
    phone = browser()
    await families.bind(phone, sms, school, school.children[0])
    return phone


@pytest.fixture
async def outside(outside_world):
    async with httpx.AsyncClient(base_url=outside_world, trust_env=False, follow_redirects=True) as asking:
        yield asking
        await asking.put("/sandbox/api/faults", json={"faults": []})


async def misbehave(outside, phone: str, kind: str, **given: object) -> None:
    fault = {"kind": kind, "mchid": phone, **given}
    answer = await outside.put("/sandbox/api/faults", json={"faults": [fault]})
    assert answer.status_code == 200, answer.text


async def bill_and_tell(platform, school, number: int = 0, **given: object):
    """A bill of a child, told by day whatever the clock of the machine says."""
    bill_id = await families.bill(platform, school, school.children[number], **given)
    async with platform.database.tenant(school.id) as session:
        source = await session.scalar(text("SELECT source FROM core.bill WHERE id = :id"), {"id": bill_id})
        await notices.tell_of_new_bills(session, source)
    return source


async def states(platform, school, event: str = "bill_issued") -> list[tuple[str, str]]:
    return [(n.status, n.reason or "") for n in await families.notices(platform, school.id) if n.event == event]


async def test_a_bill_reaches_phone_and_inbox_and_is_reported_as_delivered(platform, school, parent, connected, noon, outside):
    await bill_and_tell(platform, school)
    await sending.send_due(platform, school.id)
    assert await states(platform, school) == [("sent", "")]
    async with platform.database.tenant(school.id) as session:
        await session.execute(text("UPDATE core.notice SET due_at = :noon WHERE status = 'sent'"), {"noon": noon})
    await sending.ask_what_arrived(platform, school.id)
    assert await states(platform, school) == [("delivered", "")]
    (entry,) = await families.notices(platform, school.id, inbox=True)
    assert (entry.status, entry.facts["amount"], entry.to_sealed) == ("delivered", "950.00", None)
    page = await parent.get(f"{school.home}/notices")
    assert "账单已出" in page.text
    assert "950.00" in page.text
    assert "New bill" in (await parent.get(f"{school.home}/notices?lang=en")).text
    await parent.get(f"{school.home}?lang=zh")


async def test_a_lost_answer_is_tried_again_under_the_same_number_and_arrives_once(platform, school, parent, connected, noon, outside):
    phone = school.children[0].phones[0][0]
    await misbehave(outside, phone, "text_error", remaining=1)
    await bill_and_tell(platform, school)
    await sending.send_due(platform, school.id)
    assert await states(platform, school) == [("queued", "HTTP 500")]
    async with platform.database.tenant(school.id) as session:
        await session.execute(text("UPDATE core.notice SET due_at = :noon, status = 'queued' WHERE means = 'sms'"), {"noon": noon})
    await sending.send_due(platform, school.id)
    async with platform.database.tenant(school.id) as session:
        await session.execute(text("UPDATE core.notice SET due_at = :noon, status = 'queued' WHERE event = 'bill_issued' AND means = 'sms'"), {"noon": noon})
    await sending.send_due(platform, school.id)  # as after a crash between the gateway's yes and our note of it
    kept = (await outside.get("/sandbox/api/sms", params={"phone": phone})).json()
    assert len([m for m in kept if "账单已出" in m["text"]]) == 1


async def test_a_refused_notice_is_dead_with_its_reason_and_can_be_sent_again_by_staff(
    platform, school, parent, connected, noon, outside, staff
):
    phone = school.children[0].phones[0][0]
    await misbehave(outside, phone, "text_refuse", remaining=1)
    await bill_and_tell(platform, school)
    await sending.send_due(platform, school.id)
    assert await states(platform, school) == [("failed", "号码在黑名单中")]
    desk = await staff(school, "notices.read", "notices.manage")
    found = (await desk.get("/api/v1/notices?status=failed")).json()
    assert [(row["means"], row["reason"], row["to"][:3], row["name"]) for row in found["items"]] == [("sms", "号码在黑名单中", "138", "张**")]
    page = (await desk.get("/console/notices?status=failed")).text
    assert "号码在黑名单中" in page
    assert phone not in page
    notice_id = found["items"][0]["id"]
    assert (await desk.post(f"/api/v1/notices/{notice_id}/resend")).status_code == 202
    assert (await desk.post(f"/api/v1/notices/{notice_id}/resend")).json()["code"] == "NOTICE_NOT_RESENDABLE"
    await sending.send_due(platform, school.id)
    assert (await states(platform, school))[0][0] == "sent"
    (sent,) = [n for n in await families.notices(platform, school.id) if n.event == "bill_issued"]
    assert sent.provider_id.endswith("02"), "another round has another number"
    one = (await desk.get(f"/api/v1/notices/{notice_id}")).json()
    assert "账单已出" in one["text"]
    assert (await desk.get(f"/console/notices/{notice_id}")).status_code == 200
    assert (await (await staff(school, "billing.bill.read")).get("/console/notices")).status_code == 403


async def test_a_text_that_never_arrives_is_told_as_failed(platform, school, parent, connected, noon, outside):
    await misbehave(outside, school.children[0].phones[0][0], "text_lost", remaining=1)
    await bill_and_tell(platform, school)
    await sending.send_due(platform, school.id)
    async with platform.database.tenant(school.id) as session:
        await session.execute(text("UPDATE core.notice SET due_at = :noon WHERE status = 'sent'"), {"noon": noon})
    await sending.ask_what_arrived(platform, school.id)
    assert await states(platform, school) == [("failed", "空号")]


async def test_nobody_gets_more_a_day_than_the_client_allows_and_money_is_not_counted(platform, school, parent, connected, noon, staff):
    desk = await staff(school, "notices.manage")
    rules = (await desk.get("/api/v1/notice-rules")).json()
    assert (rules["quiet_from"], rules["quiet_until"], rules["per_day"]) == ("22:00", "08:00", 5)
    assert (await desk.put("/api/v1/notice-rules", json={**rules, "per_day": 2})).status_code == 200
    for _ in range(4):
        await bill_and_tell(platform, school)
    await sending.send_due(platform, school.id)
    assert sorted(state for state, _ in await states(platform, school)) == ["capped", "capped", "sent", "sent"]
    assert len(await families.notices(platform, school.id, inbox=True)) == 4, "the inbox has them all"


async def test_at_night_notices_wait_for_the_morning_that_the_client_set(platform, school, parent, connected, monkeypatch, staff):
    desk = await staff(school, "notices.manage")
    rules = (await desk.get("/api/v1/notice-rules")).json()
    await desk.put("/api/v1/notice-rules", json={**rules, "quiet_from": "20:00", "quiet_until": "09:30"})
    night = dt.datetime.combine(clock.today(), dt.time(20, 5), clock.SHANGHAI).astimezone(dt.UTC)
    monkeypatch.setattr(clock, "now", lambda: night)
    await bill_and_tell(platform, school)
    await sending.send_due(platform, school.id)
    (waiting,) = [n for n in await families.notices(platform, school.id) if n.event == "bill_issued"]
    assert (waiting.status, waiting.due_at.astimezone(clock.SHANGHAI).strftime("%H:%M")) == ("quiet", "09:30")
    monkeypatch.setattr(clock, "now", lambda: waiting.due_at)
    await sending.send_due(platform, school.id)
    assert (await states(platform, school))[0][0] == "sent"


async def test_what_a_payer_left_out_is_not_sent_and_is_back_with_one_tap(platform, school, parent, connected, noon):
    page = await parent.get(f"{school.home}/notices/choices")
    assert "退订新账单" in page.text
    await parent.post(f"{school.home}/notices/choices", {"kind": "bills", "wanted": "0"})
    assert "恢复接收新账单" in parent.text
    await bill_and_tell(platform, school)
    await sending.send_due(platform, school.id)
    assert await states(platform, school) == [("opted_out", "")]
    assert "950.00" not in (await parent.get(f"{school.home}/notices")).text
    await parent.get(f"{school.home}/notices/choices")
    await parent.post(f"{school.home}/notices/choices", {"kind": "bills", "wanted": "1"})
    await bill_and_tell(platform, school)
    await sending.send_due(platform, school.id)
    assert [state for state, _ in await states(platform, school)] == ["opted_out", "sent"]
    assert (await parent.post(f"{school.home}/notices/choices", {"kind": "nothing", "wanted": "0"})).status_code == 404


async def test_who_leaves_out_while_a_notice_waits_does_not_get_it(platform, school, parent, connected, noon):
    await bill_and_tell(platform, school)
    await parent.get(f"{school.home}/notices/choices")
    await parent.post(f"{school.home}/notices/choices", {"kind": "bills", "wanted": "0"})
    await sending.send_due(platform, school.id)
    assert await states(platform, school) == [("opted_out", "")]


async def test_necessary_ones_stay_in_the_inbox_of_who_left_them_out(platform, school, parent, connected, noon):
    await parent.get(f"{school.home}/notices/choices")
    await parent.post(f"{school.home}/notices/choices", {"kind": "money", "wanted": "0"})
    bill_id = await families.bill(platform, school, school.children[0])
    event = PaymentRefunded(refund_id=uuid7(), payment_id=uuid7(), amount_fen=12_300, bill_id=bill_id)
    async with platform.database.tenant(school.id) as session:
        assert await notices.tell_of_refund(session, event) == 1
        assert await notices.tell_of_refund(session, event) == 0
    assert await states(platform, school, "refunded") == [("opted_out", "")]
    assert "已退款 123.00 元" in (await parent.get(f"{school.home}/notices")).text


async def test_who_withdrew_consent_is_written_nothing(platform, school, parent, connected, noon):
    async with platform.database.tenant(school.id) as session:
        await session.execute(text("UPDATE core.consent SET withdrawn_at = now() WHERE purpose = 'service'"))
    await bill_and_tell(platform, school)
    assert await states(platform, school) == []


async def test_a_publication_says_how_many_were_reached(platform, school, parent, connected, noon, staff):
    source = await bill_and_tell(platform, school)
    other = await families.bill(platform, school, school.children[1])
    async with platform.database.tenant(school.id) as session:
        await session.execute(text("UPDATE core.bill SET source = :source WHERE id = :id"), {"source": source, "id": other})
    await sending.send_due(platform, school.id)
    desk = await staff(school, "notices.read")
    run = (await desk.get(f"/api/v1/notice-runs/{source}")).json()
    assert (run["bills"], run["sent"], run["unbound"], run["untold"]) == (2, 1, 1, 0)
    page = (await desk.get("/console/notice-runs/one", params={"run": source})).text
    assert "没有绑定的手机" in page
    assert (await desk.get("/console/notice-runs")).status_code == 200
    assert (await desk.get("/api/v1/notice-runs/plan:none")).status_code == 404


async def test_what_a_sender_holds_is_not_sent_by_another(platform, school, parent, connected, noon):
    await bill_and_tell(platform, school)
    async with platform.database.tenant(school.id) as session:
        assert len(await repository.claim(session, noon, noon + sending.LEASE, 10, "", {})) >= 1
    await sending.send_due(platform, school.id)
    assert await states(platform, school) == [("sending", "")], "leased to somebody who may still be alive"
