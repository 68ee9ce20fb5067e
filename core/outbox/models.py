"""Events written with the money and delivered after it."""

from sqlalchemy import Column, Index, Integer, Text, text

from core.database.tables import Instant, Json, id_column, metadata, tenant_table

event = tenant_table(
    "outbox_event",
    metadata,
    id_column(),
    Column("kind", Text, nullable=False),
    Column("payload", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("due_at", Instant, nullable=False),
    Column("delivered_at", Instant),
    Column("last_error", Text),
    Column("only_plugin", Text),
    Index("ix_outbox_event_held", "tenant_id", "only_plugin", postgresql_where=text("only_plugin IS NOT NULL AND delivered_at IS NULL")),
    Index("ix_outbox_event_pending", "tenant_id", "due_at", postgresql_where=text("delivered_at IS NULL")),
)
