"""What people keep of their lists."""

from sqlalchemy import Boolean, Column, Index, Text, Uuid, text

from core.database.tables import Json, created_column, id_column, metadata, tenant_table

# `page` is the list's address without `/console/`.
saved_view = tenant_table(
    "saved_view",
    metadata,
    id_column(),
    Column("page", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("owner_id", Text, nullable=False),
    Column("shared", Boolean, nullable=False, server_default=text("false")),
    created_column(),
    Index("ix_saved_view_page", "tenant_id", "page", "owner_id"),
)

# `columns` holds for each table of the page how many columns it had and which of them are left out: {"bills": {"of": 8, "out": {"3": "减免"}}}.
list_choice = tenant_table(
    "list_choice",
    metadata,
    Column("user_id", Text, nullable=False),
    Column("page", Text, nullable=False),
    Column("columns", Json, nullable=False, server_default=text("'{}'")),
    Column("view_id", Uuid),
    key=("user_id", "page"),
)
