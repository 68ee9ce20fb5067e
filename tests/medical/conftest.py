"""Hospitals: a shared one that tests only look at, a fresh one for each test that changes things, and one that collects at the sandbox."""

import pytest

from tests.medical import hospitals
from tests.payer_fixtures import browser, connected, outside_world, sms

__all__ = ["browser", "connected", "outside_world", "sms"]
KIND = {"kind": "hospital", "plugins": ("medical",)}


@pytest.fixture
async def hospital(platform, client, connected, outside_world):
    """A hospital of the test's own whose WeChat Pay and Alipay accounts are merchants at the sandbox; its counter is open to cashiers."""
    return await hospitals.found(platform, await client(**KIND), outside_world)


@pytest.fixture
async def quiet_hospital(platform, client):
    """The same without a sandbox: quicker, for tests that call no channel."""
    return await hospitals.found(platform, await client(**KIND))


@pytest.fixture(scope="module")
async def shared_hospital(platform, bank, open_client):
    """For tests that change nothing of it; its accounts reach nobody."""
    from core.tenancy import numbers

    made = await hospitals.found(platform, await open_client(platform, bank, **KIND))
    yield made
    async with platform.database.tenant(made.id) as session:
        await numbers.give_back(session)
