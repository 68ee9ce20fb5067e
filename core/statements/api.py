"""Statements in the API: hand a file or rows in, see what was said, look into what came, have the channels asked."""

import datetime as dt
import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery, JSONBody
from litestar.response import Stream

from core import once, paging
from core.database import Session
from core.errors import PlatformError
from core.identity import idempotency
from core.identity.actor import Actor
from core.platform import Platform
from core.statements import console, doors, fetchers, fetching, lists, reading, registry, uploads
from core.statements.lists import LinePage, LineRead, RefusalPage, StatementPage, StatementRead
from core.statements.rights import MAKE, READ
from core.statements.schemas import Verdict
from core.statements.uploads import Uploading
from core.tenancy.directory import ClientProfile

SEE, CHANGE = {"permission": READ}, {"permission": MAKE}
TAGS = ["对账文件 statements"]
MOST_LINES = 50_000
PROBLEM = "application/problem+json"


class StatementUpload(msgspec.Struct, kw_only=True):
    """A file, whose (`GET /api/v1/statement-sources` lists the sources) and of which bill day. `merchant` names the merchant number where a
    file does not; `sha1` is what the channel announced for the unpacked bytes."""

    source: str
    date: dt.date
    file: UploadFile
    merchant: str = ""
    sha1: str = ""


class LinesPosted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All rows of a bill day of a business system; a later post of the same day takes the place of the earlier one.

    Each of `lines` has channel (wechatpay, alipay, unionpay, stripe, …), kind (pay or refund), number (the order's of a payment, the
    refund's of a refund), amount_fen (whole fen, positive), happened_at (ISO 8601), and may have order_number, fee_fen, channel_number,
    bill_number, serial, status, counts (false: kept, but not matched). They are judged one by one: a row that does not fit is a refused row.
    """

    date: dt.date
    lines: Annotated[list[dict[str, Any]], msgspec.Meta(max_length=MOST_LINES)]
    merchant: str = ""


class FetchWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A bill day whose missing files are asked for now; `again` asks for those that are there, too."""

    date: dt.date
    source: str = ""
    again: bool = False


class FetchRead(msgspec.Struct, frozen=True):
    """An awaited file: waiting, fetched, empty (nothing happened that day) or failed."""

    source: str
    bill_on: dt.date
    merchant_number: str
    status: str
    tries: int
    next_at: dt.datetime | None
    error: str | None
    statement_id: UUID | None


class SourceRead(msgspec.Struct, frozen=True):
    """A kind of file that can be handed in."""

    code: str
    title: str
    side: str
    channel: str
    suffixes: tuple[str, ...]


class RawLine(msgspec.Struct, frozen=True):
    """A line as it was understood, and as it stands in the file."""

    line: LineRead
    raw: str


@get("/api/v1/statement-sources", opt=SEE, tags=TAGS)
async def list_sources(session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform]) -> list[SourceRead]:
    """What can be handed in, the client's own field maps (`map-…`) among it."""
    found = await registry.sources_of(platform, actor.tenant_id)
    return [SourceRead(code, each.title, each.side, each.channel, each.suffixes) for code, each in sorted(found.items())]


