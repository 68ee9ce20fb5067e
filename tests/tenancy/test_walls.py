"""The wall between tenants is the database's: whatever the statement, another tenant's rows are not there."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core import ids
from core.app import branches
from core.database import security
from core.database.migrate import owner_connection
from core.database.security import reference_names
from core.database.tables import metadata

INSERT = text("INSERT INTO core.org_unit (id, path, kind, name) VALUES (:id, 'x', 'unit', :name)")


async def run(platform, tenant_id, statement: str, given: dict) -> None:
    """One statement in one transaction of one tenant."""
    async with platform.database.tenant(tenant_id) as session:
        await session.execute(text(statement), given)


@pytest.fixture
async def two(platform):
    """Two tenants with one org unit each: `(mine, theirs, their row's id)`."""
    mine, theirs, row_id = uuid4(), uuid4(), ids.uuid7()
    for tenant_id, unit_id in ((mine, ids.uuid7()), (theirs, row_id)):
        async with platform.database.tenant(tenant_id) as session:
            await session.execute(INSERT, {"id": unit_id, "name": "单位"})
    return mine, theirs, row_id


LEAKS = {
    "count": "SELECT count(*) FROM core.org_unit",
    "exists": "SELECT count(*) FROM (SELECT 1 WHERE EXISTS (SELECT 1 FROM core.org_unit WHERE id = :id)) e",
    "sub_query": "SELECT count(*) FROM core.org_unit WHERE id IN (SELECT id FROM core.org_unit WHERE id = :id)",
    "scalar_sub_query": "SELECT coalesce((SELECT 1 FROM core.org_unit WHERE id = :id), 0)",
    "union": """SELECT count(*) FROM (SELECT id FROM core.org_unit WHERE id = :id
                UNION ALL SELECT id FROM core.org_unit WHERE tenant_id = :theirs) u""",
    "named_tenant": "SELECT count(*) FROM core.org_unit WHERE tenant_id = :theirs",
    "join": "SELECT count(*) FROM core.org_unit a JOIN core.org_unit b ON b.id = :id",
    "lateral": "SELECT count(*) FROM (VALUES (1)) v, LATERAL (SELECT 1 FROM core.org_unit WHERE id = :id) l",
    "with": "WITH w AS MATERIALIZED (SELECT * FROM core.org_unit WHERE id = :id) SELECT count(*) FROM w",
    "aggregate": "SELECT coalesce(max(1), 0) FROM core.org_unit WHERE id = :id",
    "or_true": "SELECT count(*) FROM core.org_unit WHERE (id = :id OR 1 = 1) AND tenant_id <> current_setting('app.tenant_id')::uuid",
}


@pytest.mark.parametrize("name", LEAKS)
async def test_no_statement_sees_another_tenants_row(platform, two, name):
    mine, theirs, row_id = two
    async with platform.database.tenant(mine) as session:
        given = {key: value for key, value in {"id": row_id, "theirs": theirs}.items() if f":{key}" in LEAKS[name]}
        seen = await session.scalar(text(LEAKS[name]), given)
    assert seen == (1 if name == "count" else 0)


async def test_no_statement_changes_another_tenants_row(platform, two):
    mine, theirs, row_id = two
    async with platform.database.tenant(mine) as session:
        for statement in ("UPDATE core.org_unit SET name = '改' WHERE id = :id", "DELETE FROM core.org_unit WHERE id = :id"):
            assert (await session.execute(text(statement), {"id": row_id})).rowcount == 0
    smuggled = "INSERT INTO core.org_unit (tenant_id, id, path, kind, name) VALUES (:t, :id, 'x', 'unit', '混入')"
    for statement, given in ((smuggled, {"t": theirs, "id": ids.uuid7()}), ("UPDATE core.org_unit SET tenant_id = :t", {"t": theirs})):
        with pytest.raises(DBAPIError, match="row-level security"):
            await run(platform, mine, statement, given)


async def test_rows_of_two_tenants_cannot_be_tied_together(platform, two):
    mine, _, row_id = two
    tied = "INSERT INTO core.org_unit (id, parent_id, path, kind, name) VALUES (:id, :parent, 'x', 'unit', '挂靠')"
    with pytest.raises(DBAPIError, match="foreign key"):
        await run(platform, mine, tied, {"id": ids.uuid7(), "parent": row_id})


async def test_without_a_tenant_every_tenant_table_raises(platform):
    for table in metadata.sorted_tables:
        if table.info["tenant"]:
            with pytest.raises(DBAPIError, match=r"app\.tenant_id|type uuid"):
                async with platform.database.reference() as session:
                    await session.execute(text(f"SELECT count(*) FROM {table.schema}.\"{table.name}\""))


async def test_the_setting_ends_with_the_transaction(platform, two):
    mine, *_ = two
    async with platform.database.tenant(mine) as session:
        assert await session.scalar(text("SELECT count(*) FROM core.org_unit")) == 1
    for _ in range(20):
        with pytest.raises(DBAPIError, match=r"app\.tenant_id|uuid"):
            async with platform.database.reference() as session:
                await session.scalar(text("SELECT count(*) FROM core.org_unit"))


async def test_many_tenants_at_once_never_see_each_other(platform):
    tenants = [uuid4() for _ in range(30)]

    async def write_and_count(tenant_id) -> int:
        async with platform.database.tenant(tenant_id) as session:
            await session.execute(INSERT, {"id": ids.uuid7(), "name": "单位"})
            await asyncio.sleep(0)
            return await session.scalar(text("SELECT count(*) FROM core.org_unit"))

    assert set(await asyncio.gather(*(write_and_count(tenant_id) for tenant_id in tenants))) == {1}


async def test_the_applications_role_owns_nothing_and_cannot_go_around_the_wall(platform):
    async with platform.database.reference() as session:
        role = await session.one(text("SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"))
        assert tuple(role) == (False, False, False)
        owned = "SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user AND relkind = 'r' AND relpersistence = 'p'"
        assert await session.scalar(text(owned)) == 0
    for statement in (
        "ALTER TABLE core.org_unit DISABLE ROW LEVEL SECURITY",
        "SET LOCAL row_security = off; SELECT * FROM core.org_unit",
        "SET ROLE banyan_owner",
    ):
        with pytest.raises(Exception, match=r"must be owner|permission denied|row-level security|app\.tenant_id"):
            async with platform.database.reference() as session:
                await session.simple(statement)


async def test_every_table_is_walled_and_a_hole_is_named(addresses, fresh_database, plugins):
    schemas = [branch.schema for branch in branches(plugins)]
    reference = reference_names(branch.metadata for branch in branches(plugins))
    holed = fresh_database()
    async with owner_connection(holed.owner) as connection:
        assert await security.unwalled(connection, schemas, reference) == []
        await connection.execute(text("ALTER TABLE core.org_unit NO FORCE ROW LEVEL SECURITY"))
        await connection.execute(text("DROP POLICY tenant ON core.user"))
        await connection.execute(text("CREATE TABLE core.forgotten (id int PRIMARY KEY)"))
        faults = await security.unwalled(connection, schemas, reference)
    assert len(faults) == 3
    for name in ("core.org_unit", "core.user", "core.forgotten"):
        assert any(fault.startswith(name) for fault in faults)


async def test_a_snapshot_taken_while_a_commit_is_late_does_not_lose_it(platform, tenant):
    async with platform.database.tenant(tenant) as slow:
        await slow.execute(INSERT, {"id": ids.uuid7(), "name": "晚到"})
        async with platform.database.tenant(tenant) as session:
            horizon = await session.scalar(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"))
            writer = await slow.scalar(text("SELECT pg_current_xact_id()::text::bigint"))
            assert horizon <= writer, "what is below the horizon has ended; the late one is not"
            assert await session.scalar(text("SELECT count(*) FROM core.org_unit")) == 0
    async with platform.database.tenant(tenant) as session:
        assert await session.scalar(text("SELECT count(*) FROM core.org_unit")) == 1
