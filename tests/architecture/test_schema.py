"""The database holds the rules of architecture §3 and §4: migrations make the declared tables, tenants are walled in, roles are small."""

import re
import subprocess
import sys

import pytest
from asyncpg.exceptions import PostgresError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.app import branches
from core.database import Database, migrate, security
from core.database.tables import new_tenant_id
from tests.architecture.source import ROOT

REFERENCE = {"core.route", "core.tenant_due"}
"""The tables without a tenant. Another one needs an ADR."""
NO_TENANT = r'parameter "app\.tenant_id"|invalid input syntax for type uuid: ""'
"""How PostgreSQL refuses: on a fresh connection the setting does not exist, on a used one it is empty again."""


@pytest.fixture
def found(plugins):
    """The branches of core and of the installed plugins."""
    return branches(plugins)


@pytest.fixture
async def owner(addresses):
    async with migrate.owner_connection(addresses.owner) as connection:
        yield connection


def tables(found, **info):
    return [table for branch in found for table in branch.metadata.tables.values() if info.items() <= table.info.items()]


def test_the_migrations_know_every_declared_table():
    """In a process of its own: here other tests have imported everything already."""
    count = "import core.app as a; print({b.schema: len(b.metadata.tables) for b in a.branches(a.load_plugins())}['core'])"
    known = subprocess.run([sys.executable, "-c", count], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    models = [path.read_text() for path in (ROOT / "core").glob("*/models.py")]
    declared = sum(len(re.findall(r"= (?:tenant|reference)_table\(", text)) for text in models)
    assert int(known.splitlines()[-1]) == declared


async def test_the_migrations_end_at_the_declared_tables(addresses, found):
    assert await migrate.differences(addresses.owner, found) == []


async def test_every_tenant_is_walled_in(owner, found):
    names = security.reference_names(branch.metadata for branch in found)
    assert names == REFERENCE
    assert await security.unwalled(owner, [branch.schema for branch in found], names) == []


@pytest.mark.parametrize(
    ("made", "fault"),
    [
        ("(tenant_id uuid, id uuid, PRIMARY KEY (tenant_id, id))", "row-level security is not forced"),
        ("(tenant_id uuid, id uuid, PRIMARY KEY (tenant_id, id))", "the tenant policy is missing or different"),
        ("(tenant_id uuid, id uuid PRIMARY KEY)", "the primary key does not start with tenant_id"),
        ("(tenant_id uuid, id uuid, n int UNIQUE, PRIMARY KEY (tenant_id, id))", "a unique key does not start with tenant_id"),
        ("(id uuid PRIMARY KEY)", "has no tenant and is not declared a reference table"),
    ],
)
async def test_a_table_made_outside_the_rules_is_reported(fresh_database, made, fault):
    async with migrate.owner_connection(fresh_database().owner) as owner:
        await owner.execute(text(f"CREATE TABLE core.stray {made}"))
        assert f"core.stray: {fault}" in await security.unwalled(owner, ["core"], REFERENCE)


async def test_a_policy_that_lets_another_tenant_write_is_reported(fresh_database):
    async with migrate.owner_connection(fresh_database().owner) as owner:
        await owner.execute(text("DROP POLICY tenant ON core.bill"))
        own = "tenant_id = current_setting('app.tenant_id')::uuid"
        await owner.execute(text(f"CREATE POLICY tenant ON core.bill USING ({own}) WITH CHECK (true)"))
        assert await security.unwalled(owner, ["core"], REFERENCE) == ["core.bill: the tenant policy is missing or different"]


async def test_references_between_tenant_tables_carry_the_tenant(owner, found):
    loose = text("""
        SELECT c.conrelid::regclass || '.' || c.conname FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
        WHERE c.contype = 'f' AND n.nspname = ANY(:schemas)
          AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attnum = c.conkey[1] AND a.attname = 'tenant_id')
    """)
    schemas = [branch.schema for branch in found]
    assert (await owner.execute(loose, {"schemas": schemas})).scalars().all() == []


async def test_no_tenant_table_has_a_trigger_or_a_sequence(owner, found):
    schemas = [branch.schema for branch in found]
    triggers = text("""
        SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE NOT t.tgisinternal AND n.nspname = ANY(:schemas)
    """)
    sequences = text("SELECT sequencename FROM pg_sequences WHERE schemaname = ANY(:schemas)")
    assert (await owner.execute(triggers, {"schemas": schemas})).all() == []
    assert (await owner.execute(sequences, {"schemas": schemas})).all() == []


async def test_the_application_owns_nothing_and_cannot_pass_the_wall(owner):
    role = text("SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'banyan_app'")
    assert not any((await owner.execute(role)).one())
    owned = text("SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = 'banyan_app'")
    assert (await owner.execute(owned)).scalar() == 0
    member = text("SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = 'banyan_app'")
    assert (await owner.execute(member)).scalar() == 0


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE core.mine (id int)",
        "CREATE SCHEMA mine",
        "SET ROLE banyan_owner",
        "SET LOCAL row_security = off; SELECT count(*) FROM core.bill",
        "ALTER TABLE core.bill DISABLE ROW LEVEL SECURITY",
    ],
)
async def test_the_application_cannot_make_or_become_anything(database, statement):
    async with database.tenant(new_tenant_id()) as session:
        with pytest.raises(PostgresError, match=r"permission denied|must be owner|row-level security"):
            await session.simple(statement)


