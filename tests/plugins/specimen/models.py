"""The club's tables, in a schema of its own: members, and what the trunk told us."""

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Index, Integer, LargeBinary, Text, text

from core.database.tables import Fen, created_column, id_column, plugin_metadata, tenant_table

metadata = plugin_metadata("club")

member = tenant_table(
    "member",
    metadata,
    id_column(),
    Column("number", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("phone_sealed", LargeBinary, nullable=False),
    Column("phone_tail_index", LargeBinary, nullable=False),
    Column("due_fen", Fen, nullable=False),
    Column("joined_on", Date, nullable=False),
    Column("card_no", Integer),
    Column("lapsed", Boolean, nullable=False, server_default=text("false")),
    created_column(),
    CheckConstraint("due_fen > 0", name="due"),
    Index("uq_member_number", "tenant_id", "number", unique=True),
)

told = tenant_table(
    "told",
    metadata,
    Column("kind", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("amount_fen", Fen, nullable=False),
    created_column(),
    key=("kind", "about"),
    append_only=True,
)
