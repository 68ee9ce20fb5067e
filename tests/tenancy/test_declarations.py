"""`tenants/`: read strictly, shown before it is done, done once."""

import shutil
from pathlib import Path

import pytest

from core.app import make_platform
from core.tenancy import apply, declaration, repository
from core.tenancy.declaration import DeclarationInvalid

SHIPPED = Path(__file__).parents[2] / "tenants"


@pytest.fixture
def folder(tmp_path):
    """The shipped declarations, without the sample data (the education tests load that)."""
    copy = tmp_path / "tenants"
    shutil.copytree(SHIPPED, copy, ignore=shutil.ignore_patterns("demo"))
    school = copy / "banyan-school" / "tenant.toml"
    school.write_text(school.read_text().replace('[demo]\nfolder = "demo"\n', ""))
    return copy


@pytest.fixture
async def fresh(fresh_database, make_settings, plugins):
    made = await make_platform(make_settings(fresh_database(), demo=True, sandbox_url="http://127.0.0.1:9"), plugins)
    yield made
    await made.close()


async def test_the_shipped_declarations_are_applied_and_a_second_run_changes_nothing(fresh, folder):
    before = await apply.plan(fresh, folder)
    assert {change.action for change in before} >= {"create", "enable", "grant", "activate"}
    done = await apply.apply(fresh, folder)
    assert [(c.where, c.action, c.subject, c.name) for c in done if not c.pending]
    again = await apply.apply(fresh, folder)
    assert [change for change in again if not change.pending] == []
    for change in again:
        print(change)
    async with fresh.database.tenant(await fresh.directory.bank_id()) as session:
        rows = await repository.list_clients(session, None)
    assert {row.status for row in rows} == {"active"}
    assert len(rows) == 5
