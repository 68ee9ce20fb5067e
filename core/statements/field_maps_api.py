"""Field maps in the API: any other file becomes a source of its own once somebody has said which column holds what; and days without trades."""

import asyncio
import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import get, post, put
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery, JSONBody

from core.database import Row, Session
from core.files.errors import FileGone
from core.identity.actor import Actor
from core.platform import Platform
from core.statements import doors, field_maps
from core.statements import field_maps_repository as repository
from core.statements.field_maps import Preview
from core.statements.layouts import Layout
from core.statements.rights import MAKE, READ
from core.statements.schemas import Verdict

SEE, CHANGE = {"permission": READ}, {"permission": MAKE}
TAGS = ["对账文件 statements"]
MAPS = "/api/v1/statement-maps"
ONE = MAPS + "/{map_id:uuid}"


class MapUpload(msgspec.Struct, kw_only=True):
    """A sample of a file; `code` becomes the source `map-<code>`, `channel` is left out where a column names it."""

    code: str
    title: str
    side: str
    file: UploadFile
    channel: str = ""


class MapWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which column holds what; `version` is the one that was read (0: never saved)."""

    version: int
    title: str
    side: str
    layout: Layout
    channel: str = ""


class MapTry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A layout to be tried on the sample."""

    layout: Layout
    channel: str = ""
    date: dt.date | None = None


class MapStatus(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether files may come in through it."""

    status: Literal["active", "suspended"]


class MapRead(msgspec.Struct, frozen=True, kw_only=True):
    """A field map; files that came in through it stay whatever becomes of it."""

    id: UUID
    code: str
    source: str
    title: str
    side: str
    channel: str
    version: int
    active: bool
    layout: Layout


class MapPage(msgspec.Struct, frozen=True):
    """Every field map, those in use first."""

    items: list[MapRead]


class EmptyDay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A bill day on which a source had no trades, as the asker knows."""

    source: str
    date: dt.date
    merchant: str = ""


@get(MAPS, opt=SEE, tags=TAGS)
async def list_maps(session: NamedDependency[Session], q: FromQuery[str] = "") -> MapPage:
    """Every field map of the client; `q` is part of its code or title."""
    return MapPage([_read(row) for row in await repository.list_all(session, q.strip()[:60])])


@post(MAPS, opt=CHANGE, status_code=201, tags=TAGS)
async def create_map(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform],
    data: Annotated[MapUpload, Body(media_type=RequestEncodingType.MULTI_PART)],
) -> MapRead:
    """A field map laid out by a first guess; it is in use once it has been looked at and saved. 409 where the code is taken."""
    told = {"code": data.code, "title": data.title, "side": data.side, "channel": data.channel}
    content, name = await data.file.read(), (data.file.filename or "sample").replace("\\", "/").rsplit("/", 1)[-1]
    map_id = await field_maps.create(session, platform.vault, **told, file_name=name, content=content, by=actor)
    return _read(await field_maps.find(session, map_id))


@get(ONE, opt=SEE, tags=TAGS)
async def get_map(session: NamedDependency[Session], map_id: FromPath[UUID]) -> MapRead:
    """One field map with its layout."""
    return _read(await field_maps.find(session, map_id))


@put(ONE, opt=CHANGE, tags=TAGS)
async def save_map(
    session: NamedDependency[Session], actor: NamedDependency[Actor], map_id: FromPath[UUID], data: JSONBody[MapWrite]
) -> MapRead:
    """Put a layout in use as its next version; 409 when somebody saved it meanwhile, 422 naming what it lacks."""
    told = {"version": data.version, "title": data.title, "side": data.side, "channel": data.channel, "layout": data.layout}
    await field_maps.save(session, map_id, **told, by=actor)
    return _read(await field_maps.find(session, map_id))


@post(ONE + "/preview", opt=SEE, status_code=200, tags=TAGS)
async def try_map(
    session: NamedDependency[Session], platform: NamedDependency[Platform], map_id: FromPath[UUID], data: JSONBody[MapTry]
) -> Preview:
    """The first lines of the sample as a layout would load them; nothing is kept. 404 once the sample's time is over."""
    sample = await field_maps.sample_of(session, platform.vault, await field_maps.find(session, map_id))
    if sample is None:
        raise FileGone()
    return await asyncio.to_thread(field_maps.preview, sample[1], data.layout, data.channel, data.date)


@post(ONE + "/status", opt=CHANGE, status_code=200, tags=TAGS)
async def change_map(
    session: NamedDependency[Session], actor: NamedDependency[Actor], map_id: FromPath[UUID], data: JSONBody[MapStatus]
) -> MapRead:
    """Take a map out of use (`suspended`), or put it back (`active`)."""
    await field_maps.switch(session, map_id, active=data.status == "active", by=actor)
    return _read(await field_maps.find(session, map_id))


@post("/api/v1/empty-days", opt=CHANGE, status_code=201, tags=TAGS)
async def no_trades(asker: NamedDependency[Actor], platform: NamedDependency[Platform], data: JSONBody[EmptyDay]) -> Verdict:
    """Say that a day had no trades, under one's own name; a file that comes later takes its place."""
    told = doors.Delivered(source=data.source, day=data.date, merchant=data.merchant.strip())
    return await doors.take_empty(platform, asker, told)


def _read(row: Row) -> MapRead:
    names = ("id", "code", "title", "side", "channel", "version", "active")
    return MapRead(source=f"map-{row.code}", layout=field_maps.layout_of(row), **{name: getattr(row, name) for name in names})


ROUTES = [list_maps, create_map, get_map, save_map, try_map, change_map, no_trades]
