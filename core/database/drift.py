"""Whether the database has every table and column that the code declares: one cheap question, asked at each start.

It differs when data was made by migrations that were changed afterwards: then nothing is left to migrate, and yet queries fail one by one.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import MetaData, text
from sqlalchemy.ext.asyncio import AsyncConnection

from core.database.migrate import owner_connection
from core.database.session import Session
from core.errors import Unavailable

_COLUMNS = text("""
    SELECT n.nspname || '.' || c.relname AS "table", a.attname AS name
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY(:schemas) AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
""")
MOST_NAMED = 5


class TablesBehind(Unavailable):
    code = "TABLES_BEHIND"
    message = (
        "数据库缺少本程序需要的 {missing}。请先运行 banyan migrate；若它说没有新的迁移，说明这些数据是用后来改动过的迁移建立的："
        "开发数据请用 make clean-data 重来，其他数据请从备份恢复到与之相符的版本，再升级"
    )


def told(missing: Sequence[str]) -> str:
    """What is missing, the first few by name."""
    more = f" 等 {len(missing)} 处" if len(missing) > MOST_NAMED else ""
    return "、".join(missing[:MOST_NAMED]) + more


async def missing(asked: Session | AsyncConnection, metadatas: Iterable[MetaData]) -> list[str]:
    """The tables and columns that are declared and not there, by name; any role may ask."""
    tables = [table for metadata in metadatas for table in metadata.tables.values()]
    found = await asked.execute(_COLUMNS, {"schemas": sorted({str(table.schema) for table in tables})})
    there: dict[str, set[str]] = {}
    for row in found:
        there.setdefault(row.table, set()).add(row.name)
    lacking = []
    for table in tables:
        name = f"{table.schema}.{table.name}"
        if name not in there:
            lacking.append(name)
        else:
            lacking += [f"{name}.{column.name}" for column in table.columns if column.name not in there[name]]
    return sorted(lacking)


async def check(owner_url: str, metadatas: Iterable[MetaData]) -> None:
    """Raise TablesBehind when something is missing."""
    async with owner_connection(owner_url) as connection:
        lacking = await missing(connection, metadatas)
    if lacking:
        raise TablesBehind(missing=told(lacking))
