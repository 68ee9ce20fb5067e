"""The class teacher's page: who has paid, and a button that reminds those who have not."""

from typing import Annotated

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, URLEncodedBody

from core.billing import reminding, status, units
from core.billing.filters import uuid_of
from core.database import Session
from core.errors import Conflict
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PATH = "/console/unpaid"


class RemindForm(msgspec.Struct):
    """Whom to remind: one person, or everybody who owes under a unit."""

    org: Annotated[str, msgspec.Meta(max_length=36)] = ""
    party: Annotated[str, msgspec.Meta(max_length=36)] = ""


@get(PATH, opt={"permission": status.READ}, include_in_schema=False)
async def unpaid(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    org: FromQuery[str] = "",
    standing: FromQuery[str] = "owing",
    cursor: FromQuery[str | None] = None,
) -> Response:
    """Names and states within the asker's classes."""
    tree = await units.load(session, actor.reach(status.READ))
    page = await status.people(session, tree, uuid_of(org), standing or "owing", cursor)
    return render(
        request,
        "billing/unpaid.html",
        found=page,
        org=org,
        standing=standing or "owing",
        units=tree.choices(),
        may_remind=actor.may(status.REMIND),
        may_print=actor.may("printing.sheet.make"),
    )


@post(PATH + "/remind", opt={"permission": status.REMIND}, include_in_schema=False)
async def remind(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    client: NamedDependency[ClientProfile],
    platform: NamedDependency[Platform],
    data: URLEncodedBody[RemindForm],
) -> Response:
    """Remind, at most once a day each."""
    back = f"{PATH}?org={data.org}" if data.org else PATH
    tree = await units.load(session, actor.reach(status.REMIND))
    try:
        keys, contacts = await platform.vault.keys(session), reminding.contacts_of(platform, client)
        done = await reminding.remind(session, keys, tree, uuid_of(data.org), uuid_of(data.party), actor, contacts)
    except Conflict as error:
        return redirect(request, back, warning=_(error.message))
    text = _("已提醒 %(n)s 人的缴费人", n=done.reminded)
    if done.unreachable:
        text += _("；另有 %(n)s 人还没有人绑定，请转交缴费码", n=done.unreachable)
    return redirect(request, back, success=text)


ROUTES = [unpaid, remind]
