"""Fixtures of the payments tests: the sandbox over real HTTP and a school that collects there."""

from tests.payer_fixtures import connected, outside_world, roster, school

__all__ = ["connected", "outside_world", "roster", "school"]
