"""工单, the client's side: report a problem from any page, see what support answers, close it or open it again."""

from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.database import Session
from core.errors import PlatformError
from core.files.answers import attachment
from core.identity.actor import Actor
from core.platform import Platform
from core.support.rights import GRANT
from core.support.states import SEVERITIES
from core.support.tickets import doors, lists, service
from core.support.tickets.service import Paper, Raise
from core.support.viewing.pages import title_of
from core.support.words import SEVERITY_WORDS, TICKET_FILTERS
from core.tenancy.directory import ClientProfile
from core.web.error_words import translated
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PATH = "/console/tickets"
ANYBODY = {"permission": "any"}
LONGEST_PAGE = 300
FIELDS = {"title": "请用一句话写明问题", "text": "请写明看到了什么、原本应该怎样"}


def page_of(text: str) -> str:
    """Where a problem was seen: an address of the console without what was typed into it, or nothing."""
    path = text.split("?")[0].split("#")[0][:LONGEST_PAGE]
    return path if path == "/console" or path.startswith("/console/") else ""


def job_of(path: str) -> UUID | None:
    """The job that a page shows."""
    try:
        return UUID(path.removeprefix("/console/jobs/")) if path.startswith("/console/jobs/") else None
    except ValueError:
        return None


def said_of(platform: Platform, client: ClientProfile, title: str, text: str, severity: str, page: str) -> Raise:
    """A report with the name of its page and its job."""
    path = page_of(page)
    named = title_of(platform.plugins, client, path) if path else ""
    return Raise(title=title, text=text, severity=severity, page=path, page_title=named, job_id=job_of(path))


async def paper_of(request: Request) -> Paper | None:
    """The file of a form, if one was chosen."""
    file = (await request.form()).get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return None
    return Paper(file.filename, await file.read(), file.content_type or "application/octet-stream")


async def typed_of(request: Request) -> dict[str, str]:
    """What a form says in words."""
    return {name: str(value) for name, value in (await request.form()).items() if not isinstance(value, UploadFile)}


def severities() -> list[tuple[str, str, str]]:
    """How bad it is, with what it means."""
    return [(code, _(SEVERITY_WORDS[code][0]), _(SEVERITY_WORDS[code][2])) for code in SEVERITIES]


@get(PATH, opt=ANYBODY, include_in_schema=False)
async def ticket_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None
) -> Response:
    """What was reported, and how far it is."""
    found = await lists.list_own(session, actor, lists.asked_of(request.query_params), cursor)
    return render(
        request, "support/tickets.html", found=found, states=[(code, _(word)) for code, word in TICKET_FILTERS],
        severities=[(code, word) for code, word, _hint in severities()], may_export=actor.may("exports.make") and actor.may(GRANT),
    )  # fmt: skip


@get(PATH + "/new", opt=ANYBODY, include_in_schema=False)
async def ticket_new(
    request: Request, actor: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform],
    page: FromQuery[str] = "",
) -> Response:
    """The form; the page one came from stands in it."""
    return _form(request, platform, client, {"page": page_of(page), "severity": "normal"})


def _form(
    request: Request, platform: Platform, client: ClientProfile, typed: dict[str, str], error: PlatformError | None = None
) -> Response:
    field = next((name for name, text in FIELDS.items() if error and text in error.message), "text")
    path = page_of(typed.get("page", ""))
    return render(
        request, "support/ticket_new.html", status=error.status if error else 200, typed=typed, severities=severities(), page_path_of=path,
        page_title=_(title_of(platform.plugins, client, path)) if path else "", errors={field: translated(error)} if error else {},
    )  # fmt: skip


@post(PATH, opt=ANYBODY, include_in_schema=False)
async def ticket_raise(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform]
) -> Response:
    """Report it."""
    typed = await typed_of(request)
    said = said_of(platform, client, typed.get("title", ""), typed.get("text", ""), typed.get("severity", ""), typed.get("page", ""))
    try:
        ticket_id = await doors.raise_ticket(platform, asker, said, await paper_of(request))
    except PlatformError as error:
        if error.status >= 500:
            raise
        return _form(request, platform, client, typed, error)
    return redirect(request, f"{PATH}/{ticket_id}", success=_("已提交，客服答复后会通知您"))


@get(PATH + "/{ticket_id:uuid}", opt=ANYBODY, include_in_schema=False)
async def ticket_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], ticket_id: FromPath[UUID]
) -> Response:
    """One ticket: what was written, what comes next."""
    return await _page(request, session, actor, platform, ticket_id)


async def _page(
    request: Request, session: Session, actor: Actor, platform: Platform, ticket_id: UUID, typed: str = "", error: PlatformError | None = None
) -> Response:
    await lists.mine(session, actor, ticket_id)
    story = await lists.story(session, platform.vault, ticket_id)
    return render(
        request, "support/ticket.html", status=error.status if error else 200, story=story, here=f"{PATH}/{ticket_id}", typed=typed,
        errors={"text": translated(error)} if error else {}, may_consent=actor.may(GRANT), reopen_days=service.REOPEN_WITHIN.days,
    )  # fmt: skip


@post(PATH + "/{ticket_id:uuid}/replies", opt=ANYBODY, include_in_schema=False)
async def ticket_reply(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], ticket_id: FromPath[UUID]
) -> Response:
    """Answer support, add something, or say that it is not solved."""
    text = (await typed_of(request)).get("text", "")
    try:
        await doors.reply(platform, asker, ticket_id, text, await paper_of(request))
    except PlatformError as error:
        if error.status >= 500 or error.status == 404:
            raise
        async with platform.database.tenant(asker.tenant_id) as session:
            return await _page(request, session, asker, platform, ticket_id, text, error)
    return redirect(request, f"{PATH}/{ticket_id}", success=_("已发给客服"))


@post(PATH + "/{ticket_id:uuid}/close", opt=ANYBODY, include_in_schema=False)
async def ticket_close(
    request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform], ticket_id: FromPath[UUID]
) -> Response:
    """Content with it, or not needed any more."""
    await doors.close(platform, asker, ticket_id)
    return redirect(request, f"{PATH}/{ticket_id}", success=_("工单已关闭"))


@get(PATH + "/{ticket_id:uuid}/files/{entry_id:uuid}", opt=ANYBODY, include_in_schema=False)
async def ticket_file(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], ticket_id: FromPath[UUID],
    entry_id: FromPath[UUID],
) -> Response[bytes]:
    """A file beside a ticket."""
    await lists.mine(session, actor, ticket_id)
    file = await service.papers(session, platform.vault, actor, ticket_id, entry_id)
    return attachment(file.name, file.content, file.media_type)


ROUTES = [ticket_list, ticket_new, ticket_raise, ticket_page, ticket_reply, ticket_close, ticket_file]
