"""A bank entry in the API: what it may be, saying so, and taking it back; each with a second person."""

from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from core.billing.story_schemas import Proposed
from core.database import Session
from core.identity.actor import Actor
from core.once import once
from core.platform import Platform
from core.settlement import arrivals_lists as lists
from core.settlement import assigning, assigning_lists
from core.settlement.assigning import AssignmentAsk
from core.settlement.assigning_lists import EntryRead

READ, MAKE = {"permission": lists.READ}, {"permission": lists.MAKE}
TAGS = ["结算 settlement"]


class Because(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reason in words."""

    reason: str


@get("/api/v1/bank-entries/{entry_id:uuid}", opt=READ, tags=TAGS)
async def get_entry(
    session: NamedDependency[Session], actor: NamedDependency[Actor], platform: NamedDependency[Platform], entry_id: FromPath[UUID]
) -> EntryRead:
    """One bank entry with its payer (masked), the arrivals it may be, and what was said of it."""
    return await assigning_lists.find_entry(session, platform.vault, entry_id, actor)


@post("/api/v1/bank-entries/{entry_id:uuid}/assignments", opt=MAKE, status_code=201, tags=TAGS)
async def assign_entry(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], entry_id: FromPath[UUID], data: JSONBody[AssignmentAsk]
) -> Response[Proposed]:
    """Ask a second person to assign an unexplained entry to arrivals; the parts add up to it. Needs an `Idempotency-Key`."""

    async def work() -> Proposed:
        return Proposed(await assigning.propose(session, entry_id, data, actor))

    return await once(request, session, actor, 201, work)


@post("/api/v1/bank-entries/{entry_id:uuid}/reversal", opt=MAKE, status_code=201, tags=TAGS)
async def unassign_entry(
    request: Request, session: NamedDependency[Session], actor: NamedDependency[Actor], entry_id: FromPath[UUID], data: JSONBody[Because]
) -> Response[Proposed]:
    """Ask a second person to take an entry's assignment back. Needs an `Idempotency-Key`."""

    async def work() -> Proposed:
        return Proposed(await assigning.propose_undoing(session, entry_id, data.reason, actor))

    return await once(request, session, actor, 201, work)


ROUTES = [get_entry, assign_entry, unassign_entry]
