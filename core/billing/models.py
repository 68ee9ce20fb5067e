"""What is owed: fee items, bills with the rule that priced every line, their versions, and where each payment went."""

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Index, Integer, Numeric, Text, Uuid, text

from core.billing.states import BILL, IS_OPEN
from core.database.tables import Fen, Instant, Json, belongs_to, created_column, id_column, metadata, one_of, tenant_table

ZERO = text("0")

fee_item = tenant_table(
    "fee_item",
    metadata,
    id_column(),
    Column("plugin", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("mandatory", Boolean, nullable=False),
    Column("discountable", Boolean, nullable=False, server_default=text("true")),
    Column("merchant_id", Uuid, nullable=False),
    Column("refundable_policy", Text, nullable=False, server_default=text("'none'")),
    Column("ticket_type", Text, nullable=False, server_default=text("'receipt'")),
    Column("position", Integer, nullable=False, server_default=ZERO),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("version", Integer, nullable=False, server_default=text("1")),
    belongs_to("merchant_id", "core.merchant"),
    Index("uq_fee_item_code", "tenant_id", "plugin", "code", unique=True),
)

bill = tenant_table(
    "bill",
    metadata,
    id_column(),
    Column("number", Text, nullable=False),
    Column("pay_code", Text, nullable=False),
    Column("plugin", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("party_id", Uuid, nullable=False),
    Column("org_id", Uuid),
    Column("title", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("visible_from", Instant, nullable=False),
    Column("amount_fen", Fen, nullable=False),
    Column("discount_fen", Fen, nullable=False),
    Column("paid_fen", Fen, nullable=False, server_default=ZERO),
    Column("refunded_fen", Fen, nullable=False, server_default=ZERO),
    Column("status", Text, nullable=False),
    Column("allow_partial", Boolean, nullable=False),
    Column("allow_merge", Boolean, nullable=False),
    Column("instalments", Json),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("issued_at", Instant, nullable=False),
    one_of("status", BILL.states),
    CheckConstraint("amount_fen >= 0 AND paid_fen >= 0 AND refunded_fen >= 0 AND refunded_fen <= paid_fen", name="amounts"),
    belongs_to("party_id", "core.party"),
    Index("uq_bill_number", "tenant_id", "number", unique=True),
    Index("uq_bill_pay_code", "tenant_id", "pay_code", unique=True),
    Index("uq_bill_source", "tenant_id", "source", "party_id", unique=True, postgresql_where=text("status <> 'void'")),
    Index("ix_bill_party_id", "tenant_id", "party_id", postgresql_include=["status", "amount_fen", "paid_fen", "due_on", "visible_from", "org_id"]),
    Index("ix_bill_org_id", "tenant_id", "org_id", "status", postgresql_include=["amount_fen", "discount_fen", "paid_fen"]),
    Index(
        "ix_bill_open", "tenant_id", "party_id", postgresql_include=["amount_fen", "paid_fen", "due_on", "visible_from", "org_id"],
        postgresql_where=text(IS_OPEN),
    ),
    Index("ix_bill_issued", "tenant_id", "issued_at", "id"),
    Index("ix_bill_period", "tenant_id", "period", "issued_at"),
)

bill_line = tenant_table(
    "bill_line",
    metadata,
    Column("bill_id", Uuid, nullable=False),
    Column("line_no", Integer, nullable=False),
    Column("item_code", Text, nullable=False),
    Column("item_name", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("merchant_id", Uuid, nullable=False),
    Column("quantity", Numeric(14, 4), nullable=False),
    Column("unit_price_fen", Fen, nullable=False),
    Column("amount_fen", Fen, nullable=False),
    Column("discount_fen", Fen, nullable=False),
    Column("net_fen", Fen, nullable=False),
    Column("paid_fen", Fen, nullable=False, server_default=ZERO),
    Column("refunded_fen", Fen, nullable=False, server_default=ZERO),
    Column("mandatory", Boolean, nullable=False),
    Column("chosen", Boolean, nullable=False),
    Column("rule", Json, nullable=False),
    CheckConstraint("net_fen = amount_fen - discount_fen AND net_fen >= 0 AND paid_fen >= 0", name="amounts"),
    CheckConstraint("refunded_fen >= 0 AND refunded_fen <= paid_fen", name="refunded"),
    belongs_to("bill_id", "core.bill"),
    key=("bill_id", "line_no"),
)

bill_version = tenant_table(
    "bill_version",
    metadata,
    Column("bill_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("lines", Json, nullable=False),
    Column("amount_fen", Fen, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("checked_by", Text),
    created_column(),
    belongs_to("bill_id", "core.bill"),
    key=("bill_id", "version"),
    append_only=True,
)

# Where every fen of every payment lies: on a bill line, as a family's credit, or in suspense. Moving it adds rows of both signs.
allocation = tenant_table(
    "allocation",
    metadata,
    id_column(),
    Column("payment_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("bill_id", Uuid),
    Column("line_no", Integer),
    Column("party_id", Uuid),
    Column("amount_fen", Fen, nullable=False),
    Column("journal_id", Uuid, nullable=False),
    Column("allocated_at", Instant, nullable=False),
    one_of("kind", ("bill", "credit", "suspense")),
    CheckConstraint("(kind = 'bill') = (bill_id IS NOT NULL AND line_no IS NOT NULL)", name="bill"),
    CheckConstraint("(kind = 'credit') = (party_id IS NOT NULL)", name="credit"),
    Index("ix_allocation_bill_id", "tenant_id", "bill_id"),
    Index("ix_allocation_credit", "tenant_id", "party_id", postgresql_where=text("kind = 'credit'")),
    Index("ix_allocation_payment_id", "tenant_id", "payment_id"),
    append_only=True,
)

# The first time that a payer's page showed a bill: one row a bill, written once.
bill_view = tenant_table(
    "bill_view",
    metadata,
    Column("bill_id", Uuid, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("payer_id", Uuid),
    belongs_to("bill_id", "core.bill"),
    key=("bill_id",),
)
