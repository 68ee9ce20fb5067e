"""A child leaves: what each fee item's own policy gives back of a real bill, reckoned on the school's own term."""

import datetime as dt

import pytest
from sqlalchemy import text

from core.identity.actor import Actor
from core.refunds import desk, service
from core.refunds.schemas import RefundAsk
from core.web.i18n import gettext, speaking
from plugins.education.pricing.rules import Term
from plugins.education.refunding.rules import OWN, RULES, Charged
from plugins.education.terms import service as terms
from tests.education import schools
from tests.education.pure.fees import TERM

LEAVES = dt.date(2026, 10, 10)


async def paid(platform, school, item="TUITION", policy="term_third"):
    """Somebody's bill for one item, paid, whose item has this policy."""
    child = next(row for row in (await schools.students(platform, school)).values() if (row.status, row.student_type) == ("在读", "普通"))
    await schools.publish(platform, school, await schools.approved_plan(platform, school, item_codes=(item,)))
    (bill,) = await schools.bills_of(platform, school, child.student_no)
    await schools.pay(platform, school, bill, bill.amount_fen)
    async with platform.database.tenant(school.tenant_id) as session:
        await session.execute(text("UPDATE core.fee_item SET refundable_policy = :policy WHERE code = :code"), {"policy": policy, "code": item})
    return bill


async def told(platform, school, bill, day=LEAVES):
    async with platform.database.tenant(school.tenant_id) as session:
        (line,) = await desk.lines_of(session, platform, school.client, bill.id, day)
    return line


@pytest.mark.parametrize("policy", RULES)
async def test_the_items_own_policy_is_reckoned_on_the_term_of_the_bill(platform, school, policy):
    bill = await paid(platform, school, policy=policy)
    line = await told(platform, school, bill)
    fen, reckoning = RULES[policy](Charged(bill.amount_fen, (TERM,)), LEAVES)
    assert (line.policy, line.amount_fen, tuple(map(tuple, line.explanation))) == (policy, fen, reckoning)
    assert 0 < fen < bill.amount_fen


async def test_the_schools_own_days_count_and_core_answers_for_the_rest(platform, school):
    bill = await paid(platform, school)
    own = Term("2026-2027-1", dt.date(2026, 9, 7), dt.date(2026, 12, 5), 4)
    await schools.do(platform, school, terms.register, own)
    assert (await told(platform, school, bill, dt.date(2026, 10, 6))).amount_fen == 0, "the 30th of 90 days"
    async with platform.database.tenant(school.tenant_id) as session:
        await session.execute(text("UPDATE core.fee_item SET refundable_policy = 'full'"))
    assert (await told(platform, school, bill)).amount_fen == bill.amount_fen


async def test_a_request_keeps_what_the_policy_said(platform, school):
    bill = await paid(platform, school)
    by = Actor(kind="user", id="m", name="经办", tenant_id=school.tenant_id, rights={service.MAKE: None, "billing.bill.read": None})
    line = await told(platform, school, bill)
    async with platform.database.tenant(school.tenant_id) as session:
        ask = RefundAsk(amount_fen=line.amount_fen, reason="转学", bill_id=bill.id, effective_on=LEAVES)
        made = await desk.request(session, platform, school.client, ask, by)
    assert (made.amount_fen, made.policy) == (line.amount_fen, [line])


def test_every_label_of_a_reckoning_has_english(app):
    words = {word for rule in RULES.values() for row in rule(Charged(100, (TERM,)), LEAVES)[1] for word in row if not word.isascii() and word[0] > "一"}
    with speaking("en"):
        assert [word for word in words if gettext(word) == word] == []
    assert set(OWN) < set(RULES)
