"""Bindings in the API, for staff: who is bound to a person, and asking that a binding be released."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.database import Session
from core.identity.actor import Actor
from core.payers import releasing
from core.payers.schemas import BindingRead

TAGS = ["绑定 bindings"]


class BindingPage(msgspec.Struct, frozen=True):
    """Who is bound to a person or waits to be, phones masked."""

    items: list[BindingRead]
    next_cursor: str | None = None


class ReleaseRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the binding should be released."""

    reason: Annotated[str, msgspec.Meta(max_length=200)]


class Proposed(msgspec.Struct, frozen=True):
    """A proposal that waits for a second person."""

    approval_id: UUID


@get("/api/v1/people/{party_id:uuid}/bindings", opt={"permission": releasing.READ}, tags=TAGS)
async def list_bindings(session: NamedDependency[Session], actor: NamedDependency[Actor], party_id: FromPath[UUID]) -> BindingPage:
    """Guardians bound to one person."""
    return BindingPage(await releasing.bindings_of(session, party_id, actor))


@post("/api/v1/bindings/{binding_id:uuid}/release", opt={"permission": releasing.RELEASE}, tags=TAGS)
async def propose_release(
    session: NamedDependency[Session], actor: NamedDependency[Actor], binding_id: FromPath[UUID], data: JSONBody[ReleaseRequest]
) -> Proposed:
    """Ask that a binding be released; a second person agrees under /api/v1/approvals."""
    return Proposed(await releasing.propose(session, binding_id, data.reason, actor))


ROUTES = [list_bindings, propose_release]
