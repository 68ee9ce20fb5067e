"""The payer's fixtures for this folder."""

from tests.payer_fixtures import browser, connected, outside_world, roster, school, sms
from tests.payments.routing.conftest import house

__all__ = ["browser", "connected", "house", "outside_world", "roster", "school", "sms"]
