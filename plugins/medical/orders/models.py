"""What the hospital asks to be paid: registration, outpatient bill, deposit, discharge. The cash part is a bill of core; names of items are sealed."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, Text, Uuid, text

from core.billing.models import bill
from core.database.tables import Fen, Instant, Json, belongs_to, created_column, id_column, one_of, tenant_table
from core.identity.models import org_unit
from plugins.medical.orders.states import KINDS, ORDER, SCENES
from plugins.medical.schema import metadata

ZERO = text("0")

order = tenant_table(
    "med_order",
    metadata,
    id_column(),
    Column("number", Text, nullable=False),
    Column("his_bill_no", Text, nullable=False),
    Column("vendor_id", Uuid),
    Column("vendor_order_no", Text),
    Column("patient_id", Uuid, nullable=False),
    Column("visit_id", Uuid),
    Column("department_id", Uuid),
    Column("scene", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("items_sealed", LargeBinary),
    Column("categories", Json, nullable=False),
    Column("total_fen", Fen, nullable=False),
    Column("fund_fen", Fen, nullable=False, server_default=ZERO),
    Column("account_fen", Fen, nullable=False, server_default=ZERO),
    Column("mutual_aid_fen", Fen, nullable=False, server_default=ZERO),
    Column("hospital_fen", Fen, nullable=False, server_default=ZERO),
    Column("cash_fen", Fen, nullable=False),
    Column("bill_id", Uuid),
    Column("status", Text, nullable=False),
    Column("refunded_fen", Fen, nullable=False, server_default=ZERO),
    Column("paid_at", Instant),
    Column("posted_at", Instant),
    Column("his_serial", Text),
    Column("post_tries", Integer, nullable=False, server_default=ZERO),
    Column("post_at", Instant),
    Column("post_error", Text),
    Column("post_failed_at", Instant),
    Column("body_hash", LargeBinary, nullable=False),
    created_column(),
    one_of("scene", SCENES),
    one_of("kind", KINDS),
    one_of("status", ORDER.states),
    CheckConstraint("total_fen = fund_fen + account_fen + mutual_aid_fen + cash_fen + hospital_fen", name="split"),
    CheckConstraint(
        "total_fen > 0 AND fund_fen >= 0 AND account_fen >= 0 AND mutual_aid_fen >= 0 AND cash_fen >= 0 AND hospital_fen >= 0"
        " AND refunded_fen >= 0 AND refunded_fen <= cash_fen",
        name="amounts",
    ),
    belongs_to("vendor_id", "medical.vendor"),
    belongs_to("patient_id", "medical.patient"),
    belongs_to("visit_id", "medical.visit"),
    belongs_to("department_id", org_unit),
    belongs_to("bill_id", bill),
    Index("uq_med_order_number", "tenant_id", "number", unique=True),
    Index("uq_med_order_his_bill_no", "tenant_id", "his_bill_no", unique=True),
    Index("uq_med_order_vendor_no", "tenant_id", "vendor_id", "vendor_order_no", unique=True),
    Index("uq_med_order_bill_id", "tenant_id", "bill_id", unique=True),
    Index("ix_med_order_patient_id", "tenant_id", "patient_id", "created_at"),
    Index("ix_med_order_visit_id", "tenant_id", "visit_id"),
    Index("ix_med_order_created", "tenant_id", "created_at", "id"),
    Index("ix_med_order_vendor_paid", "tenant_id", "vendor_id", "paid_at"),
    Index("ix_med_order_awaiting", "tenant_id", "bill_id", postgresql_where=text("status = 'awaiting_payment'")),
    Index("ix_med_order_post_at", "tenant_id", "post_at", postgresql_where=text("post_at IS NOT NULL")),
    Index("ix_med_order_failed", "tenant_id", "post_failed_at", postgresql_where=text("status = 'post_failed'")),
)