@get("/api/v1/statements", opt=SEE, tags=TAGS)
async def list_statements(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    source: FromQuery[str] = "",
    side: FromQuery[str] = "",
    verdict: FromQuery[str] = "",
    status: FromQuery[str] = "",
    bill_from: FromQuery[dt.date | None] = None,
    bill_to: FromQuery[dt.date | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> StatementPage:
    """Files that came in, the last first; `q` is a merchant number or part of a file's name."""
    asked = lists.asked_of({"q": q, "source": source, "side": side, "verdict": verdict, "status": status})
    asked = msgspec.structs.replace(asked, start=bill_from, until=bill_to)
    return await lists.list_statements(session, asked, cursor, paging.page_size(limit))


@post("/api/v1/statements", opt=CHANGE, status_code=201, tags=TAGS, request_max_body_size=doors.MOST_BODY)
async def upload(
    request: Request,
    asker: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    data: Annotated[StatementUpload, Body(media_type=RequestEncodingType.MULTI_PART)],
) -> Response[Verdict | Uploading]:
    """Hand a file in and hear what is said of it: 201 where (most of) it was taken, 422 with the same shape where all of it was refused,
    202 with an address to ask (`href`) for a large file, which a worker judges.

    The same content twice changes nothing. An `Idempotency-Key` is honoured where one is sent.
    """
    told = doors.Delivered(source=data.source, day=data.date, merchant=data.merchant.strip(), sha1=data.sha1.strip() or None)

    async def work() -> Verdict | Uploading:
        return await doors.take_upload(platform, asker, told, data.file, "api")

    if not request.headers.get(once.HEADER):
        return _answer(msgspec.to_builtins(await work()))
    told_bytes = msgspec.json.encode(told) + await _digest(data.file)
    return await _once(request, platform, asker, told_bytes, work)


@post("/api/v1/statement-lines", opt=CHANGE, status_code=201, tags=TAGS)
async def post_lines(
    request: Request,
    asker: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    data: JSONBody[LinesPosted],
) -> Response[Verdict]:
    """Post all rows of a business system's day, judged like a file; needs an `Idempotency-Key`. Each row is a `PostedLine`; one that does
    not fit is among the refused rows, and the others are taken."""

    async def work() -> Verdict:
        return await doors.take_lines(platform, asker, data.date, data.merchant.strip(), data.lines, "api")

    return await _once(request, platform, asker, await request.body(), work)


@get("/api/v1/statement-uploads/{upload_id:uuid}", opt=SEE, tags=TAGS)
async def get_upload(session: NamedDependency[Session], actor: NamedDependency[Actor], upload_id: FromPath[UUID]) -> Uploading:
    """How far the judgement of a large file is: `queued`, `running`, `failed`, `cancelled`, or `judged` with its verdict and statement."""
    return await uploads.find(session, upload_id)


@get("/api/v1/statements/{statement_id:uuid}", opt=SEE, tags=TAGS)
async def get_statement(session: NamedDependency[Session], actor: NamedDependency[Actor], statement_id: FromPath[UUID]) -> StatementRead:
    """One file with its verdict and totals."""
    return await lists.find(session, statement_id)


@get("/api/v1/statements/{statement_id:uuid}/lines", opt=SEE, tags=TAGS)
async def list_lines(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    statement_id: FromPath[UUID],
    q: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    channel: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> LinePage:
    """A file's normalised lines in its order; `q` is any whole number on them."""
    await lists.find(session, statement_id)
    asked = lists.lines_asked_of({"q": q, "kind": kind, "channel": channel})
    return await lists.list_lines(session, statement_id, asked, cursor, paging.page_size(limit))


@get("/api/v1/statements/{statement_id:uuid}/lines/{row_no:int}", opt=SEE, tags=TAGS)
async def get_line(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    platform: NamedDependency[Platform],
    statement_id: FromPath[UUID],
    row_no: FromPath[int],
) -> RawLine:
    """One line: as it was understood, and as it stands in the file."""
    found = await lists.find(session, statement_id)
    line = await lists.find_line(session, statement_id, row_no)
    return RawLine(line, await reading.raw_line(session, platform, found, line))


@get("/api/v1/statements/{statement_id:uuid}/refusals", opt=SEE, tags=TAGS)
async def list_refusals(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    statement_id: FromPath[UUID],
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> RefusalPage:
    """The rows that were left out of a file, with the reason of each."""
    await lists.find(session, statement_id)
    return await lists.list_refusals(session, statement_id, cursor, paging.page_size(limit))


@get("/api/v1/statements/{statement_id:uuid}/original", opt=SEE, tags=TAGS)
async def get_original(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], statement_id: FromPath[UUID]
) -> Stream:
    """The file byte for byte as it came."""
    return await console.download(session, platform, actor, statement_id)


@get("/api/v1/statement-fetches", opt=SEE, tags=TAGS)
async def list_fetches(session: NamedDependency[Session], actor: NamedDependency[Actor], date: FromQuery[dt.date]) -> list[FetchRead]:
    """The files that are awaited of a bill day."""
    rows = await fetching.list_awaited(session, date)
    return [FetchRead(**{name: getattr(row, name) for name in FetchRead.__struct_fields__}) for row in rows]


@post("/api/v1/statement-fetches", opt=CHANGE, status_code=202, tags=TAGS)
async def fetch_now(
    asker: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    data: JSONBody[FetchWish],
) -> list[FetchRead]:
    """Have the channels asked for a day's missing files at once; answers the awaited files, which come behind this answer."""
    doors.check_day(data.date)
    async with platform.database.tenant(client.id) as session:
        known = fetchers.of(platform, client.plugins)
        await fetching.hurry(session, known, data.date, asker, source=data.source, again=data.again)
        rows = await fetching.list_awaited(session, data.date)
    return [FetchRead(**{name: getattr(row, name) for name in FetchRead.__struct_fields__}) for row in rows]


async def _once(request: Request, platform: Platform, by: Actor, body: bytes, work: Callable[[], Awaitable[Verdict | Uploading]]) -> Response[Any]:
    """The work done once for a key, though it opens transactions of its own."""
    scope = {"who": by.id, "route": f"{request.method} {request.url.path}"}
    key = request.headers.get(once.HEADER)
    async with platform.database.tenant(by.tenant_id) as session:
        known = await idempotency.claim(session, **scope, key=key, body=body)
    if known is not None:
        return _answer(known.body)
    try:
        said = msgspec.to_builtins(await work())
    except PlatformError:
        async with platform.database.tenant(by.tenant_id) as session:
            await idempotency.release(session, **scope, key=key)
        raise
    answer = _answer(said)
    async with platform.database.tenant(by.tenant_id) as session:
        await idempotency.store(session, **scope, key=key, answer=idempotency.Answer(answer.status_code, said))
    return answer


def _answer(said: dict[str, Any]) -> Response[Any]:
    """A verdict; one that refuses the whole file is a problem, with the verdict in it. A file that waits for its judgement says where to ask."""
    if "bill_date" not in said:
        return Response(said, status_code=202)
    if said["verdict"] != "reject_file":
        return Response(said, status_code=201)
    problem = {"type": "urn:banyan:problem:statement-refused", "title": "StatementRefused", "status": 422, "code": "STATEMENT_REFUSED"}
    return Response(problem | {"detail": said["reason"]} | said, status_code=422, media_type=PROBLEM)


async def _digest(file: UploadFile) -> bytes:
    digest = hashlib.sha256()
    await file.seek(0)
    while piece := await file.read(1 << 20):
        digest.update(piece)
    await file.seek(0)
    return digest.digest()


ROUTES = [
    list_sources, list_statements, upload, get_upload, post_lines, get_statement, list_lines, get_line, list_refusals, get_original, list_fetches, fetch_now,
]  # fmt: skip
