"""CHECK constraints that changed: Alembic does not compare them, so the declared tables are built beside the real ones and PostgreSQL tells."""

from sqlalchemy import Connection, MetaData, text
from sqlalchemy.schema import CreateSchema, CreateTable, DropSchema

BESIDE = "declared"
_CONDITIONS = text("""
    SELECT c.relname AS "table", k.conname AS name, pg_get_constraintdef(k.oid) AS told
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE k.contype = 'c' AND n.nspname = :schema
""")


def changed(connection: Connection, schema: str, metadata: MetaData) -> list[str]:
    """SQL that makes the conditions of a schema's existing tables what the code declares; nothing when they agree."""
    there = {name for (name,) in connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = :s"), {"s": schema})}
    beside = MetaData(schema=BESIDE, naming_convention=metadata.naming_convention)
    connection.execute(CreateSchema(BESIDE))
    try:
        for table in metadata.tables.values():
            if table.name in there:
                connection.execute(CreateTable(table.to_metadata(beside, schema=BESIDE), include_foreign_key_constraints=[]))
        wanted, has = _read(connection, BESIDE), _read(connection, schema)
    finally:
        connection.execute(DropSchema(BESIDE, cascade=True))
    found = [f"ALTER TABLE {schema}.{table} DROP CONSTRAINT {name}" for (table, name), told in has.items() if wanted.get((table, name)) != told]
    found += [f"ALTER TABLE {schema}.{table} ADD CONSTRAINT {name} {told}" for (table, name), told in wanted.items() if has.get((table, name)) != told]
    return found


def _read(connection: Connection, schema: str) -> dict[tuple[str, str], str]:
    return {(row.table, row.name): row.told for row in connection.execute(_CONDITIONS, {"schema": schema})}
