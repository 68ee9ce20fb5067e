"""A client on its first morning, and a school with everything but its first cent."""

import pytest

from core.golive import progress
from tests import trade
from tests.education import schools

ADMIN = (
    "golive.way.read", "golive.way.manage", "tenancy.merchant.read", "identity.role.grant", "imports.make", "education.org.import",
    "billing.bill.read", "payments.payment.read",
)  # fmt: skip


@pytest.fixture(autouse=True)
def without_waiting(monkeypatch):
    """The bank's list is written at every beat of the pulse."""
    monkeypatch.setattr(progress, "EVERY_SECONDS", 0)


@pytest.fixture
async def newcomer(client):
    """A client that was opened a moment ago, without a vertical."""
    return await client(plugins=(), kind="property", status="draft")


@pytest.fixture
async def new_school(platform, bank, open_client):
    """A school handed over this morning: merchants that collect, no tree, no people."""
    return await schools.found(platform, await open_client(platform, bank, kind="school_group", settings=schools.SETTINGS))


@pytest.fixture
async def shop(platform, client):
    """A client without a vertical that can be paid over a channel."""
    profile = await client(plugins=(), kind="property")
    return profile, await trade.found(platform, profile.id, children=1)
