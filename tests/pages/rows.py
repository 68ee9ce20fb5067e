"""Rows of a tenant for tests that only look: a table's name and what matters, the rest is filled in; what it belongs to is found or made."""

import datetime as dt
import itertools
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    Uuid,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from core import clock, ids
from core.database import Session
from core.identity.vault import TenantKeys

PERSON = "冯经办"
_turn = itertools.count(1)


class Rows:
    """Writes rows into the open transaction of one tenant."""

    def __init__(self, session: Session, keys: TenantKeys, schemas: list[MetaData]) -> None:
        self._session, self._keys = session, keys
        self._tables: dict[str, Table] = {table.fullname: table for schema in schemas for table in schema.sorted_tables}

    async def add(self, name: str, /, **given: Any) -> UUID:
        """One row of a table (`bill` means `core.bill`); answers its id."""
        table = self._tables[name if "." in name else f"core.{name}"]
        row = dict(given)
        parents = {key.parent.key: key.column.table for key in table.foreign_keys if key.column.name == "id"}
        for column in table.columns:
            if column.key in row or column.name == "tenant_id" or column.nullable or column.server_default is not None or column.computed is not None:
                continue
            row[column.key] = await self.first(parents[column.key].fullname) if column.key in parents else self._value(column)
        await self._session.execute(insert(table), row)
        return row.get("id")

    async def first(self, name: str) -> UUID:
        """A table's first row, made where there is none."""
        table = self._tables[name if "." in name else f"core.{name}"]
        return await self._session.scalar(select(table.c.id).order_by(table.c.id).limit(1)) or await self.add(table.fullname)

    def _value(self, column: Column) -> object:
        kind = column.type
        if isinstance(kind, Uuid):
            return ids.uuid7()
        if isinstance(kind, LargeBinary):
            return self._keys.seal("13812345678") if column.name.endswith("_sealed") else ids.uuid7().bytes
        if isinstance(kind, Text):
            return PERSON if column.name.endswith(("_by", "_name", "cashier")) else f"{column.name[:3].upper()}{next(_turn):06d}"
        for known, value in _PLAIN:
            if isinstance(kind, known):
                return value()
        raise AssertionError(f"no value for {column}")


_PLAIN = (
    (Boolean, lambda: True),
    (BigInteger, lambda: 12_345),
    (Integer, lambda: 1),
    (Numeric, lambda: 1),
    (TIMESTAMP, clock.now),
    (Date, clock.today),
    (JSONB, dict),
)


def days_ago(days: int) -> dt.date:
    """A day before today, in Shanghai."""
    return clock.today() - dt.timedelta(days=days)
