"""Printing in the API: letters and posters by a job, the letter of one bill at once."""

from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.database import Session
from core.identity.actor import Actor
from core.platform import Platform
from core.printing import console, service
from core.printing.service import LettersAsked, PostersAsked
from core.tenancy.directory import ClientProfile

MAKE = {"permission": service.MAKE}
TAGS = ["打印 printing"]


class Started(msgspec.Struct, frozen=True):
    """The job that makes the file; `GET /api/v1/jobs/{job_id}` tells how far it is and where the file lies."""

    job_id: UUID


@post("/api/v1/letters", opt=MAKE, tags=TAGS, status_code=202)
async def start_letters(session: NamedDependency[Session], actor: NamedDependency[Actor], data: JSONBody[LettersAsked]) -> Started:
    """Letters about open bills, one bill on a page; 409 where nothing is open or it is too many."""
    return Started(await service.start_letters(session, data, actor))


@post("/api/v1/posters", opt=MAKE, tags=TAGS, status_code=202)
async def start_posters(
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    data: JSONBody[PostersAsked],
) -> Started:
    """Posters with the QR of the payers' front page, for a unit or each of a kind under it."""
    return Started(await service.start_posters(session, client, service.front_of(platform, client), data, actor))


@get("/api/v1/bills/{bill_id:uuid}/letter", opt=MAKE, tags=TAGS)
async def get_letter(
    asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform], bill_id: FromPath[UUID]
) -> Response[bytes]:
    """The letter of one bill as PDF."""
    return await console.printed(platform, client, bill_id, asker)


ROUTES = [start_letters, start_posters, get_letter]
