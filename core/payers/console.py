"""Who is bound to a person, for staff; and asking that a binding be released."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody

from core.approvals import lists as approvals
from core.database import Session
from core.identity.actor import Actor
from core.masking import mask_name
from core.payers import bindings_repository, releasing
from core.payers.errors import BindingNotFound
from core.web.i18n import gettext as _
from core.web.templating import redirect, render

PERSON = "/console/people/{party_id:uuid}/bindings"
BINDING = "/console/bindings/{binding_id:uuid}"


class ReasonForm(msgspec.Struct):
    """Why."""

    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""


@get(PERSON, opt={"permission": releasing.READ}, include_in_schema=False)
async def bindings_page(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], party_id: FromPath[UUID]
) -> Response:
    """Guardians bound to one person, phones masked."""
    whose = await releasing.person(session, party_id, actor)
    found = await releasing.bindings_of(session, party_id, actor)
    waiting = {asked.subject_id for asked in await approvals.waiting_about(session, [row.id for row in found])}
    return render(
        request, "payers/person_bindings.html", person=whose, name=mask_name(whose.name), bindings=found, waiting=waiting,
        may_release=actor.reaches(releasing.RELEASE, whose.org_id),
    )  # fmt: skip


@get(BINDING, opt={"permission": releasing.READ}, include_in_schema=False)
async def binding_page(session: NamedDependency[Session], actor: NamedDependency[Actor], request: Request, binding_id: FromPath[UUID]) -> Response:
    """A binding is shown with the others of its person."""
    return redirect(request, PERSON.replace("{party_id:uuid}", str(await _person_of(session, actor, binding_id))))


@post(BINDING + "/release", opt={"permission": releasing.RELEASE}, include_in_schema=False)
async def release(
    request: Request,
    session: NamedDependency[Session],
    actor: NamedDependency[Actor],
    binding_id: FromPath[UUID],
    data: URLEncodedBody[ReasonForm],
) -> Response:
    """Ask that a binding be released."""
    await releasing.propose(session, binding_id, data.reason, actor)
    here = PERSON.replace("{party_id:uuid}", str(await _person_of(session, actor, binding_id)))
    return redirect(request, here if actor.may(releasing.READ) else "/console", success=_("已提交，等待另一位同事复核"))


async def _person_of(session: Session, actor: Actor, binding_id: UUID) -> UUID:
    held = await bindings_repository.lock_binding(session, binding_id)
    if held is None:
        raise BindingNotFound()
    return (await releasing.person(session, held.party_id, actor, releasing.RELEASE if not actor.may(releasing.READ) else releasing.READ)).id


ROUTES = [bindings_page, binding_page, release]
