"""Files that came in or went out, sealed with the tenant's key."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Text, text

from core.database.tables import Instant, created_column, id_column, metadata, tenant_table

stored_file = tenant_table(
    "stored_file",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sealed", LargeBinary),
    Column("contains_personal", Boolean, nullable=False, server_default=text("true")),
    Column("made_by", Text, nullable=False),
    Column("permission", Text),
    Column("expires_at", Instant),
    created_column(),
    Index("ix_stored_file_expires_at", "tenant_id", "expires_at", postgresql_where=text("sealed IS NOT NULL")),
)
