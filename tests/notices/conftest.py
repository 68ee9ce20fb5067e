"""The payer's fixtures for this folder."""

from tests.payer_fixtures import browser, connected, outside_world, roster, school, sms

__all__ = ["browser", "connected", "outside_world", "roster", "school", "sms"]
