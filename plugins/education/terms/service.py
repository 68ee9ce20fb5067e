"""School terms: kept when a school names its own days, else the usual calendar that the term's code tells."""

import datetime as dt
import re

from core import ids
from core.database import Row, Session
from core.errors import InvalidRequest, NotFound
from core.identity import audit
from core.identity.actor import Actor
from plugins.education.pricing.rules import Term
from plugins.education.terms import repository

_CODE = re.compile(r"(\d{4})-(\d{4})-([12])")
MONTHS_OF_A_TERM = 5


class TermUnknown(NotFound):
    code = "TERM_UNKNOWN"
    message = "没有学期“{code}”，请先登记，或使用形如 2026-2027-1 的学期编码"


class TermWrong(InvalidRequest):
    code = "TERM_WRONG"
    message = "学期“{code}”不对：编码形如 2026-2027-1，结束须在开始之后且同一学年内，计费月数 1–12，教学天数不超过学期天数"


def usual(code: str) -> Term | None:
    """The usual calendar of a term: autumn 1 September – 22 January, spring 22 February – 10 July, five months counted each."""
    match = _CODE.fullmatch(code)
    if match is None or int(match[2]) != int(match[1]) + 1:
        return None
    year = int(match[2])
    if match[3] == "1":
        return Term(code, dt.date(year - 1, 9, 1), dt.date(year, 1, 22), MONTHS_OF_A_TERM)
    return Term(code, dt.date(year, 2, 22), dt.date(year, 7, 10), MONTHS_OF_A_TERM)


async def find(session: Session, code: str) -> Term:
    """A term as the school registered it, else as its code tells; TermUnknown for other codes."""
    row = await repository.find(session, code)
    term = _read(row) if row else usual(code)
    if term is None:
        raise TermUnknown(code=code)
    return term


async def register(session: Session, term: Term, by: Actor) -> None:
    """Write a school's own days for a term, or change them; bills already issued stay as they are."""
    first = int(term.code[:4]) if usual(term.code) else 0
    inside_the_year = first and dt.date(first, 7, 1) <= term.starts_on < term.ends_on <= dt.date(first + 1, 8, 31)
    days = term.teaching_days if term.teaching_days is not None else 1
    if not inside_the_year or not 1 <= term.months_counted <= 12 or not 1 <= days <= (term.ends_on - term.starts_on).days + 1:
        raise TermWrong(code=term.code)
    before = await repository.find(session, term.code)
    await repository.upsert(session, ids.uuid7(), term)
    after, old = _told(term), before and _told(_read(before))
    if old != after:
        await audit.record(session, by, "education.term.register", "term", term.code, before=old, after=after)


async def kept_id(session: Session, code: str, by: Actor) -> object:
    """The id of a term's row, registering the usual calendar when a plan needs it first."""
    if await repository.find(session, code) is None:
        await register(session, await find(session, code), by)
    return (await repository.find(session, code)).id


async def list_terms(session: Session) -> list[Term]:
    """The registered terms, newest first."""
    return [_read(row) for row in await repository.list_terms(session)]


def _read(row: Row) -> Term:
    return Term(row.code, row.starts_on, row.ends_on, row.months_counted, row.teaching_days)


def _told(term: Term) -> dict[str, object]:
    days = {} if term.teaching_days is None else {"teaching_days": term.teaching_days}
    return {"starts_on": str(term.starts_on), "ends_on": str(term.ends_on), "months_counted": term.months_counted, **days}
