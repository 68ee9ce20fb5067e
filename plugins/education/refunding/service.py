"""Proposes what goes back of a school's bill, line by line, as each fee item's policy says."""

from core.database import Session
from core.hookspecs import RefundAsked, RefundProposal
from plugins.education.pricing.rules import Term
from plugins.education.refunding import repository
from plugins.education.refunding.rules import RULES, Charged
from plugins.education.terms import service as terms

PLUGIN = "education"


async def propose(session: Session, asked: RefundAsked) -> RefundProposal | None:
    """The amounts with their reckoning, for lines whose policy goes by the term; core answers the rest. None for others' bills."""
    if asked.plugin != PLUGIN:
        return None
    paid = {line_no: paid_fen for line_no, _item, paid_fen in asked.lines}
    found = {}
    for row in await repository.list_lines(session, asked.bill_id):
        if row.line_no in paid and row.policy in RULES:
            charged_for = await _terms(session, row.term, row.period)
            if charged_for:
                charged = Charged(paid[row.line_no], charged_for, row.months_billed if isinstance(row.months_billed, int) else None)
                found[row.line_no] = RULES[row.policy](charged, asked.effective_on)
    return RefundProposal(found)


async def _terms(session: Session, code: str, period: str) -> tuple[Term, ...]:
    """The term a line was charged for, or both of its year; none where the bill names no term."""
    try:
        if period != "year" or terms.usual(code) is None:
            return (await terms.find(session, code),)
        return tuple([await terms.find(session, f"{code[:-1]}{half}") for half in (1, 2)])
    except terms.TermUnknown:
        return ()
