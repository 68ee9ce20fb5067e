"""The same people pages stand in two houses: `/console` for a client's staff, `/bank` for the bank's own."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from litestar import Request

from core.database import Session
from core.hookspecs import Role
from core.identity import org_repository
from core.identity.sessions import roles_for


class Face(msgspec.Struct, frozen=True):
    """Where a page stands: its address, whose it is, its layout."""

    base: str
    side: str
    layout: str
    menu_side: str


CONSOLE = Face("/console", "client", "layouts/console.html", "console")
BANK = Face("/bank", "bank", "layouts/bank.html", "bank")


def house(request: Request) -> Face:
    """Whose people ask: the bank's, or a client's."""
    return BANK if request.scope["state"]["client_profile"] is None else CONSOLE


def offered_roles(request: Request) -> dict[str, Role]:
    """The roles that may be granted here: the bank's own, or core's and those of the client's plugins."""
    profile, plugins = request.scope["state"]["client_profile"], request.app.state.platform.plugins
    return roles_for(plugins, "bank", ()) if profile is None else roles_for(plugins, "client", profile.plugins)


async def places(session: Session, face: Face) -> dict[UUID, str]:
    """Every place a role can reach, with its whole path of names: org units, or branches."""
    rows: Sequence = await (org_repository.list_branches if face.side == "bank" else org_repository.list_units)(session)
    labels: dict[UUID, str] = {}
    for row in rows:
        above = labels.get(row.parent_id)
        labels[row.id] = f"{above} / {row.name}" if above else row.name
    return labels
