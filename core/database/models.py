"""The two tables without a tenant: the ways in to a tenant, and when each tenant's work is due. They hold no personal data."""

from sqlalchemy import Column, Index, LargeBinary, PrimaryKeyConstraint, Text, Uuid

from core.database.tables import Instant, created_column, metadata, reference_table

route = reference_table(
    "route",
    metadata,
    Column("key_hash", LargeBinary, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("tenant_id", Uuid, nullable=False),
    created_column(),
    Index("ix_route_tenant_id", "tenant_id"),
)

tenant_due = reference_table(
    "tenant_due",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("idle_since", Instant),
    PrimaryKeyConstraint("tenant_id", "kind"),
    Index("ix_tenant_due_due_at", "due_at"),
)
