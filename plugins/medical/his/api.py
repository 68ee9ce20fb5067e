"""The link with HIS and the orders it did not take, for programs."""

import msgspec
from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from core import paging
from core.database import Session
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from plugins.medical.his import lists, posting, service
from plugins.medical.his.lists import Failure, FailurePage
from plugins.medical.his.service import LinkRead, LinkWrite

TAGS = ["HIS"]
MANAGE, READ, REPOST = {"permission": service.MANAGE}, {"permission": lists.READ}, {"permission": lists.REPOST}


class Checked(msgspec.Struct, frozen=True):
    """`ok`: HIS hears and believes us; otherwise why not."""

    ok: bool
    message: str


class Why(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reason in words."""

    reason: str


@get("/api/v1/medical/his-link", opt=MANAGE, tags=TAGS)
async def get_link(session: NamedDependency[Session], actor: NamedDependency[Actor]) -> LinkRead:
    """The open link, without its secret."""
    return await service.read_link(session)


@put("/api/v1/medical/his-link", opt=MANAGE, tags=TAGS)
async def put_link(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], data: JSONBody[LinkWrite]
) -> LinkRead:
    """Set or change the link; an empty secret keeps the one that is there."""
    return await service.open_link(session, await platform.vault.keys(session), data, actor, service.sandbox_of(platform))


@post("/api/v1/medical/his-link/check", opt=MANAGE, status_code=200, tags=TAGS)
async def check_link(asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform]) -> Checked:
    """Ask HIS whether it hears and believes us."""
    told = await service.check(platform, client.id)
    return Checked(told.state == "absent", told.message)


@get("/api/v1/medical/post-failures", opt=READ, tags=TAGS)
async def list_failures(
    session: NamedDependency[Session], actor: NamedDependency[Actor], q: FromQuery[str] = "", cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = paging.PAGE,
) -> FailurePage:
    """Paid orders that HIS did not take, the oldest first."""
    return await lists.list_failures(session, q[:64], cursor, paging.page_size(limit))


@post("/api/v1/medical/post-failures/{number:str}/repost", opt=REPOST, status_code=202, tags=TAGS)
async def repost(
    asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform], number: FromPath[str], data: JSONBody[Why]
) -> Failure:
    """Have an order posted once more; HIS is asked whether it has it first."""
    async with platform.database.tenant(client.id) as session:
        found = await lists.find_posting(session, number)
    await posting.again(platform, client.id, found.id, asker, data.reason)
    async with platform.database.tenant(client.id) as session:
        return lists.failure(await lists.find_posting(session, number))


ROUTES = [get_link, put_link, check_link, list_failures, repost]
