"""Static QR codes in the API: made, read with their address, taken out of use and back."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.database import Row, Session
from core.identity import org
from core.identity.actor import Actor
from core.once import once
from core.payments.accounts.desk import MANAGE, READ
from core.payments.static_codes import service as static_codes
from core.platform import Platform
from core.tenancy.directory import ClientProfile

CODES = "/api/v1/static-codes"
TAGS = ["支付 payments"]


class StaticCodeWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A code on a wall: for the whole client, one unit, or one fee; `day_cap_fen` is at most 50,000 for each customer and day."""

    title: Annotated[str, msgspec.Meta(max_length=80)]
    day_cap_fen: int = static_codes.MOST_FEN
    org_id: UUID | None = None
    item_code: Annotated[str, msgspec.Meta(max_length=40)] = ""


class StaticCodeStatus(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether whoever scans it may pay."""

    status: Literal["active", "suspended"]


class StaticCodeRead(msgspec.Struct, frozen=True, kw_only=True):
    """A code, the address its picture stands for, and what came in by it today, fen."""

    id: UUID
    code: str
    title: str
    url: str
    active: bool
    day_cap_fen: int
    org_id: UUID | None
    item_code: str | None
    today_fen: int


class StaticCodePage(msgspec.Struct, frozen=True):
    """Codes, those in use first."""

    items: list[StaticCodeRead]
    next_cursor: str | None


@get(CODES, opt={"permission": READ}, tags=TAGS)
async def list_codes(
    session: NamedDependency[Session], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform],
    cursor: FromQuery[str | None] = None, limit: FromQuery[int] = paging.PAGE,
) -> StaticCodePage:  # fmt: skip
    """The codes, those in use first."""
    rows, more = await static_codes.listed(session, cursor, paging.page_size(limit))
    return StaticCodePage([_read(row, platform, client) for row in rows], more)


@post(CODES, opt={"permission": MANAGE}, status_code=201, tags=TAGS)
async def add_code(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform], data: JSONBody[StaticCodeWrite],
) -> Response[StaticCodeRead]:
    """Make a code. Needs an `Idempotency-Key`."""

    async def work() -> StaticCodeRead:
        if data.org_id is not None:
            await org.find(session, data.org_id)
        about = {"title": data.title, "day_cap_fen": data.day_cap_fen, "org_id": data.org_id, "item_code": data.item_code}
        return await _one(session, platform, client, await static_codes.add(session, actor, **about))

    return await once(request, session, actor, 201, work)


@get(CODES + "/{code_id:uuid}", opt={"permission": READ}, tags=TAGS)
async def get_code(
    session: NamedDependency[Session], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform], code_id: FromPath[UUID]
) -> StaticCodeRead:
    """One code with its address."""
    return await _one(session, platform, client, code_id)


@post(CODES + "/{code_id:uuid}/status", opt={"permission": MANAGE}, status_code=200, tags=TAGS)
async def change_code(
    session: NamedDependency[Session], actor: NamedDependency[Actor], client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform], code_id: FromPath[UUID], data: JSONBody[StaticCodeStatus],
) -> StaticCodeRead:
    """Take a code out of use (`suspended`), or put it back (`active`)."""
    await static_codes.set_active(session, actor, code_id, data.status == "active")
    return await _one(session, platform, client, code_id)


async def _one(session: Session, platform: Platform, client: ClientProfile, code_id: UUID) -> StaticCodeRead:
    return _read(await static_codes.told(session, code_id), platform, client)


def _read(row: Row, platform: Platform, client: ClientProfile) -> StaticCodeRead:
    url = f"{platform.settings.public_url}/h5/{client.code}/q/{row.code}"
    facts = {name: getattr(row, name) for name in StaticCodeRead.__struct_fields__ if name not in ("url", "today_fen")}
    return StaticCodeRead(url=url, today_fen=int(row.today_fen), **facts)


ROUTES = [list_codes, add_code, get_code, change_code]
