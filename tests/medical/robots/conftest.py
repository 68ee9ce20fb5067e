"""A hospital with a chain of pharmacies whose robots fetch at the sandbox."""

import msgspec
import pytest

from tests.medical.robots import pharmacy as pharmacies
from tests.medical.robots.chain import NOWHERE


@pytest.fixture
async def pharmacy(connected, quiet_hospital, outside_world):
    """A pharmacy chain of the test's own."""
    connected.settings = msgspec.structs.replace(connected.settings, demo=True)
    async with pharmacies.found(connected, quiet_hospital, outside_world) as made:
        yield made


@pytest.fixture
async def chain(platform, quiet_hospital):
    """The same chain without a sandbox, for pages and refusals."""
    async with pharmacies.found(platform, quiet_hospital, NOWHERE) as made:
        yield made
