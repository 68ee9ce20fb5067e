"""Row-level security: the wall between tenants, as SQL that migrations run and as a question the audit asks."""

from collections.abc import Iterable

from sqlalchemy import MetaData, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

APP_ROLE = "banyan_app"
BACKUP_ROLE = "banyan_backup"

UNPROTECTED_TABLES = text("""
    SELECT n.nspname || '.' || c.relname AS name,
           c.relrowsecurity AND c.relforcerowsecurity AS forced,
           coalesce(p.qual = p.with_check AND p.qual LIKE '%tenant_id = (current_setting(''app.tenant_id''::text))::uuid%', false) AS walled,
           EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                   WHERE i.indrelid = c.oid AND i.indisprimary AND a.attname = 'tenant_id') AS keyed,
           NOT EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                       WHERE i.indrelid = c.oid AND i.indisunique AND a.attname <> 'tenant_id') AS unique_keyed
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = 'tenant_id' AND NOT t.attisdropped
    LEFT JOIN LATERAL (SELECT pg_get_expr(polqual, polrelid) AS qual, pg_get_expr(polwithcheck, polrelid) AS with_check
                       FROM pg_policy WHERE polrelid = c.oid) p ON true
    WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY(:schemas)
    ORDER BY 1
""")

TABLES_WITHOUT_TENANT = text("""
    SELECT n.nspname || '.' || c.relname AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY(:schemas)
      AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)
    ORDER BY 1
""")


def protect_schema(schema: str) -> list[str]:
    """SQL that lets the application into a schema (nothing more than using it)."""
    return [
        f"CREATE SCHEMA IF NOT EXISTS {schema}",
        f"GRANT USAGE ON SCHEMA {schema} TO {APP_ROLE}, {BACKUP_ROLE}",
    ]


def protect_table(schema: str, name: str, *, tenant: bool = True, append_only: bool = False) -> list[str]:
    """SQL that walls a table: forced row-level security for tenant tables, and only the rights the application needs."""
    table = f"{schema}.{name}"
    rights = "SELECT, INSERT" if append_only else "SELECT, INSERT, UPDATE, DELETE"
    statements = [f"GRANT {rights} ON {table} TO {APP_ROLE}", f"GRANT SELECT ON {table} TO {BACKUP_ROLE}"]
    if tenant:
        own = "tenant_id = current_setting('app.tenant_id')::uuid"
        statements += [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY tenant ON {table} USING ({own}) WITH CHECK ({own})",
        ]
    return statements


def protect(tables: Iterable[Table]) -> list[str]:
    """The same for declared tables, as a new migration needs it."""
    return [
        sql
        for table in tables
        for sql in protect_table(table.schema or "public", table.name, **table.info)
    ]


async def unwalled(connection: AsyncConnection, schemas: list[str], reference: set[str]) -> list[str]:
    """Every table that a tenant's row could leak from, in words; an empty list is the only good answer."""
    faults = []
    for row in (await connection.execute(UNPROTECTED_TABLES, {"schemas": schemas})).all():
        if row.name in reference:
            continue
        for holds, why in (
            (row.forced, "row-level security is not forced"),
            (row.walled, "the tenant policy is missing or different"),
            (row.keyed, "the primary key does not start with tenant_id"),
            (row.unique_keyed, "a unique key does not start with tenant_id"),
        ):
            if not holds:
                faults.append(f"{row.name}: {why}")
    for row in (await connection.execute(TABLES_WITHOUT_TENANT, {"schemas": schemas})).all():
        if row.name not in reference and not row.name.endswith(".alembic_version"):
            faults.append(f"{row.name}: has no tenant and is not declared a reference table")
    return faults


def reference_names(metadatas: Iterable[MetaData]) -> set[str]:
    """The full names of the tables declared to have no tenant."""
    return {f"{t.schema}.{t.name}" for m in metadatas for t in m.tables.values() if not t.info["tenant"]}