async def test_what_is_written_once_can_be_neither_changed_nor_deleted(owner, found):
    once = tables(found, append_only=True)
    assert {"ledger_entry", "ledger_journal", "audit_log", "audit_seal", "allocation", "bill_version"} <= {table.name for table in once}
    rights = text("SELECT has_table_privilege('banyan_app', :table, :right)")
    allowed = [
        (str(table), right)
        for table in once
        for right in ("UPDATE", "DELETE", "TRUNCATE")
        if (await owner.execute(rights, {"table": str(table), "right": right})).scalar()
    ]
    assert allowed == []


async def test_without_a_tenant_every_tenant_table_raises(database, found):
    walled = tables(found, tenant=True)
    assert walled
    for table in walled:
        with pytest.raises(DBAPIError, match=NO_TENANT):
            await _count(database, f'{table.schema}."{table.name}"')


async def _count(database, table: str) -> None:
    """By the key, which asks for the tenant before it looks: reading an empty table from end to end would ask for nothing."""
    async with database.reference() as session:
        await session.simple("SET LOCAL enable_seqscan = off")
        await session.scalar(text(f"SELECT count(*) FROM {table}"))


async def test_a_row_for_another_tenant_is_refused(database):
    insert = text("INSERT INTO core.ledger_account (tenant_id, id, code, kind) VALUES (:other, :id, 'A.BANK.X', 'asset')")
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.tenant(new_tenant_id()) as session:
            await session.execute(insert, {"other": new_tenant_id(), "id": new_tenant_id()})


async def test_the_tenant_does_not_outlive_its_transaction(addresses):
    database = Database(addresses.app, pool_size=1)
    tenant_id = new_tenant_id()
    async with database.tenant(tenant_id) as session:
        assert await session.scalar(text("SELECT current_setting('app.tenant_id')")) == str(tenant_id)
    with pytest.raises(DBAPIError, match=NO_TENANT):
        await _count(database, "core.bill")
    await database.close()


async def test_the_backup_role_reads_everything_and_writes_nothing(addresses, owner):
    rights = text("SELECT rolbypassrls, NOT rolsuper FROM pg_roles WHERE rolname = 'banyan_backup'")
    assert tuple((await owner.execute(rights)).one()) == (True, True)
    async with migrate.owner_connection(addresses.backup) as backup:
        assert (await backup.execute(text("SELECT count(*) FROM core.bill"))).scalar() >= 0
        with pytest.raises(DBAPIError):
            await backup.execute(text("DELETE FROM core.tenant_due"))
