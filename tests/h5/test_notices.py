"""Bound payers hear of bills: new ones, those due soon, overdue ones, and money that came — once each."""

import datetime as dt

import pytest
from sqlalchemy import text

from core import clock
from core.cashier import notices
from tests import families


@pytest.fixture
async def parent(school, browser, sms):
    phone = browser()
    await families.bind(phone, sms, school, school.children[0])
    return phone


async def told(platform, school) -> list[str]:
    return sorted(m.event for m in await families.notices(platform, school.id) if m.event not in ("bind_code",))


async def test_a_bound_payer_hears_of_a_new_bill_once_with_a_masked_name(platform, school, parent, settle):
    await families.bill(platform, school, school.children[0])
    await families.bill(platform, school, school.children[1])
    await settle(school)
    (message,) = [m for m in await families.notices(platform, school.id) if m.event == "bill_issued"]
    assert message.facts["name"] == "张**"
    assert message.facts["amount"] == "950.00"
    async with platform.database.tenant(school.id) as session:
        source = await session.scalar(text("SELECT source FROM core.bill WHERE party_id = :id"), {"id": school.children[0].id})
        assert await notices.tell_of_new_bills(session, source) == 0


@pytest.mark.parametrize(("days", "occasion"), [(3, "due_soon"), (-1, "overdue"), (-7, "overdue"), (-15, "overdue"), (2, None), (-2, None)])
async def test_reminders_come_on_their_days_and_once(platform, school, parent, settle, days, occasion):
    await families.bill(platform, school, school.children[0], due_on=clock.today() + dt.timedelta(days=days))
    async with platform.database.tenant(school.id) as session:
        assert await notices.tell_of_due(session, clock.today()) == (1 if occasion else 0)
        assert await notices.tell_of_due(session, clock.today()) == 0
    assert await told(platform, school) == ([occasion] if occasion else [])


async def test_a_paid_bill_is_not_written_about(platform, school, parent):
    bill_id = await families.bill(platform, school, school.children[0], due_on=clock.today() + dt.timedelta(days=3))
    async with platform.database.tenant(school.id) as session:
        await session.execute(text("UPDATE core.bill SET status = 'paid', paid_fen = amount_fen WHERE id = :id"), {"id": bill_id})
        assert await notices.tell_of_due(session, clock.today()) == 0
