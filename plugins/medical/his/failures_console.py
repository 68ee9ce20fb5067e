"""“上账失败” in the console: the list, and one order as far as HIS is concerned, where it is posted once more."""

from typing import Annotated

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody

from core.database import Session
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _
from core.web.templating import redirect, render
from plugins.medical.his import lists, posting, repository

PATH = "/console/medical/post-failures"
READ, REPOST = {"permission": lists.READ}, {"permission": lists.REPOST}
SHOWN = 50


class WhyForm(msgspec.Struct):
    """A reason as the page posts it."""

    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""


@get(PATH, opt=READ, include_in_schema=False)
async def failure_list(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], q: FromQuery[str] = "", cursor: FromQuery[str | None] = None
) -> Response:
    """Paid orders that HIS did not take, the oldest first."""
    return render(request, "medical/post_failures.html", found=await lists.list_failures(session, q.strip()[:64], cursor))


@get(PATH + "/{number:str}", opt=READ, include_in_schema=False)
async def posting_page(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], number: FromPath[str]) -> Response:
    """One order: what HIS was told and said, what disagrees, what can be done."""
    found = await lists.find_posting(session, number)
    return render(
        request, "medical/posting.html", order=found, calls=await repository.list_calls(session, found.id, None, SHOWN),
        disagreements=await repository.list_disagreements_of(session, found.id), may_repost=actor.may(lists.REPOST),
        may_return=actor.may("medical.return.decide"),
    )  # fmt: skip


@post(PATH + "/{number:str}/repost", opt=REPOST, include_in_schema=False)
async def repost(
    request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform], number: FromPath[str],
    data: URLEncodedBody[WhyForm],
) -> Response:
    """Post it once more."""
    async with platform.database.tenant(client.id) as session:
        found = await lists.find_posting(session, number)
    await posting.again(platform, client.id, found.id, asker, data.reason)
    return redirect(request, f"{PATH}/{number}", success=_("已重新上账：先向 HIS 核对，没有再上账"))


ROUTES = [failure_list, posting_page, repost]
