"""工单, the bank's side: the queue of one's branches, one ticket with its page, job and person, answers, the way to consent."""

from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core import clock, paging
from core.database import Session
from core.errors import PlatformError
from core.files.answers import attachment
from core.identity.actor import Actor
from core.platform import Platform
from core.support.consents import repository as consents
from core.support.consents import service as consenting
from core.support.rights import ANSWER, QUEUE, VIEW
from core.support.tickets import doors, lists, repository
from core.support.tickets.console import paper_of, severities, typed_of
from core.support.words import TICKET_FILTERS
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PATH = "/bank/tickets"
READ, WRITE = {"permission": QUEUE, "side": "bank"}, {"permission": ANSWER, "side": "bank"}


@get(PATH, opt=READ, include_in_schema=False)
async def queue(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], mine: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """What clients report, the newest first."""
    asked = lists.asked_of(request.query_params)
    asked = repository.Asked(
        status=asked.status, severity=asked.severity, words=asked.words, client_id=asked.client_id, owner_id=actor.id if mine else ""
    )
    rows = await repository.list_queue(session, actor.reach(QUEUE), asked, clock.now(), paging.read_id(cursor), paging.PAGE + 1)
    shown, more = paging.cut(rows, paging.PAGE, lambda row: str(row.id))
    return render(
        request, "support/queue.html", rows=[(row, lists.read(row)) for row in shown], next_cursor=more,
        states=[(code, _(word)) for code, word in TICKET_FILTERS], severities=[(code, word) for code, word, _hint in severities()],
    )  # fmt: skip


@get(PATH + "/{ticket_id:uuid}", opt=READ, include_in_schema=False)
async def ticket_page(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], ticket_id: FromPath[UUID]
) -> Response:
    """One ticket."""
    return await _page(request, platform, asker, ticket_id)


async def _page(
    request: Request, platform: Platform, by: Actor, ticket_id: UUID, typed: str = "", error: PlatformError | None = None
) -> Response:
    copy, story = await doors.story(platform, by, ticket_id)
    now, standing = clock.now(), None
    if by.may(VIEW):
        async with platform.database.tenant(by.tenant_id) as session:
            known = await consents.list_for_bank(session, by.reach(VIEW), UUID(by.id), now, consenting.stale(now), state="granted", client_id=copy.client_id)
            standing = next(iter(known), None)
    return render(
        request, "support/bank_ticket.html", status=error.status if error else 200, copy=copy, story=story, here=f"{PATH}/{ticket_id}", typed=typed,
        errors={"text": translated(error)} if error else {}, may_answer=by.may(ANSWER), may_view=by.may(VIEW), standing=standing,
    )  # fmt: skip


@post(PATH + "/{ticket_id:uuid}/take", opt=WRITE, include_in_schema=False)
async def take(request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], ticket_id: FromPath[UUID]) -> Response:
    """Look after it."""
    await doors.take(platform, asker, ticket_id)
    return redirect(request, f"{PATH}/{ticket_id}", success=_("这张工单由您处理"))


@post(PATH + "/{ticket_id:uuid}/answers", opt=WRITE, include_in_schema=False)
async def answer(request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], ticket_id: FromPath[UUID]) -> Response:
    """Answer, ask back, or solve it."""
    typed = await typed_of(request)
    try:
        await doors.answer(platform, asker, ticket_id, typed.get("target", ""), typed.get("text", ""), await paper_of(request))
    except PlatformError as error:
        if error.status >= 500 or error.status == 404:
            raise
        return await _page(request, platform, asker, ticket_id, typed.get("text", ""), error)
    return redirect(request, f"{PATH}/{ticket_id}", success=_("已发给客户"))


@get(PATH + "/{ticket_id:uuid}/files/{entry_id:uuid}", opt=READ, include_in_schema=False)
async def ticket_file(
    asker: NamedDependency[Actor], platform: NamedDependency[Platform], ticket_id: FromPath[UUID], entry_id: FromPath[UUID]
) -> Response[bytes]:
    """A file beside a ticket."""
    file = await doors.papers(platform, asker, ticket_id, entry_id)
    return attachment(file.name, file.content, file.media_type)


ROUTES = [queue, ticket_page, take, answer, ticket_file]
