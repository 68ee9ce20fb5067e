"""Differences in the console: the work list, one difference, and what one person may do with it at once."""

from collections.abc import Mapping
from urllib.parse import parse_qsl
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core import clock
from core.approvals import lists as approvals
from core.billing.filters import day_of, word_of
from core.database import Session
from core.errors import PlatformError
from core.files.answers import attachment
from core.identity.actor import Actor
from core.ledger import books
from core.platform import Platform
from core.reconciliation import rights
from core.reconciliation.differences import comments, details, repository, views
from core.reconciliation.differences import service as differences
from core.reconciliation.remedies import bulk, requery
from core.reconciliation.remedies import service as remedies
from core.reconciliation.remedies.words import CLASS_WORDS, KIND_WORDS, SEVERITY_WORDS, STATE_WORDS, reason_of
from core.statements.registry import sources_of
from core.tenancy.directory import ClientProfile
from core.web.filters import status_label
from core.web.i18n import gettext as _
from core.web.templating import redirect, render
from core.webhooks import service as webhooks

PATH = "/console/differences"
READ, HANDLE = {"permission": rights.READ}, {"permission": rights.HANDLE}
AT_ONCE = ("confirm", "assign")


@get(PATH, opt=READ, include_in_schema=False)
async def difference_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform],
    cursor: FromQuery[str | None] = None,
) -> Response:
    """What is open first of all; what may still heal by itself stands apart."""
    asked = differences.asked_of(request.query_params)
    may_handle = actor.may(rights.HANDLE) and actor.reach(rights.HANDLE) is None
    page = await differences.list_differences(session, asked, actor, cursor)
    counts = await differences.count_states(session, asked)
    free = await differences.sum_longs(session, asked) if may_handle else None
    return render(
        request, "reconciliation/differences.html", found=page, asked=asked, counts=counts, longs=free, may_handle=may_handle,
        classes=[(code, f"{code} {_(label)}") for code, label in CLASS_WORDS.items()], states=[(code, _(word[0])) for code, word in STATE_WORDS.items()],
        severities=[(code, _(word[0])) for code, word in SEVERITY_WORDS.items()],
        channels=[(code, status_label(code, "channel")) for code in sorted(platform.channels)], now=clock.now(),
        owners=[(row.id, row.name) for row in await repository.list_owners(session)], views=await views.list_views(session, actor), me=actor.id,
        kinds=[(code, _(label)) for code, label in KIND_WORDS.items() if code not in ("requery", "credit")], query=request.url.query,
    )  # fmt: skip


@get(PATH + "/{difference_id:uuid}", opt=READ, include_in_schema=False)
async def difference_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform],
    difference_id: FromPath[UUID], raw: FromQuery[str] = "",
) -> Response:
    """One difference: both values side by side, every number, the lines of the files, what was tried, what can be done."""
    return await show(request, session, platform, actor, difference_id, raw=raw)


async def show(
    request: Request, session: Session, platform: Platform, actor: Actor, difference_id: UUID, *, raw: str = "", status: int = 200,
    typed: Mapping[str, str] | None = None, errors: dict[str, str] | None = None,
) -> Response:
    """Draw a difference's page; `typed` and `errors` are those of a remedy's form."""
    found = await details.find(session, difference_id, actor)
    subjects = [each.id for each in found.remedies if each.status in ("proposed", "done")]
    subjects += [each.batch_id for each in found.remedies if each.batch_id and each.status == "proposed"]
    waiting = await approvals.waiting_about(session, subjects)
    may_books = actor.may(books.READ)
    return render(
        request, "reconciliation/difference.html", status=status, found=found, row=found.row, waiting=waiting,
        pushes=await webhooks.about(session, [each.id for each in found.remedies if each.kind == "repost"]), may_see_pushes=actor.may(webhooks.READ),
        waiting_for={row.subject_id for row in waiting}, may_handle=actor.may(rights.HANDLE),
        journals=await books.journals(session, found.journal_ids) if found.journal_ids and may_books else [],
        books_linked=may_books and actor.reach(books.READ) is None, owners=[(row.id, row.name) for row in await repository.list_owners(session)],
        raw=await details.raw_line(session, platform, found, raw) if raw else None, typed=typed or {}, errors=errors or {},
        may_see_payment=actor.may("payments.payment.read"), may_see_refund=actor.may("refunds.refund.read"),
        titles={code: _(each.title) for code, each in (await sources_of(platform, session.tenant_id)).items()}, reason_of=reason_of,
    )  # fmt: skip


@post(PATH + "/{difference_id:uuid}/confirm", opt=HANDLE, include_in_schema=False)
async def confirm(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], difference_id: FromPath[UUID]) -> Response:
    """It is real."""
    await differences.confirm(session, difference_id, actor)
    return redirect(request, f"{PATH}/{difference_id}", success=_("已确认"))


@post(PATH + "/{difference_id:uuid}/assign", opt=HANDLE, include_in_schema=False)
async def assign(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], difference_id: FromPath[UUID]) -> Response:
    """Give it to somebody, with a day."""
    typed = _typed(await request.form())
    await differences.assign(session, difference_id, actor, word_of(typed, "owner"), due_on=day_of(typed.get("due_on")))
    return redirect(request, f"{PATH}/{difference_id}", success=_("已分派"))


