"""`banyan audit`: every invariant of every tenant, proven from the rows themselves (domain book §2.2, architecture §4)."""

from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from uuid import UUID

import msgspec
from sqlalchemy import text

from core.app import branches
from core.database import Session, security
from core.errors import NotFound
from core.jobs import proofs
from core.platform import Platform
from core.tenancy import repository as tenancy

BANK, DATABASE = "_bank", "_database"
SHOWN_FAULTS = 100
_SUPERPOWERS = text("SELECT rolname FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls OR rolcreaterole)")
_RIGHTS = text(
    "SELECT has_table_privilege(:table, 'UPDATE') OR has_table_privilege(:table, 'DELETE') OR has_table_privilege(:table, 'TRUNCATE')"
)


class Finding(msgspec.Struct, frozen=True):
    """One invariant of one tenant (`client` is its code, `_bank` or `_database`); the first hundred faults in words."""

    client: str
    check: str
    ok: bool
    faults: list[str]


class Report(msgspec.Struct, frozen=True):
    """What `banyan audit --json` answers."""

    ok: bool
    checks: list[Finding]


async def audit(platform: Platform, only: str | None = None) -> Report:
    """Prove everything, or what concerns one client."""
    findings = await walls(platform)
    async for code, tenant_id in tenants(platform, only):
        async with platform.database.tenant(tenant_id) as session:
            findings += await _tenant(platform, session, code)
    return Report(all(finding.ok for finding in findings), findings)


async def tenants(platform: Platform, only: str | None = None) -> AsyncIterator[tuple[str, UUID]]:
    """The bank and its clients, one by one; a named client alone.

    CROSSES TENANTS: for the command line only (audit, key rotation); reads code and id of the bank's clients.
    """
    if only is not None:
        yield only, (await platform.directory.by_code(only)).id
        return
    try:
        bank_id = await platform.directory.bank_id()
    except NotFound:
        return
    yield BANK, bank_id
    after = ""
    while True:
        async with platform.database.tenant(bank_id) as session:
            rows = await tenancy.list_clients(session, None, after=after, limit=200)
        for row in rows:
            yield row.code, row.id
        if not rows:
            return
        after = rows[-1].code


async def _tenant(platform: Platform, session: Session, code: str) -> list[Finding]:
    findings = []
    async with session.in_bulk():  # every question walks whole tables
        for _, check in platform.plugins.collect_all("register_checks"):
            for name, faults in (await check.list_faults(session)).items():
                findings.append(_finding(code, f"{check.code}.{name}", faults))
    heads = await proofs.head_faults(session, platform.settings.data_dir)
    return [*findings, _finding(code, "audit.heads", heads)]


async def walls(platform: Platform) -> list[Finding]:
    """Row-level security of every table, and that the application's own role is bound by it."""
    found = branches(platform.plugins)
    schemas = [branch.schema for branch in found]
    metadatas = [branch.metadata for branch in found]
    tables = [table for metadata in metadatas for table in metadata.tables.values() if table.schema in schemas]
    async with platform.database.reference() as session:
        unwalled = await security.unwalled(session.connection, schemas, security.reference_names(metadatas))
        powers = [f"role {row.rolname} can pass row-level security" for row in await session.all(_SUPERPOWERS)]
        rewritable = [
            f"{table.schema}.{table.name}: the application may change or delete rows"
            for table in tables
            if table.info.get("append_only") and await session.scalar(_RIGHTS, {"table": f'{table.schema}."{table.name}"'})
        ]
    return [
        _finding(DATABASE, "row_level_security", unwalled),
        _finding(DATABASE, "application_role_is_bound", powers),
        _finding(DATABASE, "append_only_tables", rewritable),
    ]


def _finding(client: str, check: str, faults: Sequence[object]) -> Finding:
    return Finding(client, check, not faults, [_words(fault) for fault in faults[:SHOWN_FAULTS]])


def _words(fault: object) -> str:
    mapping = getattr(fault, "_mapping", None)
    if mapping is None:
        return str(fault)
    return ", ".join(f"{name}={int(value) if isinstance(value, Decimal) else value}" for name, value in mapping.items())
