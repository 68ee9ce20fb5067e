"""Messages to people and what became of each."""

from sqlalchemy import Column, Index, Integer, LargeBinary, Text, Uuid, text

from core.database.tables import Instant, Json, created_column, id_column, metadata, one_of, tenant_table

message = tenant_table(
    "message",
    metadata,
    id_column(),
    Column("key", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("means", Text, nullable=False),
    Column("party_id", Uuid),
    Column("to_sealed", LargeBinary),
    Column("to_masked", Text, nullable=False),
    Column("body_sealed", LargeBinary),
    Column("facts", Json, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("due_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("last_error", Text),
    created_column(),
    one_of("status", ("waiting", "sent", "failed")),
    Index("uq_message_key", "tenant_id", "key", unique=True),
    Index("ix_message_due", "tenant_id", "due_at", postgresql_where=text("status = 'waiting'")),
)
