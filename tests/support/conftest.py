"""A client's administrator, the bank's support, and a view that is open."""

import datetime as dt
from uuid import UUID

import pytest
from sqlalchemy import select, update

from core import clock
from core.support.models import consent
from core.support.rights import ANSWER, GRANT, QUEUE, VIEW
from tests.support.steps import consents_to, place_of


@pytest.fixture
def administrator(staff):
    """`await administrator(client)`: who may consent, and reads the console."""

    async def make(of, *more: str, name: str = "赵主任"):
        return await staff(of, GRANT, "exports.make", "identity.audit.read", *more, name=name)

    return make


@pytest.fixture
def supporter(staff, bank):
    """`await supporter()`: a person of the bank's support desk."""

    async def make(name: str = "林客服", org_id=None):
        return await staff(bank, VIEW, QUEUE, ANSWER, org_id=org_id, name=name)

    return make


@pytest.fixture
def looks_in(administrator, supporter):
    """`admin, person, consent_id = await looks_in(client)`: a view of the client's console is open."""

    async def make(of):
        admin, person = await administrator(of), await supporter()
        consent_id = await consents_to(admin)
        assert place_of(await person.post(f"/bank/support/views/{consent_id}")) == "/console"
        return admin, person, consent_id

    return make


@pytest.fixture
def is_over(platform):
    """`await is_over(client, consent_id)`: the consent's time has run out."""

    async def make(of, consent_id: UUID) -> None:
        past = clock.now() - dt.timedelta(seconds=1)
        async with platform.database.tenant(of.id) as session:
            await session.execute(update(consent).where(consent.c.id == consent_id).values(until_at=past))

    return make


@pytest.fixture
def consent_row(platform):
    """`await consent_row(tenant, consent_id)`: the row as a tenant has it, or None."""

    async def find(of, consent_id: UUID):
        async with platform.database.tenant(of.id) as session:
            return await session.one_or_none(select(consent).where(consent.c.id == consent_id))

    return find
