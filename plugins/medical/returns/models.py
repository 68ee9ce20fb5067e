"""Returns: what of an order is given back, first to the insurer, then the cash part by its original way."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, Text, Uuid, text

from core.database.tables import Fen, Instant, belongs_to, created_column, id_column, one_of, tenant_table
from core.refunds.models import refund
from plugins.medical.returns.states import RETURN
from plugins.medical.schema import metadata

_MOVING = "status IN ('requested', 'insurance_refused', 'insurance_reversed', 'refunding', 'failed')"

returned = tenant_table(
    "med_return",
    metadata,
    id_column(),
    Column("number", Text, nullable=False),
    Column("his_refund_no", Text, nullable=False),
    Column("order_id", Uuid, nullable=False),
    Column("vendor_id", Uuid),
    Column("cash_fen", Fen, nullable=False),
    Column("reason", Text, nullable=False),
    Column("settlement_id", Uuid),
    Column("refund_id", Uuid),
    Column("status", Text, nullable=False),
    Column("error", Text),
    Column("told_at", Instant),
    Column("tell_tries", Integer, nullable=False, server_default=text("0")),
    Column("due_at", Instant),
    Column("body_hash", LargeBinary, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_by_id", Text, nullable=False),
    Column("finished_at", Instant),
    created_column(),
    one_of("status", RETURN.states),
    CheckConstraint("cash_fen >= 0", name="amount"),
    belongs_to("order_id", "medical.med_order"),
    belongs_to("vendor_id", "medical.vendor"),
    belongs_to("settlement_id", "medical.insurance_settlement"),
    belongs_to("refund_id", refund),
    Index("uq_med_return_number", "tenant_id", "number", unique=True),
    Index("uq_med_return_his_refund_no", "tenant_id", "his_refund_no", unique=True),
    Index("ix_med_return_order_id", "tenant_id", "order_id"),
    Index("ix_med_return_refund_id", "tenant_id", "refund_id"),
    Index("ix_med_return_moving", "tenant_id", "id", postgresql_where=text(_MOVING)),
    Index("ix_med_return_due_at", "tenant_id", "due_at", postgresql_where=text("due_at IS NOT NULL")),
)
