"""Statements in the console: what came in, which day lacks which file, and one file with what was said of it."""

import datetime as dt
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from core import clock
from core.database import Session
from core.errors import InvalidRequest
from core.files.answers import disposition
from core.identity.actor import Actor
from core.identity.user_pages import timeline
from core.platform import Platform
from core.statements import doors, fetchers, fetching, lists, page_words, reading, registry, uploads
from core.statements.lists import StatementRead
from core.statements.originals import LineGone
from core.statements.protocol import StatementSource
from core.statements.rights import MAKE, READ
from core.statements.uploads import Uploading
from core.statements.words import REASONS
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PATH = "/console/statements"
SEE, CHANGE = {"permission": READ}, {"permission": MAKE}
REFUSED_SHOWN = 50


@get(PATH, opt=SEE, include_in_schema=False)
async def statement_list(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    cursor: FromQuery[str | None] = None,
) -> Response:
    """Every file that came in, under a strip of the last two weeks."""
    asked = lists.asked_of(request.query_params)
    found = await lists.list_statements(session, asked, cursor)
    total = await lists.count(session, asked)
    sources = await _sources(platform, actor)
    return render(
        request, "statements/list.html", found=found, asked=asked, total=total, strip=await lists.strip(session), titles=_titles(sources),
        sources=[(code, _(each.title)) for code, each in sorted(sources.items())], verdicts=_of(page_words.VERDICTS),
        sides=_of(page_words.SIDES), may_make=actor.may(MAKE),
    )  # fmt: skip


@get(PATH + "/days/{day:date}", opt=SEE, include_in_schema=False)
async def day_page(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    day: FromPath[dt.date],
) -> Response:
    """One bill day: which files are awaited, what came, when the next try is."""
    found = await lists.list_statements(session, lists.Asked(start=day, until=day), None, 200)
    awaited = await fetching.list_awaited(session, day)
    sources = await _sources(platform, actor)
    return render(
        request, "statements/day.html", day=day, found=found.items, awaited=awaited, titles=_titles(sources), may_make=actor.may(MAKE),
        past=day < clock.today(),
    )  # fmt: skip


@post(PATH + "/days/{day:date}/fetch", opt=CHANGE, include_in_schema=False)
async def fetch_now(
    request: Request,
    asker: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    day: FromPath[dt.date],
) -> Response:
    """Ask the channels now; nothing is held while they answer."""
    form = await request.form()
    doors.check_day(day)
    source, again = str(form.get("source", ""))[:60], form.get("again") == "1"
    known = fetchers.of(platform, client.plugins)
    if not await fetching.ask_now(platform, client.id, known, day, asker, source=source, again=again):
        return redirect(request, f"{PATH}/days/{day}", info=_("这一天没有要下载的文件"))
    return redirect(request, f"{PATH}/days/{day}", info=_("已向渠道索取，结果如下"))


@get(PATH + "/new", opt=CHANGE, include_in_schema=False)
async def new_statement(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform]) -> Response:
    """Where a file is dropped; with a source and a day, what it would take the place of."""
    return await _form(request, session, platform, actor, dict(request.query_params), {})


@post(PATH, opt=CHANGE, include_in_schema=False, request_max_body_size=doors.MOST_BODY)
async def upload(request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform]) -> Response:
    """A file came in: judge it, and show what was said."""
    form = await request.form()
    typed = {name: str(form.get(name, "")).strip()[:200] for name in ("source", "day", "merchant")}
    try:
        told = doors.Delivered(source=typed["source"], day=doors.read_day(typed["day"]), merchant=typed["merchant"])
        verdict = await doors.take_upload(platform, asker, told, form.get("file"), "upload")
        if isinstance(verdict, Uploading):
            return redirect(request, f"{PATH}/{verdict.id}", info=_("文件已收下，正在后台核对"))
    except (InvalidRequest, registry.UnknownSource) as error:
        field = {"BAD_BILL_DATE": "day", "BAD_MERCHANT_NUMBER": "merchant", "UNKNOWN_SOURCE": "source"}.get(error.code, "file")
        async with platform.database.tenant(client.id) as session:
            return await _form(request, session, platform, asker, typed, {field: error.message}, status=422)
    where = f"{PATH}/{verdict.statement_id}"
    if verdict.reason_code == "duplicate_file":
        return redirect(request, where, info=_(verdict.reason))
    if verdict.refused:
        return redirect(request, where, danger=_("这份文件没有采用，原因见下"))
    return redirect(request, where, success=_("文件已采用，载入 %(n)s 行") % {"n": verdict.rows_loaded})


@post(PATH + "/empty", opt=CHANGE, include_in_schema=False)
async def no_trades(request: Request, asker: NamedDependency[Actor], platform: NamedDependency[Platform]) -> Response:
    """Somebody knows that a day had no trades at a channel: as good as the channel's own word, under that person's name."""
    form = await request.form()
    typed = {name: str(form.get(name, "")).strip()[:200] for name in ("source", "day", "merchant")}
    told = doors.Delivered(source=typed["source"], day=doors.read_day(typed["day"]), merchant=typed["merchant"])
    verdict = await doors.take_empty(platform, asker, told)
    where = f"{PATH}/{verdict.statement_id}"
    if verdict.refused:
        return redirect(request, where, danger=_("没有采用，原因见下"))
    return redirect(request, where, success=_("已记下：这一天没有交易"))


