"""Printing in the console: one page for posters and letters, reached from wherever staff look at people who owe."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody

from core import clock
from core.billing import units
from core.billing.filters import uuid_of
from core.database import Session
from core.files.answers import attachment
from core.identity.actor import Actor
from core.platform import Platform
from core.printing import rendering, service
from core.printing.service import LettersAsked, PostersAsked
from core.tenancy.directory import ClientProfile
from core.web.statuses import unit_kind
from core.web.templating import redirect, render

MAKE = {"permission": service.MAKE}
PATH = "/console/printing"


class LettersForm(msgspec.Struct):
    """Whose letters, as the page posts it."""

    org: Annotated[str, msgspec.Meta(max_length=36)] = ""
    source: Annotated[str, msgspec.Meta(max_length=128)] = ""
    which: Annotated[str, msgspec.Meta(max_length=10)] = "all"


class PostersForm(msgspec.Struct):
    """Whose posters, as the page posts it."""

    org: Annotated[str, msgspec.Meta(max_length=36)] = ""
    each: Annotated[str, msgspec.Meta(max_length=40)] = ""


@get(PATH, opt=MAKE, include_in_schema=False)
async def printing_page(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    org: FromQuery[str] = "",
    source: FromQuery[str] = "",
    which: FromQuery[str] = "all",
) -> Response:
    """What can be printed, with what was chosen on the page before."""
    tree = await units.load(session, actor.reach(service.MAKE))
    return render(
        request,
        "printing/printing.html",
        units=tree.choices(),
        kinds=[(kind, unit_kind(kind, client.plugins)) for kind in tree.kinds()],
        org=org[:36],
        source=source[:128],
        which=which if which in ("all", "overdue", "unbound") else "all",
        front=service.front_of(platform, client),
    )


@post(PATH + "/letters", opt=MAKE, include_in_schema=False)
async def print_letters(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], data: URLEncodedBody[LettersForm]
) -> Response:
    """Have letters made, and watch the job."""
    asked = LettersAsked(
        org_id=uuid_of(data.org), source=data.source or None, overdue=data.which == "overdue", unbound=data.which == "unbound"
    )
    return redirect(request, f"/console/jobs/{await service.start_letters(session, asked, actor)}")


@post(PATH + "/posters", opt=MAKE, include_in_schema=False)
async def print_posters(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    data: URLEncodedBody[PostersForm],
) -> Response:
    """Have posters made, and watch the job."""
    asked = PostersAsked(org_id=uuid_of(data.org), each=data.each)
    job_id = await service.start_posters(session, client, service.front_of(platform, client), asked, actor)
    return redirect(request, f"/console/jobs/{job_id}")


@get("/console/bills/{bill_id:uuid}/letter", opt=MAKE, include_in_schema=False)
async def bill_letter(
    asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform], bill_id: FromPath[UUID]
) -> Response[bytes]:
    """The letter of one bill, at once; no transaction is held while it is drawn."""
    return await printed(platform, client, bill_id, asker)


async def printed(platform: Platform, client: ClientProfile, bill_id: UUID, by: Actor) -> Response[bytes]:
    """A bill's letter as a download, for people and programs."""
    async with platform.database.tenant(client.id) as session:
        name, pages = await service.letter_of_bill(session, client, service.front_of(platform, client), bill_id, by)
    return attachment(name, await rendering.letters_pdf(pages, clock.now()), rendering.MEDIA_TYPE)


ROUTES = [printing_page, print_letters, print_posters, bill_letter]
