"""First statistics for tables that have none: the planner must know from the first row that a tenant alone selects little.

Every index begins with `tenant_id`. Without statistics PostgreSQL believes that any of them finds one row, may take one that fits the
tenant only, and keeps that choice in cached plans (a foreign-key check then walks all rows of a tenant: 8,000 bills took a minute
[measured]). Saying "all rows are of one tenant" makes it choose by the rest of the key. The first real ANALYZE replaces it.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_SEED = text("""
    SELECT pg_restore_attribute_stats(
        'schemaname', n.nspname::text, 'relname', c.relname::text, 'attname', a.attname::text, 'inherited', false,
        'null_frac', 0::real, 'avg_width', 16::integer, 'n_distinct', 1::real)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
    WHERE n.nspname = :schema AND c.relkind = 'r'
      AND c.reltuples < 0
""")

async def seed(connection: AsyncConnection, schema: str) -> None:
    """Give a schema's tables their first statistics, as their owner; tables that were analysed keep theirs."""
    await connection.execute(_SEED, {"schema": schema})
