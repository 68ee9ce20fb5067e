"""One request or job is one transaction of one tenant. This is the only file that begins and commits."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, NoReturn
from uuid import UUID

import msgspec
import structlog
from asyncpg.exceptions import (
    InsufficientResourcesError,
    InterfaceError,
    InternalClientError,
    OperatorInterventionError,
    PostgresConnectionError,
    PostgresSystemError,
)
from sqlalchemy import CursorResult, Executable, Result, Row
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from core.database import looking, plain
from core.database.tables import encode_json
from core.database.together import Write, combine
from core.errors import Unavailable

log = structlog.get_logger()
Parameters = Mapping[str, object] | Sequence[Mapping[str, object]] | None
BESIDE = 2
"""Connections for what is looked up beside an open transaction."""
_LOST = (
    ConnectionError,
    PostgresConnectionError,
    OperatorInterventionError,  # told to stop, or another of its processes crashed
    InsufficientResourcesError,  # no disk, memory or connections left
    PostgresSystemError,  # it could not write
    InterfaceError,
    InternalClientError,  # an idle connection that was told of a crash and has not been closed yet
    PoolTimeout,
)
_AWAY = (OSError, *_LOST)
_PLANNED_ONCE = "SET LOCAL plan_cache_mode = force_generic_plan"


class Session:
    """An open transaction; `tenant_id` is None only where reference tables alone are read."""

    def __init__(self, connection: AsyncConnection, driver: Any, tenant_id: UUID | None, wake: Callable[[UUID], Awaitable[object]] | None) -> None:
        self.connection = connection
        self.tenant_id = tenant_id
        self._driver = driver
        self._wake = wake
        self._after_commit: list[Callable[[], Awaitable[object]]] = []
        self.ended = False
        self.has_work = False
        """Set where rows were written that a worker should look at soon."""

    async def execute(self, statement: Executable, parameters: Parameters = None) -> CursorResult:
        """Run a statement; a list of parameter sets runs it once for each, batched."""
        return await self.connection.execute(statement, parameters)

    async def run(self, statement: Executable, parameters: Mapping[str, object] | None = None) -> None:
        """Run a statement of whose answer nobody asks."""
        found = plain.plain(self.connection, statement)
        if found is None:
            await self.connection.execute(statement, parameters)
        else:
            await plain.fetch(self.connection, self._driver, found, parameters)

    async def scalar(self, statement: Executable, parameters: Parameters = None) -> object:
        """The first column of the first row, or None."""
        return (await self._result(statement, parameters)).scalar()

    async def one(self, statement: Executable, parameters: Parameters = None) -> Row:
        """Exactly one row; anything else is a programmer's error."""
        return (await self._result(statement, parameters)).one()

    async def one_or_none(self, statement: Executable, parameters: Parameters = None) -> Row | None:
        """One row or None."""
        return (await self._result(statement, parameters)).one_or_none()

    async def all(self, statement: Executable, parameters: Parameters = None) -> Sequence[Row]:
        """Every row."""
        return (await self._result(statement, parameters)).all()

    async def _result(self, statement: Executable, parameters: Parameters) -> Result:
        found = plain.plain(self.connection, statement)
        if found is None:
            return await self.connection.execute(statement, parameters)
        return await plain.fetch(self.connection, self._driver, found, parameters)

    async def together(self, *writes: Write) -> Row:
        """Do several features' writes in one round trip; answers each one's row count by its name."""
        return await self.one(*combine(*writes))

    async def copy_rows(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """COPY rows into a temporary table of this transaction (COPY into a table under row-level security is refused)."""
        await self._driver.copy_records_to_table(table, columns=list(columns), records=rows)

    async def simple(self, sql: str) -> None:
        """Run statements that take no parameters in one round trip (temporary tables, savepoints, settings)."""
        await self._driver.execute(sql)

    @contextlib.asynccontextmanager
    async def in_bulk(self) -> AsyncIterator[None]:
        """Plan what runs inside for many rows: after a new client's first large write the statistics still say "one row", and then any index
        that begins with the tenant is as good as another; 8,000 times 8,000 rows took three minutes.
        """
        await self.simple("SET LOCAL enable_nestloop = off; SET LOCAL plan_cache_mode = force_custom_plan")
        yield
        await self.simple("SET LOCAL enable_nestloop = on; SET LOCAL plan_cache_mode = auto")

    def after_commit(self, callback: Callable[[], Awaitable[object]]) -> None:
        """Run a callback once the transaction is safe; it may fail without harm (the outbox is the promise, this only hurries)."""
        self._after_commit.append(callback)

    @contextlib.asynccontextmanager
    async def ending(self) -> AsyncIterator[None]:
        """The last steps of this transaction: committed after them, undone with all the rest if they fail. Nothing is held from then on.

        For what calls the outside and may hold no connection meanwhile.
        """
        try:
            yield
            await self._driver.execute("COMMIT")
        except BaseException as error:
            await self._fail(error)
            raise
        await self._succeed()

    async def abandon(self) -> None:
        """Roll back and give the connection back, if nobody has ended this transaction: a request that broke off half-way."""
        if not self.ended:
            self._end()
            await _abandon(self.connection, asyncio.CancelledError())

    def _end(self) -> None:
        self.ended = True
        self._driver = _OVER  # the connection is somebody else's from now on

    async def _fail(self, error: BaseException) -> None:
        """Undo everything; Unavailable where the server was lost by it."""
        self._end()
        await _abandon(self.connection, error)
        if isinstance(error, _LOST) or (isinstance(error, DBAPIError) and error.connection_invalidated):
            raise Unavailable() from error

    async def _succeed(self) -> None:
        """Committed: give the connection back, then hurry what follows."""
        self._end()
        await self.connection.close()
        if self.has_work and self._wake and self.tenant_id:
            self.after_commit(lambda: self._wake(self.tenant_id))
        for callback in self._after_commit:
            try:
                await callback()
            except Exception as error:  # the work itself is committed; a sweep repeats what this would have hurried
                log.warning("after_commit_failed", error=repr(error))


class _Over:
    """What stands in the place of a connection that was given back."""

    def __getattr__(self, name: str) -> NoReturn:
        raise RuntimeError("this transaction is over")


_OVER = _Over()


class Database:
    """The application's door to PostgreSQL: it connects as the role that row-level security binds."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.wake: Callable[[UUID], Awaitable[object]] | None = None
        """Tells the workers that a tenant has work; set at the composition root, free to fail."""
        self._engine = _engine(url, pool_size)
        self._beside = _engine(url, BESIDE)

    @contextlib.asynccontextmanager
    async def tenant(self, tenant_id: UUID, *, by_key: bool = False) -> AsyncIterator[Session]:
        """One transaction in which only this tenant's rows exist. `by_key` says that all it asks for is found by a key, as on a payer's way:
        such a statement is planned once for a connection (PostgreSQL would plan a payment's larger ones anew each time, for 1 ms of 7).
        """
        begin = f"{_begin()}; SET LOCAL app.tenant_id = '{UUID(str(tenant_id))}'"
        async with self._transaction(f"{begin}; {_PLANNED_ONCE}" if by_key else begin, tenant_id) as session:
            yield session

    @contextlib.asynccontextmanager
    async def reference(self) -> AsyncIterator[Session]:
        """One transaction without a tenant: reference tables answer, every tenant table raises."""
        async with self._transaction(_begin(), None) as session:
            yield session

    @contextlib.asynccontextmanager
    async def beside(self, tenant_id: UUID | None = None) -> AsyncIterator[Session]:
        """A short read by somebody who may hold a transaction already: it has connections of its own.

        Were they taken from the same pool, as many requests as it has connections could hold one each and wait for another for ever.
        """
        begin = _begin() if tenant_id is None else f"{_begin()}; SET LOCAL app.tenant_id = '{UUID(str(tenant_id))}'"
        async with self._transaction(begin, tenant_id, self._beside) as session:
            yield session

    @contextlib.asynccontextmanager
    async def _transaction(self, begin: str, tenant_id: UUID | None, engine: AsyncEngine | None = None) -> AsyncIterator[Session]:
        connection, driver = await self._begun(begin, engine or self._engine)
        session = Session(connection, driver, tenant_id, self.wake)
        try:
            yield session
        except BaseException as error:
            if not session.ended:
                await session._fail(error)
            raise
        if not session.ended:
            async with session.ending():
                pass

    async def _begun(self, begin: str, engine: AsyncEngine) -> tuple[AsyncConnection, Any]:
        """A connection with its transaction open; one that died while idle in the pool is replaced once."""
        for attempt in (1, 2):
            try:
                connection = await engine.connect()
            except (*_AWAY, SQLAlchemyError, TimeoutError) as error:
                raise Unavailable() from error
            try:
                driver = connection.sync_connection.connection.driver_connection
                await driver.execute(begin)
                return connection, driver
            except _AWAY as error:
                await _abandon(connection, error, broken=True)
                if attempt == 2:
                    raise Unavailable() from error
            except BaseException:
                await _abandon(connection, asyncio.CancelledError())
                raise
        raise AssertionError("unreachable")

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()
        await self._beside.dispose()


def _begin() -> str:
    return "BEGIN READ ONLY" if looking.only_looks() else "BEGIN"


def _engine(url: str, pool_size: int) -> AsyncEngine:
    return create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=15,
        json_serializer=encode_json,
        json_deserializer=msgspec.json.decode,
        connect_args={
            "timeout": 5,
            "prepared_statement_cache_size": 500,
            "statement_cache_size": 500,
            "max_cached_statement_lifetime": 0,
            "max_cacheable_statement_size": 65_536,
            "server_settings": {"application_name": "banyan", "jit": "off", "timezone": "UTC"},
        },
    )


async def _abandon(connection: AsyncConnection, error: BaseException, broken: bool = False) -> None:
    """Roll back and give the connection back; one in doubt (cancelled mid-flight, lost) is thrown away."""
    try:
        if broken or isinstance(error, (asyncio.CancelledError, *_LOST)):
            await asyncio.shield(connection.invalidate())
        else:
            raw = await connection.get_raw_connection()
            await raw.driver_connection.execute("ROLLBACK")
    except Exception:
        with contextlib.suppress(Exception):
            await connection.invalidate()
    with contextlib.suppress(Exception):
        await connection.close()
