"""Makes few rows many: a tenant's rows again and again under other ids, by one statement a table. Only for reading pages afterwards.

Foreign keys among what is copied are kept; what a unique index forbids is changed: a day, a number, a hash. The superuser does it with
triggers off, so no rule of the books is asked: nothing may be posted to such a tenant any more.
"""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import Column, Date, Index, Integer, LargeBinary, MetaData, PrimaryKeyConstraint, Table, Text, Uuid

ONCE = {
    "audit_seal", "branch", "channel_health", "discount", "fee_standard", "go_live", "go_live_step", "his_link", "idempotency", "ledger_account",
    "ledger_snapshot", "notice_setting", "notice_template", "org_unit", "outbox_event", "payer_session", "plugin_default", "receipt_issuer",
    "role_grant", "session", "tenant_key",
}  # fmt: skip
"""Left as they are: keys and sessions, vocabularies, trees."""
LOOSE = {"user", "payer", "merchant", "channel_account", "fee_item", "term"}
"""Become many, and every row of other tables goes on pointing to the first."""
VOCABULARY = {
    "card_type", "channel", "event", "kind", "language", "method", "page", "plugin", "purpose", "relation", "role", "side", "source", "status",
    "ticket",
}  # fmt: skip
"""Columns whose words mean something to the program."""


def script(schemas: list[MetaData], tenant_id: UUID, times: int) -> str:
    """The SQL that adds every row of a tenant so many times more."""
    tables = [table for schema in schemas for table in schema.sorted_tables if table.info.get("tenant") and table.name not in ONCE]
    ids = [t for t in tables if "id" in t.c and t.name not in LOOSE]
    gathered = " UNION ALL ".join(f"SELECT id FROM {_quoted(t)} WHERE tenant_id = '{tenant_id}'" for t in ids)
    steps = ["SET session_replication_role = replica", f"CREATE TEMP TABLE copied AS {gathered}", "ANALYZE copied"]
    steps += [_copy(table, tenant_id, times) for table in tables]
    return ";\n".join([*steps, "DROP TABLE copied", "ANALYZE"]) + ";"


def _quoted(table: Table) -> str:
    return f'{table.schema}."{table.name}"'


def _copy(table: Table, tenant_id: UUID, times: int) -> str:
    changed = set(_changed(table))
    columns = [column for column in table.columns if column.computed is None]
    names = ", ".join(f'"{column.name}"' for column in columns)
    values = ", ".join(_value(column, column.key in changed) for column in columns)
    source = f"{_quoted(table)} t, generate_series(1, {times}) n WHERE t.tenant_id = '{tenant_id}'"
    return f"INSERT INTO {_quoted(table)} ({names}) SELECT {values} FROM {source} ON CONFLICT DO NOTHING"


def _value(column: Column, changed: bool) -> str:
    mine = f't."{column.name}"'
    if column.name == "tenant_id":
        return mine
    if isinstance(column.type, Uuid):
        other = f"md5({mine}::text || n)::uuid"
        return other if changed or column.name == "id" else f"CASE WHEN {mine} IN (SELECT id FROM copied) THEN {other} ELSE {mine} END"
    if not changed:
        return mine
    if isinstance(column.type, Date):
        return f"{mine} - n" if column.table.name != "settlement_month" else f"({mine} - n * interval '1 month')::date"
    if isinstance(column.type, LargeBinary):
        return f"{mine} || int4send(n)"
    return f"{mine} + n * 10000" if isinstance(column.type, Integer) else f"{mine} || '-' || n"


def _changed(table: Table) -> Iterator[str]:
    """Of each unique index the column that makes a copy another row."""
    unique = [c for c in table.constraints if isinstance(c, PrimaryKeyConstraint)] + [i for i in table.indexes if i.unique]
    for index in unique:
        columns = [column for column in index.columns if column.name != "tenant_id"]
        if any(_follows(column) for column in columns):
            continue
        yield _other(columns, index).key


def _follows(column: Column) -> bool:
    """Whether a copy has another value there by itself: its own id, or that of a row that is copied too."""
    if column.name == "id":
        return True
    targets = {key.column.table.name for key in column.foreign_keys if key.column.name == "id"}
    return bool(targets) and not targets & (LOOSE | ONCE)


def _other(columns: list[Column], index: Index | PrimaryKeyConstraint) -> Column:
    for kind in (Date, LargeBinary, Text, Integer, Uuid):
        for column in reversed(columns):
            if isinstance(column.type, kind) and column.name not in VOCABULARY:
                return column
    raise AssertionError(f"{index} of {columns[0].table} has nothing that could differ: name the table in ONCE")
