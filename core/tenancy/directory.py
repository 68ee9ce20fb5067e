"""What everyone must know of a client on every request: its name, state and plugins. A named door across tenants: bank → client.

CROSSES TENANTS: reads the bank's rows on behalf of a client; grep for this mark to find every such door.
"""

import time
from uuid import UUID

from core.database import Database
from core.database.routes import Routes
from core.errors import NotFound
from core.tenancy import repository
from core.tenancy.schemas import ClientProfile

REMEMBER_SECONDS = 3.0
__all__ = ["ClientProfile", "Directory"]


class Directory:
    """Remembers client profiles for a few seconds, so that a switch or a suspension reaches every process that soon."""

    def __init__(self, database: Database, routes: Routes) -> None:
        self._database = database
        self._routes = routes
        self._known: dict[UUID, tuple[float, ClientProfile]] = {}
        self._bank_id: UUID | None = None

    async def bank_id(self) -> UUID:
        """The tenant that is the bank itself."""
        if self._bank_id is None:
            self._bank_id = await self._routes.find("bank", "bank")
        if self._bank_id is None:
            raise NotFound("银行尚未初始化，请先运行 banyan tenants apply")
        return self._bank_id

    async def profile(self, tenant_id: UUID) -> ClientProfile:
        """A client's profile; NotFound when the bank has no such client."""
        remembered = self._known.get(tenant_id)
        if remembered and remembered[0] > time.monotonic():
            return remembered[1]
        async with self._database.beside(await self.bank_id()) as session:
            profile = await repository.load_profile(session, tenant_id)
        if profile is None:
            raise NotFound()
        self._known[tenant_id] = (time.monotonic() + REMEMBER_SECONDS, profile)
        return profile

    async def by_code(self, code: str) -> ClientProfile:
        """The same by the client's code, as addresses name it."""
        tenant_id = await self._routes.find("client", code)
        if tenant_id is None:
            raise NotFound()
        return await self.profile(tenant_id)

    def forget(self, tenant_id: UUID) -> None:
        """Read afresh next time (this process only; the others follow within seconds)."""
        self._known.pop(tenant_id, None)
