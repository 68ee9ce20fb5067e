"""Migrations: one Alembic branch for core and one per plugin, each with its version table in its own schema."""

import contextlib
import datetime as dt
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec
from alembic.autogenerate import compare_metadata, produce_migrations, render_python_code
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations.ops import CreateForeignKeyOp, CreateTableOp, ModifyTableOps
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from core.database import conditions, security, statistics

_TEMPLATE = '''"""{message}"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import core.database.tables
from core.database import security

revision = "{revision}"
down_revision = {down_revision!r}


def upgrade() -> None:
    {upgrades}


def downgrade() -> None:
    {downgrades}
'''


class Branch(msgspec.Struct, frozen=True):
    """A line of migrations: its schema, its folder, and the tables it must end at."""

    schema: str
    folder: Path
    metadata: MetaData


@contextlib.asynccontextmanager
async def owner_connection(url: str) -> AsyncIterator[AsyncConnection]:
    """A connection as the owner of the tables, for migrations and checks only."""
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"), poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()


async def upgrade(owner_url: str, branches: Sequence[Branch]) -> list[str]:
    """Bring every branch to its newest migration; answers what was applied. Two at once wait for each other."""
    applied: list[str] = []
    for branch in branches:
        async with owner_connection(owner_url) as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(20260901)"))
            await connection.execute(text("CREATE EXTENSION IF NOT EXISTS ltree WITH SCHEMA public"))
            for statement in security.protect_schema(branch.schema):
                await connection.execute(text(statement))
            await connection.run_sync(_run, branch, applied)
            await statistics.seed(connection, branch.schema)
    return applied


def _run(connection: Connection, branch: Branch, applied: list[str]) -> None:
    script = _script(branch)

    def steps(revision: object, _context: MigrationContext) -> object:
        found = script._upgrade_revs("heads", revision)
        applied.extend(f"{branch.schema} {step.revision.revision}" for step in found)
        return found

    with EnvironmentContext(Config(), script, fn=steps) as environment:
        environment.configure(connection=connection, version_table_schema=branch.schema, transaction_per_migration=False)
        environment.run_migrations()


def _script(branch: Branch) -> ScriptDirectory:
    return ScriptDirectory(str(branch.folder), version_locations=[str(branch.folder)])


def _context(connection: Connection, branch: Branch) -> MigrationContext:
    def mine(name: str | None, kind: str, _parents: object) -> bool:
        return name == branch.schema if kind == "schema" else name != "alembic_version"

    return MigrationContext.configure(
        connection,
        opts={
            "version_table_schema": branch.schema,
            "include_schemas": True,
            "include_name": mine,
            "compare_type": False,
            "target_metadata": branch.metadata,
            "user_module_prefix": None,
            "sqlalchemy_module_prefix": "sa.",
            "alembic_module_prefix": "op.",
        },
    )


async def differences(owner_url: str, branches: Sequence[Branch]) -> list[str]:
    """What the declared tables say and the migrated database does not; nothing when they agree."""
    found: list[str] = []
    async with owner_connection(owner_url) as connection:
        for branch in branches:
            changes = await connection.run_sync(lambda c, b=branch: compare_metadata(_context(c, b), b.metadata))
            found += [f"{branch.schema}: {change!r}" for change in changes]
            found += [f"{branch.schema}: {change}" for change in await connection.run_sync(conditions.changed, branch.schema, branch.metadata)]
    return found


async def draft(owner_url: str, branch: Branch, message: str) -> Path:
    """Write a migration that brings the database to the declared tables, with row-level security for new ones; read it before use."""
    async with owner_connection(owner_url) as connection:
        return await connection.run_sync(_draft, branch, message)


def _draft(connection: Connection, branch: Branch, message: str) -> Path:
    context = _context(connection, branch)
    script = produce_migrations(context, branch.metadata)
    created = [f"{op.schema}.{op.table_name}" for op in script.upgrade_ops.ops if isinstance(op, CreateTableOp)]
    upgrades = render_python_code(script.upgrade_ops, migration_context=context)
    ends = [(op.source_table, op.referent_table) for op in _foreign_keys(script.upgrade_ops.ops)]
    tied = sorted({f"{branch.schema}.{table}" for pair in ends for table in pair})
    tied = [table for table in tied if table not in created]
    upgrades = "\n".join(
        [f'    op.execute("ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")' for table in tied]
        + [upgrades]
        + [f'    op.execute("ALTER TABLE {table} FORCE ROW LEVEL SECURITY")' for table in tied]
        + [f"    op.execute({change!r})" for change in conditions.changed(connection, branch.schema, branch.metadata)]
    )
    for table in created:
        info = branch.metadata.tables[table].info
        schema, _, name = table.partition(".")
        options = ", ".join(f"{key}={value}" for key, value in info.items())
        upgrades += f"\n    for statement in security.protect_table({schema!r}, {name!r}, {options}):\n        op.execute(statement)"
    head = _script(branch).get_current_head()
    number = f"{int((head or '0').split('_')[0]) + 1:04d}"
    path = branch.folder / f"{number}_{'_'.join(re.findall('[a-z0-9]+', message.lower()))}.py"
    path.write_text(
        _TEMPLATE.format(
            message=f"{message} ({dt.date.today()}).",
            revision=number,
            down_revision=head,
            upgrades=_indent(upgrades),
            downgrades=_indent(render_python_code(script.downgrade_ops, migration_context=context)),
        )
    )
    return path


def _foreign_keys(ops: Sequence[object]) -> list[CreateForeignKeyOp]:
    """References that are added to tables with rows: the owner must see all rows while they are checked."""
    return [inner for op in ops if isinstance(op, ModifyTableOps) for inner in op.ops if isinstance(inner, CreateForeignKeyOp)]


def _indent(code: str) -> str:
    lines = [line for line in code.splitlines() if not line.lstrip().startswith("#")]
    return "\n".join(lines).strip()
