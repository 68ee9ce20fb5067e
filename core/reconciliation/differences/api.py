"""Differences in the API: the work list, one of them with its history, and what one person may do at once."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery, JSONBody

from core import paging
from core.database import Session
from core.files.answers import attachment
from core.identity.actor import Actor
from core.platform import Platform
from core.reconciliation import rights
from core.reconciliation.differences import comments, repository
from core.reconciliation.differences import service as differences
from core.reconciliation.differences.service import DifferencePage, DifferenceRead
from core.reconciliation.remedies import bulk, requery
from core.reconciliation.remedies.requery import Told
from core.tenancy.directory import ClientProfile

READ, HANDLE = {"permission": rights.READ}, {"permission": rights.HANDLE}
TAGS = ["对账差异 differences"]
BASE = "/api/v1/differences"


class Confirming(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """It is real; `version` is the difference's as it was seen."""

    version: int | None = None
    remark: str = ""


class Assigning(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose it is (empty: nobody's), and by when."""

    owner_id: str
    due_on: dt.date | None = None
    version: int | None = None


class Comment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words beside a difference."""

    text: str


class Paper(msgspec.Struct, kw_only=True):
    """A file beside a difference (at most 10 MB), with words."""

    file: UploadFile
    text: str = ""


class Many(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is done to several at once; for `assign` whose they become (empty: nobody's) and by when."""

    action: Literal["confirm", "assign"]
    difference_ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=bulk.MOST)]
    owner_id: str = ""
    due_on: dt.date | None = None


class Done(msgspec.Struct, frozen=True):
    """How many were changed; those that are not open any more are left alone."""

    changed: int


class DifferenceEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to a difference."""

    id: UUID
    what: str
    by_name: str
    remark: str
    facts: dict[str, object]
    file_id: UUID | None
    at: dt.datetime


class DifferenceHistory(msgspec.Struct, frozen=True):
    """Everything that happened, the oldest first."""

    items: list[DifferenceEvent]


@get(BASE, opt=READ, tags=TAGS)
async def list_differences(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    q: FromQuery[str] = "",
    status: FromQuery[str] = "live",
    channel: FromQuery[str] = "",
    severity: FromQuery[str] = "",
    owner: FromQuery[str] = "",
    start: FromQuery[str] = "",
    until: FromQuery[str] = "",
    overdue: FromQuery[str] = "",
    longs: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> DifferencePage:
    """Differences, the newest day first: open ones unless `status` says otherwise; `class=LG1` narrows to a class, `q` is any number."""
    asked = differences.asked_of(dict(request.query_params))
    return await differences.list_differences(session, asked, actor, cursor, paging.page_size(limit))


@get(BASE + "/{difference_id:uuid}", opt=READ, tags=TAGS)
async def get_difference(session: NamedDependency[Session], actor: NamedDependency[Actor], difference_id: FromPath[UUID]) -> DifferenceRead:
    """One difference: all numbers, the values of every side, what differs."""
    return differences.read(await differences.find(session, difference_id, actor))


@get(BASE + "/{difference_id:uuid}/events", opt=READ, tags=TAGS)
async def list_events(session: NamedDependency[Session], actor: NamedDependency[Actor], difference_id: FromPath[UUID]) -> DifferenceHistory:
    """What happened to it, by whom and when."""
    await differences.find(session, difference_id, actor)
    rows = await repository.list_events(session, difference_id)
    return DifferenceHistory([DifferenceEvent(**{name: getattr(row, name) for name in DifferenceEvent.__struct_fields__}) for row in rows])


@post(BASE + "/{difference_id:uuid}/confirm", opt=HANDLE, status_code=200, tags=TAGS)
async def confirm_difference(
    session: NamedDependency[Session], actor: NamedDependency[Actor], difference_id: FromPath[UUID], data: JSONBody[Confirming]
) -> DifferenceRead:
    """Say that it is real."""
    await differences.confirm(session, difference_id, actor, version=data.version, remark=data.remark)
    return differences.read(await differences.find(session, difference_id, actor))


@post(BASE + "/{difference_id:uuid}/assign", opt=HANDLE, status_code=200, tags=TAGS)
async def assign_difference(
    session: NamedDependency[Session], actor: NamedDependency[Actor], difference_id: FromPath[UUID], data: JSONBody[Assigning]
) -> DifferenceRead:
    """Give it an owner and a day."""
    await differences.assign(session, difference_id, actor, data.owner_id, version=data.version, due_on=data.due_on)
    return differences.read(await differences.find(session, difference_id, actor))


@post(BASE + "/{difference_id:uuid}/comments", opt=HANDLE, status_code=201, tags=TAGS)
async def comment_difference(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], difference_id: FromPath[UUID],
    data: JSONBody[Comment],
) -> DifferenceRead:
    """Say something beside it."""
    await comments.comment(session, platform.vault, difference_id, actor, data.text)
    return differences.read(await differences.find(session, difference_id, actor))


@post(BASE + "/{difference_id:uuid}/requery", opt=HANDLE, status_code=200, tags=TAGS)
async def requery_difference(
    asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform], difference_id: FromPath[UUID]
) -> Told:
    """Ask the channel now; a success is booked as any other, once however often it is asked."""
    return await requery.requery(platform, client, difference_id, asker)


@post(BASE + "/{difference_id:uuid}/files", opt=HANDLE, status_code=201, tags=TAGS)
async def attach_file(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], difference_id: FromPath[UUID],
    data: Annotated[Paper, Body(media_type=RequestEncodingType.MULTI_PART)],
) -> DifferenceRead:
    """Put a file beside it; its event in the history has the address."""
    name, kind = data.file.filename or "", data.file.content_type
    content = await data.file.read()
    await comments.comment(session, platform.vault, difference_id, actor, data.text, file_name=name, content=content, media_type=kind)
    return differences.read(await differences.find(session, difference_id, actor))


@get(BASE + "/{difference_id:uuid}/files/{event_id:uuid}", opt=READ, tags=TAGS)
async def get_file(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], difference_id: FromPath[UUID],
    event_id: FromPath[UUID],
) -> Response[bytes]:
    """The file of one event of the history, as a download; each look is in the audit trail."""
    file = await comments.attachment(session, platform.vault, difference_id, event_id, actor)
    return attachment(file.name, file.content, file.media_type)


@post("/api/v1/difference-changes", opt=HANDLE, status_code=200, tags=TAGS)
async def change_many(session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[Many]) -> Done:
    """Confirm or assign several at once; remedies of several are a batch (`/api/v1/remedy-batches`)."""
    nothing = differences.asked_of({})
    told = {"owner_id": data.owner_id, "due_on": data.due_on}
    return Done(await bulk.at_once(session, nothing, data.difference_ids, data.action, actor, **told))


ROUTES = [
    list_differences, get_difference, list_events, confirm_difference, assign_difference, comment_difference, requery_difference, attach_file,
    get_file, change_many,
]  # fmt: skip
