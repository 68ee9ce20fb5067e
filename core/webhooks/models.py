"""Addresses a client wants to be told at, every message to them, every try."""

from sqlalchemy import Column, Index, Integer, LargeBinary, Text, Uuid, text

from core.database.tables import Instant, Json, belongs_to, created_column, id_column, metadata, one_of, tenant_table
from core.states import Machine

DELIVERY = Machine("推送", "waiting → waiting delivered failed", "failed → waiting", "delivered → waiting")
"""`failed`: every rung of the ladder was tried; a person may send it again."""

endpoint = tenant_table(
    "webhook_endpoint",
    metadata,
    id_column(),
    Column("title", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("events", Json, nullable=False),
    Column("secret_sealed", LargeBinary, nullable=False),
    Column("status", Text, nullable=False, server_default=text("'active'")),
    Column("made_by", Text, nullable=False),
    created_column(),
    one_of("status", ("active", "paused")),
)

delivery = tenant_table(
    "webhook_delivery",
    metadata,
    id_column(),
    Column("endpoint_id", Uuid, nullable=False),
    Column("event", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("about_id", Uuid, nullable=False),
    Column("body", Text, nullable=False),
    Column("status", Text, nullable=False, server_default=text("'waiting'")),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("next_at", Instant),
    Column("answer", Text, nullable=False, server_default=text("''")),
    Column("delivered_at", Instant),
    created_column(),
    one_of("status", DELIVERY.states),
    belongs_to("endpoint_id", "core.webhook_endpoint"),
    Index("uq_webhook_delivery_key", "tenant_id", "endpoint_id", "key", unique=True),
    Index("ix_webhook_delivery_due", "tenant_id", "next_at", postgresql_where=text("next_at IS NOT NULL")),
    Index("ix_webhook_delivery_about_id", "tenant_id", "about_id"),
)

attempt = tenant_table(
    "webhook_attempt",
    metadata,
    id_column(),
    Column("delivery_id", Uuid, nullable=False),
    Column("http_status", Integer),
    Column("answer", Text, nullable=False),
    Column("milliseconds", Integer, nullable=False),
    created_column(),
    belongs_to("delivery_id", "core.webhook_delivery"),
    Index("ix_webhook_attempt_delivery_id", "tenant_id", "delivery_id"),
    append_only=True,
)
