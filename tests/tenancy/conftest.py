"""A bank with two branches and people of each, on the shared database."""

from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from core.database.tables import new_tenant_id
from core.identity import accounts_repository
from core.identity.actor import Actor
from core.tenancy import branches, doors

EVERYTHING = dict.fromkeys(("tenancy.branch.manage", "tenancy.client.manage", "tenancy.client.read", "tenancy.plugin.manage"))
ROLE = "bank.branch_admin"


class House(msgspec.Struct):
    """The bank's tree as the tests know it."""

    bank_id: UUID
    hq: UUID
    north: UUID
    north_sub: UUID
    south: UUID


@pytest.fixture(scope="session")
async def house(platform, bank):
    by = Actor(kind="system", id="test", name="测试", tenant_id=bank.id, rights=EVERYTHING)
    async with platform.database.tenant(bank.id) as session:
        north = await branches.add(session, by, bank.branch_id, "branch", "N1", "北城分行")
        north_sub = await branches.add(session, by, north, "sub_branch", "N11", "北城一支行")
        south = await branches.add(session, by, bank.branch_id, "branch", "S1", "南城分行")
    return House(bank.id, bank.branch_id, north, north_sub, south)


@pytest.fixture
def at_branch(staff, house, platform):
    """Logs a branch's administrator in: `await at_branch(house.north)` answers an HTTP client; `.actor` is who it is."""

    async def make(branch_id: UUID, role: str = ROLE, name: str = "网点人员") -> httpx.AsyncClient:
        made = await staff(house.bank_id, "probe.nothing", name=name)
        async with platform.database.tenant(house.bank_id) as session:
            row = {"id": uuid4(), "user_id": UUID(made.actor.id), "role": role, "org_id": branch_id, "granted_by": "test"}
            await accounts_repository.add_grant(session, row)
        return made

    return make


@pytest.fixture
async def opened(platform, house):
    """Opens a client as a branch does, still a draft: `await opened(house.north)` answers its id."""

    async def make(branch_id: UUID, kind: str = "school_group") -> UUID:
        by = Actor(kind="user", id="opener", name="开户人", tenant_id=house.bank_id, rights=EVERYTHING)
        code = f"c{new_tenant_id().hex[:10]}"
        return await doors.open_client(platform, by, code=code, name=f"客户 {code}", kind=kind, branch=branch_id)

    return make
