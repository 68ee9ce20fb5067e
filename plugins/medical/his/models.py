"""The hospital's information system as this platform reaches it, every call made to it, what it asked for, and where it says other than our books."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Text, Uuid, text

from core.database.tables import Fen, Instant, belongs_to, created_column, id_column, one_of, tenant_table
from plugins.medical.his.states import DISAGREEMENT, REPOST, WAYS_TO_DISAGREE
from plugins.medical.schema import metadata

link = tenant_table(
    "his_link",
    metadata,
    id_column(),
    Column("base_url", Text, nullable=False),
    Column("app_id", Text, nullable=False),
    Column("secret_sealed", LargeBinary, nullable=False),
    Column("refund_after_minutes", Integer, nullable=False, server_default=text("30")),
    Column("open", Boolean, nullable=False, server_default=text("true")),
    Column("made_by", Text, nullable=False),
    Column("closed_at", Instant),
    created_column(),
    Index("uq_his_link_open", "tenant_id", "open", unique=True, postgresql_where=text("open")),
)

call = tenant_table(
    "his_call",
    metadata,
    id_column(),
    Column("kind", Text, nullable=False),
    Column("order_id", Uuid),
    Column("key", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("answer", Text, nullable=False),
    Column("status", Integer),
    Column("message", Text),
    belongs_to("order_id", "medical.med_order"),
    Index("ix_his_call_order_id", "tenant_id", "order_id", "at"),
    Index("ix_his_call_at", "tenant_id", "at", "id"),
    append_only=True,
)

# Where HIS says other than our books: kept as it said it, until a person has looked.
disagreement = tenant_table(
    "his_disagreement",
    metadata,
    id_column(),
    Column("order_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("ours", Text, nullable=False),
    Column("theirs", Text, nullable=False),
    Column("status", Text, nullable=False, server_default=text("'open'")),
    Column("settled_by", Text),
    Column("settled_at", Instant),
    Column("note", Text),
    created_column(),
    one_of("kind", WAYS_TO_DISAGREE),
    one_of("status", DISAGREEMENT.states),
    belongs_to("order_id", "medical.med_order"),
    Index("uq_his_disagreement_said", "tenant_id", "order_id", "kind", "theirs", unique=True),
    Index("ix_his_disagreement_open", "tenant_id", "id", postgresql_where=text("status = 'open'")),
)

# A difference's remedy that HIS has to carry out: posted again, corrected or taken back.
repost = tenant_table(
    "his_repost",
    metadata,
    Column("remedy_id", Uuid, nullable=False),
    Column("klass", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("order_id", Uuid),
    Column("amount_fen", Fen, nullable=False),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    Column("due_at", Instant),
    Column("status", Text, nullable=False),
    Column("message", Text),
    created_column(),
    one_of("status", REPOST.states),
    belongs_to("order_id", "medical.med_order"),
    Index("ix_his_repost_due_at", "tenant_id", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    key=("remedy_id",),
)

# Whose turn it is to speak with HIS of an order: one at a time, until it is given back or runs out with its worker.
turn = tenant_table(
    "his_turn",
    metadata,
    Column("order_id", Uuid, nullable=False),
    Column("until", Instant, nullable=False),
    belongs_to("order_id", "medical.med_order"),
    key=("order_id",),
)
