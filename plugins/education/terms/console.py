"""School terms in the console: the list, and a school's own days."""

import datetime as dt

from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from core import clock
from core.database import Session
from core.identity.actor import Actor
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.templating import redirect, render
from plugins.education.pricing.rules import Term
from plugins.education.terms import service

READ = {"permission": "education.plan.read"}
MAKE = {"permission": "education.plan.make"}


@get("/console/education/terms", opt=READ, include_in_schema=False)
async def term_list(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """The terms that are registered, and the form for another."""
    return await _page(request, session, actor, {}, {})


@post("/console/education/terms", opt=MAKE, include_in_schema=False)
async def term_register(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Write a term's days; what is wrong is said beside the field."""
    typed = {name: str(value).strip() for name, value in (await request.form()).items()}
    term, errors = _read(typed)
    if term is not None:
        try:
            await service.register(session, term, actor)
            return redirect(request, "/console/education/terms", success=_("学期 %(code)s 已登记", code=term.code))
        except service.TermWrong as error:
            errors["code"] = translated(error)
    return await _page(request, session, actor, typed, errors)


def _read(typed: dict[str, str]) -> tuple[Term | None, dict[str, str]]:
    errors, days = {}, {}
    for name in ("starts_on", "ends_on"):
        try:
            days[name] = dt.date.fromisoformat(typed.get(name, ""))
        except ValueError:
            errors[name] = _("请选择日期")
    months = typed.get("months_counted", "")
    if not (months.isascii() and months.isdigit() and len(months) < 3):
        errors["months_counted"] = _("请填写 1–12 的整数")
    taught = typed.get("teaching_days", "")
    if taught and not (taught.isascii() and taught.isdigit() and len(taught) < 4):
        errors["teaching_days"] = _("请填写整数，或留空")
    if errors:
        return None, errors
    return Term(typed.get("code", "")[:20], days["starts_on"], days["ends_on"], int(months), int(taught) if taught else None), errors


async def _page(request: Request, session: Session, actor: Actor, typed: dict[str, str], errors: dict[str, str]) -> Response:
    registered = await service.list_terms(session)
    return render(
        request, "education/terms.html", status=422 if errors else 200, terms=registered, typed=typed, errors=errors,
        suggested=suggested({term.code for term in registered}), may_make=actor.may("education.plan.make"),
    )  # fmt: skip


def suggested(known: set[str]) -> Term:
    """The next usual term that is not registered yet."""
    year = clock.today().year - 1
    codes = (f"{first}-{first + 1}-{half}" for first in range(year, year + 5) for half in (1, 2))
    usual = (service.usual(code) for code in codes if code not in known)
    return next(term for term in usual if term and term.ends_on >= clock.today())


ROUTES = [term_list, term_register]
