"""Clients and branches as the bank's search box finds them: those within one's branches."""

from core.database import Session
from core.identity.actor import Actor
from core.search.sources import Asked, Found, Source
from core.tenancy import branches, repository
from core.tenancy.kinds import KINDS
from core.web.i18n import N_
from core.web.i18n import gettext as _

READ = "tenancy.client.read"


async def clients(session: Session, asked: Asked, by: Actor, limit: int) -> list[Found]:
    """Clients by a part of their name or code."""
    rows = await repository.list_clients(session, by.reach(READ), words=asked.text, limit=limit)
    return [
        Found(
            title=row.name, detail=f"{row.code} · {_(KINDS.get(row.kind, row.kind))} · {row.branch_name}", href=f"/bank/clients/{row.id}",
            status=row.status, machine="client",
        )
        for row in rows
    ]  # fmt: skip


async def places(session: Session, asked: Asked, by: Actor, limit: int) -> list[Found]:
    """Branches by a part of their name, or by their code; each leads to its clients."""
    rows = await branches.within(session, by.reach(READ))
    fits = [row for row in rows if asked.text in row.name or row.code.upper() == asked.text.upper()]
    return [Found(title=row.name, detail=row.code, href=f"/bank/clients?branch={row.id}") for row in fits[:limit]]


SOURCES = (
    Source(
        code="tenancy.clients", title=N_("客户"), permissions=(READ,), find=clients, position=10, side="bank", list_path="/bank/clients?q={q}",
        hint=N_("客户：名称、代码"),
    ),
    Source(
        code="tenancy.branches", title=N_("机构"), permissions=(READ,), find=places, position=20, side="bank", hint=N_("机构：名称、代码"),
    ),
)  # fmt: skip
