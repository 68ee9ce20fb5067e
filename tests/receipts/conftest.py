"""The payer's fixtures for this folder, and a school that collects."""

import pytest

from tests.payer_fixtures import browser, connected, outside_world, roster, school, sms
from tests.receipts import issuing
from tests.receipts import shop as shops
from tests.receipts.issuing import Outside

__all__ = ["browser", "connected", "outside_world", "roster", "school", "sms"]


@pytest.fixture
async def shop(platform, school):
    """The school with a collecting account that is never called."""
    return await shops.opened(platform, school)


@pytest.fixture
async def outside(outside_world):
    """The ticket platforms as a tester sees them."""
    made = Outside(outside_world)
    yield made
    await made.http.aclose()


@pytest.fixture
async def fiscal(connected, shop, outside):
    """Tuition is on fiscal e-tickets: the unit at the platform."""
    unit = await outside.register("fiscal")
    await issuing.opened(connected, shop, unit, ["TUITION"])
    yield unit
    await outside.misbehave(unit)
