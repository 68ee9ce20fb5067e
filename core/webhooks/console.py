"""推送 in the console: addresses, their messages, and the button that sends one again."""

from collections.abc import Mapping
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from core.billing.filters import word_of
from core.database import Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _
from core.web.templating import redirect, render
from core.webhooks import events, lists, repository, service
from core.webhooks.errors import DeliveryNotFound
from core.webhooks.service import EndpointAsk
from core.webhooks.words import STATES

PATH = "/console/webhooks"
READ, MAKE = {"permission": service.READ}, {"permission": service.MAKE}


@get(PATH, opt=READ, include_in_schema=False)
async def push_list(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], cursor: FromQuery[str | None] = None) -> Response:
    """Every message under the addresses it went to."""
    return await _shown(request, session, actor, {}, {}, cursor)


@post(PATH, opt=MAKE, include_in_schema=False)
async def declare(request: Request, asker: NamedDependency[Actor], client: NamedDependency[ClientProfile], platform: NamedDependency[Platform]) -> Response:
    """A new address; its secret is shown once, on the page that answers."""
    form = await request.form()
    typed = {name: str(value) for name, value in form.items()}
    ask = EndpointAsk(title=word_of(typed, "title"), url=typed.get("url", "").strip(), events=[str(each) for each in form.getall("event", [])])
    secret, errors, status = "", {}, 200
    try:
        async with platform.database.tenant(client.id) as session:
            secret = (await service.declare(session, await platform.vault.keys(session), platform.settings, ask, asker)).secret
    except PlatformError as error:
        if error.status >= 500:
            raise
        errors, status = {"url": error.message}, 422
    async with platform.database.tenant(client.id) as session:
        return await _shown(request, session, asker, {} if secret else typed, errors, None, secret=secret, status=status)


@post(PATH + "/{endpoint_id:uuid}/status", opt=MAKE, include_in_schema=False)
async def set_status(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], endpoint_id: FromPath[UUID]) -> Response:
    """Pause an address or use it again."""
    await service.set_status(session, endpoint_id, str((await request.form()).get("status", "")), actor)
    return redirect(request, PATH, success=_("已更改"))


@get(PATH + "/deliveries/{delivery_id:uuid}", opt=READ, include_in_schema=False)
async def push_page(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], delivery_id: FromPath[UUID]) -> Response:
    """One message: what was sent, every try and what was answered."""
    found = await repository.find(session, delivery_id)
    if found is None:
        raise DeliveryNotFound()
    return render(
        request, "webhooks/delivery.html", found=found, attempts=await repository.list_attempts(session, delivery_id), titles=_titles(),
        may_make=actor.may(service.MAKE),
    )  # fmt: skip


@post(PATH + "/deliveries/{delivery_id:uuid}/resend", opt=MAKE, include_in_schema=False)
async def resend(request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], delivery_id: FromPath[UUID]) -> Response:
    """Send it again."""
    await service.resend(session, delivery_id, actor)
    return redirect(request, f"{PATH}/deliveries/{delivery_id}", success=_("已重新排队发送"))


def _titles() -> dict[str, str]:
    return {code: _(title) for code, title in events.known().items()}


async def _shown(
    request: Request, session: Session, actor: Actor, typed: Mapping[str, str], errors: Mapping[str, str], cursor: str | None, secret: str = "",
    status: int = 200,
) -> Response:  # fmt: skip
    asked = lists.asked_of(request.query_params)
    return render(
        request, "webhooks/list.html", status=status, endpoints=await lists.list_endpoints(session), asked=asked, typed=typed, errors=errors,
        found=await lists.list_deliveries(session, asked, cursor), states=[(code, _(label)) for code, label, _tone in STATES], titles=_titles(),
        secret=secret, may_make=actor.may(service.MAKE),
    )  # fmt: skip


ROUTES = [push_list, declare, set_status, push_page, resend]
