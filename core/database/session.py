"""One request or job is one transaction of one tenant. This is the only file that begins and commits."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
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
from sqlalchemy import CursorResult, Executable, Row
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from core.database.tables import encode_json
from core.database.together import Write, combine
from core.errors import Unavailable

log = structlog.get_logger()
Parameters = Mapping[str, object] | Sequence[Mapping[str, object]] | None
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


class Session:
    """An open transaction; `tenant_id` is None only where reference tables alone are read."""

    def __init__(self, connection: AsyncConnection, tenant_id: UUID | None) -> None:
        self.connection = connection
        self.tenant_id = tenant_id
        self._after_commit: list[Callable[[], Awaitable[object]]] = []
        self.ended = False
        self.has_work = False
        """Set where rows were written that a worker should look at soon."""

    async def execute(self, statement: Executable, parameters: Parameters = None) -> CursorResult:
        """Run a statement; a list of parameter sets runs it once for each, batched."""
        return await self.connection.execute(statement, parameters)

    async def scalar(self, statement: Executable, parameters: Parameters = None) -> object:
        """The first column of the first row, or None."""
        return (await self.connection.execute(statement, parameters)).scalar()

    async def one(self, statement: Executable, parameters: Parameters = None) -> Row:
        """Exactly one row; anything else is a programmer's error."""
        return (await self.connection.execute(statement, parameters)).one()

    async def one_or_none(self, statement: Executable, parameters: Parameters = None) -> Row | None:
        """One row or None."""
        return (await self.connection.execute(statement, parameters)).one_or_none()

    async def all(self, statement: Executable, parameters: Parameters = None) -> Sequence[Row]:
        """Every row."""
        return (await self.connection.execute(statement, parameters)).all()

    async def together(self, *writes: Write) -> Row:
        """Do several features' writes in one round trip; answers each one's row count by its name."""
        return await self.one(*combine(*writes))

    async def copy_rows(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """COPY rows into a temporary table of this transaction (COPY into a table under row-level security is refused)."""
        raw = await self.connection.get_raw_connection()
        await raw.driver_connection.copy_records_to_table(table, columns=list(columns), records=rows)

    async def simple(self, sql: str) -> None:
        """Run statements that take no parameters in one round trip (temporary tables, savepoints, settings)."""
        raw = await self.connection.get_raw_connection()
        await raw.driver_connection.execute(sql)

    def after_commit(self, callback: Callable[[], Awaitable[object]]) -> None:
        """Run a callback once the transaction is safe; it may fail without harm (the outbox is the promise, this only hurries)."""
        self._after_commit.append(callback)

    async def abandon(self) -> None:
        """Roll back and give the connection back, if nobody has ended this transaction: a request that broke off half-way."""
        if not self.ended:
            self.ended = True
            await _abandon(self.connection, asyncio.CancelledError())


class Database:
    """The application's door to PostgreSQL: it connects as the role that row-level security binds."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.wake: Callable[[UUID], Awaitable[object]] | None = None
        """Tells the workers that a tenant has work; set at the composition root, free to fail."""
        self._engine = create_async_engine(
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
                "server_settings": {"application_name": "banyan", "jit": "off", "timezone": "UTC"},
            },
        )

    @contextlib.asynccontextmanager
    async def tenant(self, tenant_id: UUID) -> AsyncIterator[Session]:
        """One transaction in which only this tenant's rows exist."""
        async with self._transaction(f"BEGIN; SET LOCAL app.tenant_id = '{UUID(str(tenant_id))}'", tenant_id) as session:
            yield session

    @contextlib.asynccontextmanager
    async def reference(self) -> AsyncIterator[Session]:
        """One transaction without a tenant: reference tables answer, every tenant table raises."""
        async with self._transaction("BEGIN", None) as session:
            yield session

    @contextlib.asynccontextmanager
    async def _transaction(self, begin: str, tenant_id: UUID | None) -> AsyncIterator[Session]:
        connection = await self._begun(begin)
        session = Session(connection, tenant_id)
        try:
            yield session
            await session.simple("COMMIT")
        except BaseException as error:
            session.ended = True
            await _abandon(connection, error)
            if isinstance(error, _LOST) or (isinstance(error, DBAPIError) and error.connection_invalidated):
                raise Unavailable() from error
            raise
        else:
            session.ended = True
            await connection.close()
        if session.has_work and self.wake and tenant_id:
            session.after_commit(lambda: self.wake(tenant_id))
        for callback in session._after_commit:
            try:
                await callback()
            except Exception as error:  # the work itself is committed; a sweep repeats what this would have hurried
                log.warning("after_commit_failed", error=repr(error))

    async def _begun(self, begin: str) -> AsyncConnection:
        """A connection with its transaction open; one that died while idle in the pool is replaced once."""
        for attempt in (1, 2):
            try:
                connection = await self._engine.connect()
            except (*_AWAY, SQLAlchemyError, TimeoutError) as error:
                raise Unavailable() from error
            try:
                raw = await connection.get_raw_connection()
                await raw.driver_connection.execute(begin)
                return connection
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
