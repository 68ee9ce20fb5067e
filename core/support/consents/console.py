"""客服查看授权, the client's side: let support look, answer its requests, see every look, take it back at once."""

import datetime as dt
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, URLEncodedBody

from core import clock
from core.database import Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.platform import Platform
from core.support.consents import doors, lists, service
from core.support.consents.schemas import ConsentForm, day_of, id_of
from core.support.rights import GRANT
from core.support.words import CONSENT_STATES
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PATH = "/console/support"
MAY = {"permission": GRANT}
FIELDS = {"PURPOSE_MISSING": "purpose", "SUPPORT_PERSON_UNKNOWN": "person"}


@get(PATH, opt=MAY, include_in_schema=False)
async def consent_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], q: FromQuery[str] = "", status: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """Who may look, who asks to, who could."""
    found, more = await lists.list_consents(session, lists.state_asked(status), q.strip(), cursor)
    states = [(code, _(word)) for code, (word, _tone) in CONSENT_STATES.items()]
    return render(request, "support/consents.html", found=found, next_cursor=more, states=states, may_export=actor.may("exports.make"))


@get(PATH + "/new", opt=MAY, include_in_schema=False)
async def consent_new(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], ticket: FromQuery[str] = "", purpose: FromQuery[str] = ""
) -> Response:
    """The form: why, whom, from when, until when."""
    return await _form(request, platform, ConsentForm(purpose=purpose[:200], ticket=ticket))


async def _form(request: Request, platform: Platform, data: ConsentForm, error: PlatformError | None = None) -> Response:
    today = clock.today()
    errors = {FIELDS.get(error.code, "until_on"): translated(error)} if error else {}
    return render(
        request, "support/consent_new.html", status=error.status if error else 200, data=data, errors=errors,
        people=[(str(each), name) for each, name in (await doors.desk(platform)).items()], days=service.MOST_DAYS,
        from_on=day_of(data.from_on, today), until_on=day_of(data.until_on, today), today=today,
        last=today + service.AHEAD + dt.timedelta(days=service.MOST_DAYS),
    )  # fmt: skip


@post(PATH, opt=MAY, include_in_schema=False)
async def consent_grant(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], data: URLEncodedBody[ConsentForm]
) -> Response:
    """Let support look."""
    today = clock.today()
    try:
        consent_id = await doors.grant(
            platform, asker, purpose=data.purpose, person_id=id_of(data.person), from_on=day_of(data.from_on, today),
            until_on=day_of(data.until_on, today), ticket_id=id_of(data.ticket),
        )  # fmt: skip
    except PlatformError as error:
        if error.status >= 500:
            raise
        return await _form(request, platform, data, error)
    return redirect(request, f"{PATH}/{consent_id}", success=_("已授权；每一页查看都会列在这里，您可以随时收回"))


@get(PATH + "/{consent_id:uuid}", opt=MAY, include_in_schema=False)
async def consent_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], consent_id: FromPath[UUID], cursor: FromQuery[str | None] = None
) -> Response:
    """One consent and everything that was looked at under it."""
    consent = await lists.find(session, consent_id)
    looks, more = await lists.looks(session, consent_id, cursor)
    may_export = actor.may("exports.make")
    return render(request, "support/consent.html", consent=consent, looks=looks, next_cursor=more, may_export=may_export, here=f"{PATH}/{consent_id}")


def _answer(verb: str, yes: bool) -> HTTPRouteHandler:
    @post(f"{PATH}/{{consent_id:uuid}}/{verb}", opt=MAY, include_in_schema=False)
    async def answer(
        request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], consent_id: FromPath[UUID]
    ) -> Response:
        await doors.answer(platform, asker, consent_id, yes=yes)
        return redirect(request, f"{PATH}/{consent_id}", success=_("已同意，对方现在起可以查看") if yes else _("已拒绝"))

    return answer


@post(PATH + "/{consent_id:uuid}/end", opt=MAY, include_in_schema=False)
async def consent_end(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], consent_id: FromPath[UUID]
) -> Response:
    """Take it back."""
    await doors.end(platform, asker, consent_id)
    return redirect(request, f"{PATH}/{consent_id}", success=_("已收回，对方的下一次点击就看不到了"))


ROUTES = [consent_list, consent_new, consent_grant, consent_page, _answer("agree", True), _answer("refuse", False), consent_end]
