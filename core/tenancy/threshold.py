"""Stepping from the bank's house into a client's: who may, under what name, and where the bank notes it.

CROSSES TENANTS: bank → client; grep for this mark to find every such door.
"""

import contextlib
from collections.abc import AsyncIterator
from uuid import UUID

import msgspec

from core.database import Row, Session
from core.identity.actor import Actor
from core.platform import Platform
from core.tenancy import service


def visiting(by: Actor, client_id: UUID) -> Actor:
    """The bank's person as the client's audit trail names them; a client's own stay who they are."""
    return by if by.tenant_id == client_id else msgspec.structs.replace(by, kind="bank", tenant_id=client_id)


async def admit(platform: Platform, by: Actor, client_id: UUID, permission: str) -> Row:
    """The client, if the asker's right reaches it; not found otherwise."""
    async with platform.database.tenant(by.tenant_id) as session:
        return await service.find(session, by, client_id, permission)


@contextlib.asynccontextmanager
async def bank_rows(platform: Platform) -> AsyncIterator[Session]:
    """A transaction in the bank's rows."""
    async with platform.database.tenant(await platform.directory.bank_id()) as session:
        yield session
