"""School terms in the API."""

import datetime as dt

import msgspec
from litestar import get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.database import Session
from core.identity.actor import Actor
from plugins.education.pricing.rules import Term
from plugins.education.terms import service

TAGS = ["教育 education"]


class TermDays(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A term's days; `months_counted` is what a full term's tuition stands for, `teaching_days` what its meals do (none: its working days)."""

    starts_on: dt.date
    ends_on: dt.date
    months_counted: int
    teaching_days: int | None = None


class TermPage(msgspec.Struct, frozen=True):
    """Registered terms, the newest first."""

    items: list[Term]
    next_cursor: str | None = None


@get("/api/v1/education/terms", opt={"permission": "education.plan.read"}, tags=TAGS)
async def list_terms(session: NamedDependency[Session]) -> TermPage:
    """The terms that the school registered."""
    return TermPage(await service.list_terms(session))


@put("/api/v1/education/terms/{code:str}", opt={"permission": "education.plan.make"}, tags=TAGS)
async def register_term(session: NamedDependency[Session], actor: NamedDependency[Actor], code: FromPath[str], data: JSONBody[TermDays]) -> Term:
    """Write a term's days, or change them; the same again changes nothing."""
    term = Term(code, data.starts_on, data.ends_on, data.months_counted, data.teaching_days)
    await service.register(session, term, actor)
    return term


ROUTES = [list_terms, register_term]