@get(PATH + "/{statement_id:uuid}", opt=SEE, include_in_schema=False)
async def statement_page(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    statement_id: FromPath[UUID],
    cursor: FromQuery[str | None] = None,
) -> Response:
    """One file: what was said of it, its totals, what was left out, and the versions before and after it; a large one first how far it is."""
    try:
        found = await lists.find(session, statement_id)
    except lists.StatementNotFound:
        return await _waiting(request, session, statement_id)
    titles = _titles(await _sources(platform, actor))
    named = {**titles, **dict(_of(page_words.VERDICTS)), "source": _("来源"), "reason_code": _("原因代码")}
    return render(
        request, "statements/statement.html", found=found, refused=await lists.list_refusals(session, statement_id, cursor, REFUSED_SHOWN),
        versions=await lists.list_versions(session, found), titles=titles, repairs=[_(REASONS.get(c, c)) for c in found.repairs],
        fault=found.facts.get("fault") or {}, by_channel=found.facts.get("by_channel") or {}, may_make=actor.may(MAKE),
        timeline=await timeline(session, "statement", statement_id, named),
    )  # fmt: skip


async def _waiting(request: Request, session: Session, upload_id: UUID) -> Response:
    """A file that is being judged; once that is over its statement, which is another one where the content was known."""
    try:
        found = await uploads.find(session, upload_id)
    except uploads.UploadNotFound:
        raise lists.StatementNotFound() from None
    if found.statement_id is not None:
        return redirect(request, f"{PATH}/{found.statement_id}", info=_(str((found.verdict or {}).get("reason", ""))))
    live = found.status in ("queued", "running")
    return render(request, "statements/judging.html", refresh_seconds=2 if live else None, found=found, live=live)


@get(PATH + "/{statement_id:uuid}/lines", opt=SEE, include_in_schema=False)
async def line_list(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    statement_id: FromPath[UUID],
    cursor: FromQuery[str | None] = None,
) -> Response:
    """A file's lines as they were understood."""
    found = await lists.find(session, statement_id)
    asked = lists.lines_asked_of(request.query_params)
    lines = await lists.list_lines(session, statement_id, asked, cursor)
    return render(
        request, "statements/lines.html", found=found, lines=lines, asked=asked, titles=_titles(await _sources(platform, actor)),
        kinds=_of(page_words.KINDS), channels=_of(page_words.CHANNELS),
    )  # fmt: skip


@get(PATH + "/{statement_id:uuid}/lines/{row_no:int}", opt=SEE, include_in_schema=False)
async def line_page(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    statement_id: FromPath[UUID],
    row_no: FromPath[int],
) -> Response:
    """One line: as it was understood, and as it stands in the file."""
    found = await lists.find(session, statement_id)
    line = await lists.find_line(session, statement_id, row_no)
    try:
        raw = await reading.raw_line(session, platform, found, line)
    except LineGone as gone:
        raw = _(gone.message)
    return render(request, "statements/line.html", found=found, line=line, raw=raw, titles=_titles(await _sources(platform, actor)))


@get(PATH + "/{statement_id:uuid}/original", opt=SEE, include_in_schema=False)
async def original(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], statement_id: FromPath[UUID]
) -> Stream:
    """The file byte for byte as it came, always as a download."""
    return await download(session, platform, actor, statement_id)


async def download(session: Session, platform: Platform, actor: Actor, statement_id: UUID) -> Stream:
    """The answer that carries an original."""
    found = await lists.find(session, statement_id)
    await reading.note_download(session, found, actor)
    content = reading.original(platform, actor.tenant_id, statement_id)
    return Stream(content, media_type="application/octet-stream", headers=disposition(found.file_name or "statement"))


async def _form(
    request: Request, session: Session, platform: Platform, actor: Actor, typed: dict[str, str], errors: dict[str, str], status: int = 200
) -> Response:
    sources = await _sources(platform, actor)
    source = sources.get(typed.get("source", ""))
    replaced: list[StatementRead] = []
    try:
        day = dt.date.fromisoformat(typed.get("day", ""))
    except ValueError:
        day = None
    if source is not None and day is not None:
        asked = lists.Asked(source=source.code, start=day, until=day, status="loaded")
        replaced = (await lists.list_statements(session, asked, None, 20)).items
    suffixes = sorted({suffix for each in sources.values() for suffix in each.suffixes})
    return render(
        request, "statements/new.html", status=status, typed=typed, errors=errors, source=source, day=day, replaced=replaced,
        suffixes=suffixes, sources=[(code, _(each.title)) for code, each in sorted(sources.items())],
        where=[(_(each.title), _(page_words.WHERE[code])) for code, each in sorted(sources.items()) if code in page_words.WHERE],
        today=clock.today(), limit_mb=platform.settings.statement_max_mb,
    )  # fmt: skip


async def _sources(platform: Platform, actor: Actor) -> dict[str, StatementSource]:
    return await registry.sources_of(platform, actor.tenant_id)


def _titles(sources: dict[str, StatementSource]) -> dict[str, str]:
    return {code: _(each.title) for code, each in sources.items()}


def _of(pairs: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    return [(code, _(word)) for code, word in pairs]


ROUTES = [statement_list, day_page, fetch_now, new_statement, upload, no_trades, statement_page, line_list, line_page, original]
