"""Schools in two sizes: a shared one that tests only look at, and a fresh one for each test that changes things."""

import pytest

from tests.education import schools


async def _furnished(platform, client) -> schools.School:
    made = await schools.found(platform, client)
    await schools.load(platform, made, "org", "org-tree.json")
    await schools.load(platform, made, "roster", "roster-200.csv")
    await schools.load(platform, made, "standards", "fee-standards.xlsx")
    await schools.approve_standards(platform, made)
    return made


@pytest.fixture(scope="module")
async def shared_school(platform, bank, open_client):
    """200 students, approved standards, nothing billed: for tests that change nothing of it."""
    return await _furnished(platform, await open_client(platform, bank, kind="school_group", settings=schools.SETTINGS))


@pytest.fixture
async def school(platform, bank, open_client):
    """The same, for one test alone."""
    return await _furnished(platform, await open_client(platform, bank, kind="school_group", settings=schools.SETTINGS))


@pytest.fixture
async def bare_school(platform, bank, open_client):
    """A school with its tree and nothing else."""
    made = await schools.found(platform, await open_client(platform, bank, kind="school_group", settings=schools.SETTINGS))
    await schools.load(platform, made, "org", "org-tree.json")
    return made