@post(PATH + "/{difference_id:uuid}/comment", opt=HANDLE, include_in_schema=False)
async def comment(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform],
    difference_id: FromPath[UUID],
) -> Response:
    """Say something, with a file."""
    form = await request.form()
    file = form.get("file")
    content = await file.read() if isinstance(file, UploadFile) and file.filename else b""
    name, kind = (file.filename, file.content_type) if content else ("", "")
    await comments.comment(
        session, platform.vault, difference_id, actor, str(form.get("text", "")), file_name=name, content=content, media_type=kind
    )
    return redirect(request, f"{PATH}/{difference_id}", success=_("已记录"))


@get(PATH + "/{difference_id:uuid}/files/{event_id:uuid}", opt=READ, include_in_schema=False)
async def paper(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], difference_id: FromPath[UUID],
    event_id: FromPath[UUID],
) -> Response[bytes]:
    """A paper beside a difference."""
    file = await comments.attachment(session, platform.vault, difference_id, event_id, actor)
    return attachment(file.name, file.content, file.media_type)


@post(PATH + "/{difference_id:uuid}/requery", opt=HANDLE, include_in_schema=False)
async def ask_channel(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform],
    difference_id: FromPath[UUID],
) -> Response:
    """Ask the channel now; nothing is held while it answers."""
    try:
        told = await requery.requery(platform, client, difference_id, asker)
    except PlatformError as error:
        return _refused(request, f"{PATH}/{difference_id}", error)
    said = {"booked": _("渠道确认已付款，已按正常收款入账"), "suspense": _("渠道确认已付款，已入长款挂账")}
    text = said.get(told.outcome) or _("渠道答复：%(state)s，已记录", state=told.state)
    return redirect(request, f"{PATH}/{difference_id}", success=text)


@post(PATH + "/{difference_id:uuid}/remedy", opt=HANDLE, include_in_schema=False)
async def propose(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform],
    difference_id: FromPath[UUID],
) -> Response:
    """Ask a second person for a remedy; an order of ours is asked about at its channel first."""
    typed = _typed(await request.form())
    here, kind = f"{PATH}/{difference_id}", word_of(typed, "kind")
    try:
        if kind == "book" and (told := await requery.confirm_first(platform, client, difference_id, asker)) and told.outcome == "booked":
            return redirect(request, here, success=_("渠道确认已付款，已按正常收款入账"))
        async with platform.database.tenant(client.id) as session:
            await remedies.propose(session, client.settings, difference_id, remedies.ask_of(typed), asker)
        return redirect(request, here, success=_("已提交，等待另一位同事复核"))
    except PlatformError as error:
        if error.status >= 500 or error.status == 404:
            raise
        async with platform.database.tenant(client.id) as session:
            return await show(request, session, platform, asker, difference_id, typed=typed, errors={f"reason_{kind}": error.message}, status=error.status)


@post(PATH + "/bulk", opt=HANDLE, include_in_schema=False)
async def many(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform]
) -> Response:
    """The ticked ones, or all of the filter: confirmed or assigned at once, remedied in a batch that a second person agrees to."""
    form = await request.form()
    typed = _typed(form)
    back = f"{PATH}?{typed['query']}" if typed.get("query") else PATH
    action = word_of(typed, "action")
    try:
        asked = differences.asked_of(dict(parse_qsl(typed.get("query", ""))))
        ticked = [UUID(str(value)) for value in form.getall("difference", [])]
        async with platform.database.tenant(client.id) as session:
            if action in AT_ONCE:
                done = await bulk.at_once(session, asked, ticked, action, asker, owner_id=word_of(typed, "owner"), due_on=day_of(typed.get("due_on")))
                return redirect(request, back, success=_("已处理 %(n)s 条", n=done))
            batch_id = await bulk.propose(session, client.settings, asked, ticked, remedies.ask_of({**typed, "kind": action}), asker)
        return redirect(request, f"/console/remedy-batches/{batch_id}", success=_("批次已冻结并提交，等待另一位同事复核"))
    except (PlatformError, ValueError) as error:
        return _refused(request, back, error)


@post("/console/difference-views", opt=READ, include_in_schema=False)
async def save_view(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor]) -> Response:
    """Keep the filter under a name."""
    typed = _typed(await request.form())
    await views.save(session, actor, typed.get("title", ""), typed.get("query", ""), shared=typed.get("shared") == "1")
    return redirect(request, f"{PATH}?{typed.get('query', '')}", success=_("视图已保存"))


@post("/console/difference-views/{view_id:uuid}/remove", opt=READ, include_in_schema=False)
async def remove_view(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], view_id: FromPath[UUID]) -> Response:
    """Drop one's own."""
    await views.remove(session, view_id, actor)
    return redirect(request, PATH, info=_("视图已删除"))


def _typed(form) -> dict[str, str]:
    return {name: str(value) for name, value in form.items() if not isinstance(value, UploadFile)}


def _refused(request: Request, back: str, error: Exception) -> Response:
    if isinstance(error, PlatformError) and error.status >= 500:
        raise error
    return redirect(request, back, danger=error.message if isinstance(error, PlatformError) else _("选择有误，请刷新页面"))


ROUTES = [
    difference_list, difference_page, confirm, assign, comment, paper, ask_channel, propose, many, save_view, remove_view,
]  # fmt: skip
