"""The class teacher: names and states of her own class, nothing else; one reminder a day."""

import datetime as dt
import re

import pytest
from sqlalchemy import insert, text

from core import ids
from core.payers.models import binding, payer
from tests import desk as desks

TEACHER = ("billing.status.read", "notices.remind")


@pytest.fixture
async def desk(platform, client):
    return await desks.opened(platform, client)


@pytest.fixture
async def teacher(desk, staff):
    return await staff(desk, *TEACHER, org_id=desk.units["东一班"])


async def bind(platform, desk, number: str, phone: str = "13800005678") -> None:
    """A guardian's phone is bound to somebody."""
    payer_id = ids.uuid7()
    async with platform.database.tenant(desk.id) as session:
        keys = await platform.vault.keys(session)
        row = {
            "id": payer_id,
            "phone_sealed": keys.seal(phone),
            "phone_index": keys.index("phone", phone + number),
            "phone_masked": "138****5678",
        }
        await session.execute(insert(payer), row)
        tie = {
            "id": ids.uuid7(),
            "payer_id": payer_id,
            "party_id": desk.people[number],
            "relation": "母",
            "method": "code",
            "is_primary": True,
        }
        await session.execute(insert(binding), tie | {"status": "bound"})


async def notices(platform, desk):
    async with platform.database.tenant(desk.id) as session:
        return await session.all(text("SELECT * FROM core.notice WHERE event = 'reminder' AND means = 'sms'"))


async def test_a_teacher_sees_names_and_states_of_her_class_and_no_amount(desk, teacher, platform):
    await desks.pay(platform, desk, "S1")
    page = (await teacher.get("/console/unpaid?standing=all")).text
    assert "王小明" in page
    assert "已缴清" in page
    assert "王小红" in page
    assert "未缴" in page
    assert "赵" not in page
    assert "李四" not in page
    shown = re.sub(r'<input type="hidden"[^>]*>', "", page.split("<main")[1].split("</main>")[0])
    for secret in ("950", "¥", "1,000", "50.00", "S1", "138"):
        assert secret not in shown, secret


async def test_what_is_overdue_and_what_is_partly_paid_is_said(platform, client, staff):
    desk = await desks.opened(platform, client, due_on=dt.date(2020, 1, 1))
    head = await staff(desk, *TEACHER)
    assert "已逾期" in (await head.get("/console/unpaid")).text
    fresh = await desks.opened(platform, client)
    await desks.pay(platform, fresh, "S1", 100)
    head = await staff(fresh, *TEACHER)
    assert "部分已缴" in (await head.get("/console/unpaid")).text


async def test_reminders_go_to_bound_payers_once_a_day_with_masked_names(desk, teacher, platform):
    await bind(platform, desk, "S1")
    assert (await teacher.post("/console/unpaid/remind", data={})).status_code == 303
    sent = await notices(platform, desk)
    assert len(sent) == 1
    assert sent[0].facts["name"] == "王**"
    assert sent[0].facts["amount"] == "950.00"
    again = await teacher.post("/console/unpaid/remind", data={}, follow_redirects=True)
    assert "今天已经提醒过了" in again.text
    assert len(await notices(platform, desk)) == 1


async def test_a_reminder_stays_within_the_teachers_class(desk, teacher, platform):
    await bind(platform, desk, "S4")
    far = await teacher.post("/console/unpaid/remind", data={"party": str(desk.people["S4"])})
    assert far.status_code == 404
    assert (await teacher.post("/console/unpaid/remind", data={"org": str(desk.units["西区"])})).status_code == 404
    assert await notices(platform, desk) == []


async def test_who_has_no_bound_payer_is_said_instead_of_pretended(desk, teacher):
    answer = await teacher.post("/console/unpaid/remind", data={}, follow_redirects=True)
    assert "还没有缴费人绑定他们" in answer.text


async def test_others_may_neither_look_nor_remind(desk, staff, client, platform):
    reader = await staff(desk, "billing.status.read")
    assert (await reader.post("/console/unpaid/remind", data={})).status_code == 403
    assert "提醒全部未缴" not in (await reader.get("/console/unpaid")).text
    finance = await staff(desk, "billing.bill.read")
    assert (await finance.get("/console/unpaid")).status_code == 403
    other = await desks.opened(platform, client)
    stranger = await staff(other, *TEACHER)
    await bind(platform, desk, "S1")
    assert (await stranger.post("/console/unpaid/remind", data={"party": str(desk.people["S1"])})).status_code == 404
