"""Admissions with what was paid for them, the daily lists, and what is left at discharge."""

from sqlalchemy import CheckConstraint, Column, Date, Index, Integer, LargeBinary, Text, Uuid, text

from core.database.tables import Fen, Instant, Json, belongs_to, created_column, id_column, one_of, tenant_table
from plugins.medical.inpatients.states import ADMISSION
from plugins.medical.schema import metadata

ZERO = text("0")

admission = tenant_table(
    "admission",
    metadata,
    id_column(),
    Column("visit_id", Uuid, nullable=False),
    Column("patient_id", Uuid, nullable=False),
    Column("ward", Text),
    Column("bed", Text),
    Column("status", Text, nullable=False),
    Column("total_fen", Fen),
    Column("cash_fen", Fen),
    Column("settlement_id", Uuid),
    Column("setl_no", Text),
    Column("settled_at", Instant),
    Column("settled_hash", LargeBinary),
    Column("shortage_fen", Fen, nullable=False, server_default=ZERO),
    Column("surplus_fen", Fen, nullable=False, server_default=ZERO),
    Column("discharge_order_id", Uuid),
    Column("requested_at", Instant),
    Column("due_on", Date),
    Column("closed_at", Instant),
    Column("look_at", Instant),
    Column("waits_for", Text),
    created_column(),
    one_of("status", ADMISSION.states),
    CheckConstraint("shortage_fen >= 0 AND surplus_fen >= 0 AND (shortage_fen = 0 OR surplus_fen = 0)", name="left"),
    belongs_to("visit_id", "medical.visit"),
    belongs_to("patient_id", "medical.patient"),
    belongs_to("settlement_id", "medical.insurance_settlement"),
    belongs_to("discharge_order_id", "medical.med_order"),
    Index("uq_admission_visit_id", "tenant_id", "visit_id", unique=True),
    Index("ix_admission_status", "tenant_id", "status", "due_on"),
    Index("ix_admission_created", "tenant_id", "created_at", "id"),
    Index("ix_admission_look_at", "tenant_id", "look_at", postgresql_where=text("look_at IS NOT NULL")),
)

# What was paid for a stay: an order of kind `deposit` (or `discharge`) and what of it went back at discharge; the last paid goes back first.
# `return_id` is the last return made of it; one that failed stays here, and holds its amount, until a person asks for it again.
deposit = tenant_table(
    "deposit",
    metadata,
    id_column(),
    Column("deposit_no", Text, nullable=False),
    Column("admission_id", Uuid, nullable=False),
    Column("order_id", Uuid, nullable=False),
    Column("return_id", Uuid),
    Column("returns", Integer, nullable=False, server_default=ZERO),
    created_column(),
    belongs_to("admission_id", "medical.admission"),
    belongs_to("order_id", "medical.med_order"),
    belongs_to("return_id", "medical.med_return"),
    Index("uq_deposit_deposit_no", "tenant_id", "deposit_no", unique=True),
    Index("uq_deposit_order_id", "tenant_id", "order_id", unique=True),
    Index("ix_deposit_admission_id", "tenant_id", "admission_id"),
)

daily_list = tenant_table(
    "daily_list",
    metadata,
    Column("admission_id", Uuid, nullable=False),
    Column("list_on", Date, nullable=False),
    Column("total_fen", Fen, nullable=False),
    Column("categories", Json, nullable=False),
    Column("items_sealed", LargeBinary, nullable=False),
    Column("items", Integer, nullable=False),
    Column("body_hash", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("changed_at", Instant, nullable=False, server_default=text("now()")),
    created_column(),
    belongs_to("admission_id", "medical.admission"),
    key=("admission_id", "list_on"),
)
