"""A system with a stranger's plugin: core's own parts, the specimen, and a database that its migrations have been through."""

import pytest
from sqlalchemy import insert

from core import builtin, ids
from core.app import branches, create_app, make_platform
from core.database import migrate
from core.plugin_manager import PluginManager
from core.tenancy.models import merchant
from tests.plugins.specimen.plugin import plugin as specimen


@pytest.fixture(scope="session")
def club_plugins(probe):
    """What is installed here: core's parts and the club."""
    return PluginManager({"club": specimen}, {**builtin.PARTS, "probe": probe})


@pytest.fixture(scope="session")
async def addresses(fresh_database, club_plugins):
    made = fresh_database()
    await migrate.upgrade(made.owner, branches(club_plugins))
    return made


@pytest.fixture(scope="session")
async def platform(addresses, make_settings, club_plugins):
    made = await make_platform(make_settings(addresses), club_plugins)
    yield made
    await made.close()


@pytest.fixture(scope="session")
async def bank(platform, found_bank):
    return await found_bank(platform)


@pytest.fixture(scope="session")
def app(platform):
    return create_app(platform)


@pytest.fixture
async def club(platform, bank, open_client):
    """A club in use: its plugin on, a merchant for its dues."""
    made = await open_client(platform, bank, kind="club", plugins=("club",))
    async with platform.database.tenant(made.id) as session:
        row = {"id": ids.uuid7(), "code": "DUES", "name": "会费商户", "legal_name": "会费商户", "status": "active"}
        await session.execute(insert(merchant), row)
    return made


@pytest.fixture
async def other(platform, bank, open_client):
    """A client of the same bank that does not have the plugin."""
    return await open_client(platform, bank, kind="club", plugins=())
