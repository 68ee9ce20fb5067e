"""Proposes what goes back of a school's bills, line by line, as each fee item's policy says."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from core.database import Session
from core.hookspecs import RefundAsked, RefundProposal
from plugins.education.pricing.rules import Term
from plugins.education.refunding import repository
from plugins.education.refunding.rules import RULES, Charged
from plugins.education.terms import service as terms

PLUGIN, BY_MEAL_DAYS = "education", "by_meal_days"
Known = dict[tuple[str, str], tuple[Term, ...]]


async def propose(session: Session, asked: RefundAsked) -> RefundProposal | None:
    """The amounts with their reckoning, for lines whose policy goes by the term; core answers the rest. None for others' bills."""
    return (await propose_many(session, [asked])).get(asked.bill_id)


async def propose_many(session: Session, asked: Sequence[RefundAsked]) -> Mapping[UUID, RefundProposal]:
    """The same for many bills at once, each term looked up once."""
    ours = {each.bill_id: each for each in asked if each.plugin == PLUGIN}
    paid = {bill_id: {line_no: paid_fen for line_no, _item, paid_fen in each.lines} for bill_id, each in ours.items()}
    found: dict[UUID, dict] = {bill_id: {} for bill_id in ours}
    known: Known = {}
    lines = await repository.list_lines(session, list(ours)) if ours else ()
    eaten = await _eaten(session, [row.bill_id for row in lines if row.policy == BY_MEAL_DAYS])
    for row in lines:
        if row.line_no in paid[row.bill_id] and row.policy in RULES:
            charged_for = await _terms(session, row.term, row.period, known)
            if charged_for:
                months = row.months_billed if isinstance(row.months_billed, int) else None
                mine = eaten.get((row.party_id, row.item_code), {})
                charged = Charged(paid[row.bill_id][row.line_no], charged_for, months, mine)
                found[row.bill_id][row.line_no] = RULES[row.policy](charged, ours[row.bill_id].effective_on)
    return {bill_id: RefundProposal(lines) for bill_id, lines in found.items()}


async def _eaten(session: Session, bill_ids: Sequence[UUID]) -> dict[tuple[UUID, str], dict[dt.date, int]]:
    """Meal days by student and item, by month."""
    found: dict[tuple[UUID, str], dict[dt.date, int]] = {}
    for row in await repository.list_eaten(session, bill_ids) if bill_ids else ():
        found.setdefault((row.student_id, row.item_code), {})[row.month] = row.days
    return found


async def _terms(session: Session, code: str, period: str, known: Known) -> tuple[Term, ...]:
    """The term a line was charged for, or both of its year; none where the bill names no term."""
    if (code, period) not in known:
        known[code, period] = await _look_up(session, code, period)
    return known[code, period]


async def _look_up(session: Session, code: str, period: str) -> tuple[Term, ...]:
    try:
        if period != "year" or terms.usual(code) is None:
            return (await terms.find(session, code),)
        return tuple([await terms.find(session, f"{code[:-1]}{half}") for half in (1, 2)])
    except terms.TermUnknown:
        return ()
