"""What waits for a second person."""

from sqlalchemy import Column, Index, Text, Uuid, text

from core.database.tables import Fen, Instant, Json, created_column, id_column, metadata, one_of, tenant_table
from core.states import Machine

APPROVAL = Machine("复核", "waiting → approved rejected withdrawn")

approval = tenant_table(
    "approval",
    metadata,
    id_column(),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("org_id", Uuid),
    Column("amount_fen", Fen),
    Column("proposal", Json, nullable=False),
    Column("reason", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_by_id", Text, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", Instant),
    Column("remark", Text),
    created_column(),
    one_of("status", APPROVAL.states),
    Index("uq_approval_waiting", "tenant_id", "kind", "subject_id", unique=True, postgresql_where=text("status = 'waiting'")),
    Index("ix_approval_created", "tenant_id", "created_at", "id"),
)
