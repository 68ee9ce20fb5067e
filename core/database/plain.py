"""Statements written as SQL go straight to the driver: most of the cost of a short one would be looking for what it does not use.

What comes back are SQLAlchemy's own rows, what goes wrong are its own errors. A statement with typed or expanding parameters, and an
engine that somebody listens to, take the long way.
"""

import functools
from collections.abc import Mapping
from typing import Any, NoReturn
from weakref import WeakKeyDictionary

from sqlalchemy import Executable, TextClause
from sqlalchemy.engine.result import IteratorResult, Result, SimpleResultMetaData
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import NullType

Plain = tuple[str, tuple[str, ...]]
_NOTHING = SimpleResultMetaData(())
_known: WeakKeyDictionary[TextClause, Plain | None] = WeakKeyDictionary()


def plain(connection: AsyncConnection, statement: Executable) -> Plain | None:
    """The SQL of a statement and the names of its parameters in their order; None for one that takes the long way."""
    if not isinstance(statement, TextClause) or connection.sync_engine._has_events:
        return None
    try:
        return _known[statement]
    except KeyError:
        found = _known[statement] = _compiled(connection, statement)
        return found


async def fetch(connection: AsyncConnection, driver: Any, found: Plain, parameters: Mapping[str, object] | None) -> Result:
    """Run it on the connection's `driver` (asyncpg's own connection, which keeps it prepared)."""
    sql, names = found
    ask = driver.fetch
    try:
        records = await ask(sql, *[parameters[name] for name in names]) if names else await ask(sql)
    except Exception as error:
        await _tell(connection, error, sql)
    if not records:
        return IteratorResult(_NOTHING, iter(()))
    return IteratorResult(_meta(tuple(records[0].keys())), map(tuple, records))


@functools.lru_cache(maxsize=1024)
def _meta(names: tuple[str, ...]) -> SimpleResultMetaData:
    return SimpleResultMetaData(names)


def _compiled(connection: AsyncConnection, statement: TextClause) -> Plain | None:
    if any(not isinstance(bind.type, NullType) or bind.expanding or not bind.required for bind in statement._bindparams.values()):
        return None
    compiled = statement.compile(dialect=connection.dialect)
    return None if compiled._bind_processors else (str(compiled), tuple(compiled.positiontup or ()))


async def _tell(connection: AsyncConnection, error: Exception, sql: str) -> NoReturn:
    """Raise the driver's error as SQLAlchemy would have; a connection that was lost by it is thrown away."""
    dialect = connection.dialect
    adapter = (await connection.get_raw_connection()).dbapi_connection
    try:
        adapter._handle_exception(error)
    except dialect.dbapi.Error as known:
        lost = dialect.is_disconnect(known, adapter, None)
        if lost:
            await connection.invalidate(known)
        raise DBAPIError.instance(
            sql, None, known, dialect.dbapi.Error, hide_parameters=True, connection_invalidated=lost, dialect=dialect
        ) from error
