"""Pay codes at a window in the API."""

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.counter import scanning, shifts
from core.counter.schemas import ScanRead, ScanRequest
from core.database import Session
from core.identity import idempotency
from core.identity.actor import Actor
from core.once import HEADER
from core.payers.pages import address_of
from core.platform import Platform
from core.tenancy.directory import ClientProfile

RUN, ANY = {"permission": shifts.RUN}, {"permission": "any"}
TAGS = ["柜台 counter"]
PATH = "/api/v1/counter/scans"


@post(PATH, opt=RUN, status_code=201, tags=TAGS)
async def scan(
    request: Request,
    asker: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    data: JSONBody[ScanRequest],
) -> Response[ScanRead]:
    """Charge some bills to the payer's pay code; needs an `Idempotency-Key`.

    `succeeded` is paid; `created` and `pending` wait for the payer: ask `GET …/{number}` every two seconds. The same request again answers
    what is known by then. A pay code makes one order, whatever the key.
    """
    once = {"who": asker.id, "route": f"POST {PATH}", "key": request.headers.get(HEADER)}
    async with platform.database.tenant(client.id) as session:
        known = await idempotency.claim(session, body=await request.body(), **once)
    if known is not None:
        return Response(await scanning.check(platform, client, asker, str(known.body["number"])), status_code=known.status)
    try:
        found = await scanning.scan(platform, client, asker, data.items, data.auth_code, address_of(request))
    except Exception:
        async with platform.database.tenant(client.id) as session:
            await idempotency.release(session, **once)
        raise
    async with platform.database.tenant(client.id) as session:
        await idempotency.store(session, **once, answer=idempotency.Answer(201, msgspec.to_builtins(found)))
    return Response(found, status_code=201)


@get(PATH, opt=RUN, tags=TAGS)
async def list_scans(session: NamedDependency[Session], actor: NamedDependency[Actor]) -> list[ScanRead]:
    """The pay codes of one's own shift, the newest first."""
    return await scanning.list_scans(session, actor)


@get(PATH + "/{number:str}", opt=ANY, tags=TAGS)
async def get_scan(
    asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform], number: FromPath[str]
) -> ScanRead:
    """What became of one; the channel is asked while nobody knows."""
    return await scanning.check(platform, client, asker, number)


@post(PATH + "/{number:str}/cancel", opt=RUN, status_code=200, tags=TAGS)
async def cancel_scan(
    asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform], number: FromPath[str]
) -> ScanRead:
    """Ask no longer: closed at the channel first; what was paid meanwhile is paid."""
    return await scanning.cancel(platform, client, asker, number)


ROUTES = [scan, list_scans, get_scan, cancel_scan]
