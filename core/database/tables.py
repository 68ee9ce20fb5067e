"""How tables are declared: tenant first in every key, schema `core` or the plugin's own.

A tenant table gets `tenant_id` as its first column (filled by the database from the transaction's setting, so that no insert names it),
a primary key that starts with it, and — in its migration — forced row-level security (`core.database.security`). Tables without a tenant
are few and are declared with `reference_table`.
"""

import uuid
from collections.abc import Sequence

import msgspec
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType

_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_1_name)s",
    "pk": "pk_%(table_name)s",
}

Instant = TIMESTAMP(timezone=True)
Fen = BigInteger
Json = JSONB
THIS_TENANT = text("current_setting('app.tenant_id')::uuid")

metadata = MetaData(schema="core", naming_convention=_NAMING)
_plugin_metadata: dict[str, MetaData] = {}


class Ltree(UserDefinedType):
    """A path in a tree (PostgreSQL `ltree`), read and written as text."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "public.ltree"


ischema_names["ltree"] = Ltree  # so that reflection knows it


def plugin_metadata(schema: str) -> MetaData:
    """The metadata of a plugin's own PostgreSQL schema (one per plugin, the same object at every call)."""
    return _plugin_metadata.setdefault(schema, MetaData(schema=schema, naming_convention=_NAMING))


def tenant_table(
    name: str,
    into: MetaData,
    *parts: Column | Index | CheckConstraint | ForeignKeyConstraint,
    key: Sequence[str] = ("id",),
    append_only: bool = False,
) -> Table:
    """Declare a table whose rows belong to one tenant each; `append_only` tables are never updated or deleted by the application."""
    return Table(
        name,
        into,
        Column("tenant_id", Uuid, nullable=False, server_default=THIS_TENANT),
        *parts,
        PrimaryKeyConstraint("tenant_id", *key),
        info={"tenant": True, "append_only": append_only},
    )


def reference_table(name: str, into: MetaData, *parts: Column | Index | CheckConstraint) -> Table:
    """Declare one of the few tables without a tenant; it may hold no personal data."""
    return Table(name, into, *parts, info={"tenant": False, "append_only": False})


def id_column() -> Column:
    """A row's own identifier, unique within its tenant."""
    return Column("id", Uuid, nullable=False)


def created_column() -> Column:
    """When the row was written."""
    return Column("created_at", Instant, nullable=False, server_default=text("now()"))


def belongs_to(column: str, target: str | Table) -> ForeignKeyConstraint:
    """A reference to another tenant table: the tenant is part of it, so that rows of two tenants can never be tied together.

    A table of the same schema is named; one of another schema (a plugin's reference to core) is given itself.
    """
    if isinstance(target, Table):
        return ForeignKeyConstraint(["tenant_id", column], [target.c.tenant_id, target.c.id])
    return ForeignKeyConstraint(["tenant_id", column], [f"{target}.tenant_id", f"{target}.id"])


def one_of(column: str, values: Sequence[str]) -> CheckConstraint:
    """A text column limited to the states of its machine (text, not enum: enum equality keeps indexes from being used under RLS)."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def encode_json(value: object) -> str:
    """JSON as the database stores it; UUIDs and dates as text, money stays whole."""
    return msgspec.json.encode(value, enc_hook=str).decode()


def new_tenant_id() -> uuid.UUID:
    """A fresh tenant identifier (random: it says nothing about when or in which order clients came)."""
    return uuid.uuid4()
