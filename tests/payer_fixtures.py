"""Fixtures of the payer's pages, shared by the folders that test them."""

import msgspec
import pytest

from core.sandbox.schema import install
from core.sandbox.serving import sandbox_serving
from tests import families


@pytest.fixture(scope="session")
async def outside_world(postgres):
    """The sandbox over real HTTP: text messages, WeChat Pay, its OAuth. Answers its address."""
    await install(postgres.owner_url)
    async with sandbox_serving(postgres.app_url, time_scale=0.00001) as settings:
        yield settings.public_url


@pytest.fixture
def connected(platform, outside_world):
    """The platform, reaching the sandbox."""
    before = platform.settings
    platform.settings = msgspec.structs.replace(before, sandbox_url=outside_world)
    yield platform
    platform.settings = before


@pytest.fixture
def roster(platform):
    """Children known to a vertical that only tests have."""
    part = families.Roster(platform)
    platform.plugins._pluggy.register(part, name="core.test_roster")
    yield part
    platform.plugins._pluggy.unregister(name="core.test_roster")


@pytest.fixture
async def school(platform, client, roster):
    """A client with two children, nothing billed yet."""
    return await families.found(platform, roster, await client(plugins=()))


@pytest.fixture
async def browser(app):
    """Makes phones: `browser()`, `browser(agent=families.WECHAT, address="…")`."""
    made = []

    def make(**given) -> families.Browser:
        made.append(families.Browser(app, **given))
        return made[-1]

    yield make
    for phone in made:
        await phone.close()


@pytest.fixture
def sms(connected, outside_world, settle):
    """What arrived on the phones."""
    return families.Sms(outside_world, settle)
