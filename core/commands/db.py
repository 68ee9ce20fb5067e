"""`banyan db`: draft a migration for those who changed a table, or spread the tables over a Citus cluster."""

import argparse
from graphlib import TopologicalSorter

from sqlalchemy import MetaData, Table, text

from core.app import branches, load_plugins
from core.commands.surroundings import servers
from core.commands.terminal import say
from core.database import migrate
from core.database.migrate import Branch, owner_connection
from core.errors import InvalidRequest
from core.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    """Its verbs."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    revision = actions.add_parser("revision", help="draft a migration from what the models say and the migrations do not")
    revision.add_argument("message", help="what it is for, a few words")
    revision.add_argument("--branch", default="core", help="core or a plugin's code")
    distribute = actions.add_parser("distribute", help="print the SQL that distributes every table by tenant on Citus")
    distribute.add_argument("--apply", action="store_true", help="run it on the database instead of printing it")


async def run(args: argparse.Namespace) -> int:
    """One of them."""
    found = branches(load_plugins())
    if args.action == "revision":
        return await _revision(found, args.branch, args.message)
    statements = distribution([branch.metadata for branch in found])
    if args.apply:
        with servers(Settings.load()) as running:
            async with owner_connection(running.owner_database_url) as connection:
                for statement in statements:
                    await connection.execute(text(statement))
    for statement in statements:
        say(statement + ";")
    return 0


async def _revision(found: list[Branch], code: str, message: str) -> int:
    branch = next((branch for branch in found if branch.schema == code), None)
    if branch is None:
        raise InvalidRequest(f"没有名为 {code} 的迁移分支")
    with servers(Settings.load()) as running:
        await migrate.upgrade(running.owner_database_url, found)
        say(str(await migrate.draft(running.owner_database_url, branch, message)))
    return 0


def distribution(metadatas: list[MetaData]) -> list[str]:
    """What Citus must be told: reference tables everywhere, tenant tables by tenant and side by side, each after what it refers to."""
    tables = {f"{t.schema}.{t.name}": t for metadata in metadatas for t in metadata.tables.values()}
    reference = [name for name in sorted(tables) if not tables[name].info.get("tenant")]
    tenant = [
        name
        for name in TopologicalSorter({n: _targets(t) & set(tables) for n, t in sorted(tables.items())}).static_order()
        if name not in reference
    ]
    statements = [f"SELECT create_reference_table('{_quoted(tables[name])}')" for name in reference]
    together = ""
    for name in tenant:
        statements.append(f"SELECT create_distributed_table('{_quoted(tables[name])}', 'tenant_id'{together})")
        together = together or f", colocate_with => '{_quoted(tables[name])}'"
    statements.append("ALTER ROLE banyan_app SET citus.propagate_set_commands = 'local'")
    return statements


def _targets(table: Table) -> set[str]:
    own = f"{table.schema}.{table.name}"
    return {".".join(key.target_fullname.split(".")[:2]) for key in table.foreign_keys} - {own}


def _quoted(table: Table) -> str:
    return f'{table.schema}."{table.name}"'
