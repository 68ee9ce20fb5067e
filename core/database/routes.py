"""Finding the tenant before a tenant is known: `core.route`, keyed hashes without personal data (architecture §4).

What may belong to one tenant only is held there too (`hold`): the same hash stands once.
"""

import time
from collections.abc import Callable
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from core.database.models import route
from core.database.session import Database, Session

REMEMBER_SECONDS = 60
KINDS = ("bank", "client", "login", "session", "key", "number")


class Routes:
    """Looks ways in up and remembers them for a minute; what a way leads to never changes, it is only removed."""

    def __init__(self, database: Database, route_hash: Callable[[str, str], bytes]) -> None:
        self._database = database
        self._hash = route_hash
        self._known: dict[bytes, tuple[float, UUID]] = {}

    async def find(self, kind: str, value: str) -> UUID | None:
        """The tenant that a login name, session token, API key or client code belongs to."""
        key = self._hash(kind, value)
        remembered = self._known.get(key)
        if remembered and remembered[0] > time.monotonic():
            return remembered[1]
        async with self._database.beside() as session:
            tenant_id = await session.scalar(select(route.c.tenant_id).where(route.c.key_hash == key))
        if tenant_id is not None:
            if len(self._known) > 50_000:
                self._known.clear()
            self._known[key] = (time.monotonic() + REMEMBER_SECONDS, tenant_id)
        return tenant_id

    async def add(self, session: Session, kind: str, value: str, tenant_id: UUID | None = None) -> bool:
        """Open a way in, in the caller's transaction; False when the way is taken."""
        row = {"key_hash": self._hash(kind, value), "kind": kind, "tenant_id": tenant_id or session.tenant_id}
        result = await session.execute(insert(route).values(row).on_conflict_do_nothing())
        return result.rowcount == 1

    async def remove(self, session: Session, kind: str, value: str) -> None:
        """Close a way in."""
        key = self._hash(kind, value)
        self._known.pop(key, None)
        await session.execute(delete(route).where(route.c.key_hash == key))


async def hold(session: Session, kind: str, key_hash: bytes) -> bool:
    """Make something this tenant's alone, in the caller's transaction; False when it is another's, True again for one's own.

    Of two that ask at once the second waits for the first one's commit. Nothing is remembered: what is let go may be another's at once.
    """
    row = {"key_hash": key_hash, "kind": kind, "tenant_id": session.tenant_id}
    result = await session.execute(insert(route).values(row).on_conflict_do_nothing())
    if result.rowcount == 1:
        return True
    return await session.scalar(select(route.c.tenant_id).where(route.c.key_hash == key_hash)) == session.tenant_id


async def let_go(session: Session, kind: str) -> None:
    """Everything of a kind that this tenant held is free again."""
    await session.execute(delete(route).where(route.c.tenant_id == session.tenant_id, route.c.kind == kind))
