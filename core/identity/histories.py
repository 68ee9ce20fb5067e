"""What of identity has a history: users, in both houses."""

from core.database import Session
from core.identity import accounts, org_repository
from core.identity.actor import Actor
from core.identity.history import Found, Subject, id_of, register
from core.web.i18n import N_

READ = "identity.user.read"


async def user(session: Session, by: Actor, object_id: str) -> Found:
    """A member of staff: made, renamed, given and taken roles, disabled."""
    row = await accounts.find(session, id_of(object_id), by.reach(READ))
    labels = {str(unit.id): unit.name for unit in [*await org_repository.list_units(session), *await org_repository.list_branches(session)]}
    return Found(keys=[("user", object_id)], title=row.name, path=f"users/{row.id}", names=labels)


register(Subject(code="user", title=N_("用户"), permission=READ, find=user, side="both"))
