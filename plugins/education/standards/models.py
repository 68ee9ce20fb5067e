"""Fee standards and discounts with the person who made and the one who approved them."""

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Index, Integer, Numeric, Text, Uuid, text

from core.database.tables import Fen, Instant, Json, belongs_to, created_column, id_column, one_of, tenant_table
from core.states import Machine
from plugins.education.schema import metadata

STANDARD = Machine("收费标准", "draft → checked retired", "checked → approved draft", "approved → draft retired")

standard = tenant_table(
    "fee_standard",
    metadata,
    id_column(),
    Column("item_code", Text, nullable=False),
    Column("campus", Text),
    Column("division", Text),
    Column("grade", Text),
    Column("class_name", Text),
    Column("boarding", Text),
    Column("student_type", Text),
    Column("price_fen", Fen, nullable=False),
    Column("approval_doc_no", Text),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("status", Text, nullable=False),
    Column("sheet_row", Integer),
    Column("approval_id", Uuid),
    Column("made_by", Text, nullable=False),
    Column("checked_by", Text),
    Column("checked_at", Instant),
    created_column(),
    one_of("status", STANDARD.states),
    CheckConstraint("price_fen >= 0 AND ends_on >= starts_on", name="amounts"),
    Index(
        "uq_fee_standard_scope", "tenant_id", "item_code", "campus", "division", "grade", "class_name", "boarding", "student_type",
        "starts_on",
        unique=True, postgresql_nulls_not_distinct=True,
    ),
)  # fmt: skip

discount = tenant_table(
    "discount",
    metadata,
    id_column(),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("item_codes", Json, nullable=False),
    Column("condition", Json, nullable=False),
    Column("percent", Numeric(7, 4)),
    Column("amount_fen", Fen),
    Column("priority", Integer, nullable=False),
    Column("stackable", Boolean, nullable=False),
    Column("compound", Boolean, nullable=False),
    Column("position", Integer, nullable=False, server_default=text("0")),
    Column("status", Text, nullable=False),
    Column("approval_id", Uuid),
    Column("made_by", Text, nullable=False),
    Column("checked_by", Text),
    Column("checked_at", Instant),
    created_column(),
    one_of("status", STANDARD.states),
    one_of("kind", ("percent", "fixed", "waive")),
    Index("uq_discount_code", "tenant_id", "code", unique=True),
)

GRANT = Machine(
    "优惠申请",
    "applied → evidence_checked rejected",
    "evidence_checked → approved rejected",
    "approved → applied_to_bill revoked",
    "applied_to_bill → revoked",
)
GRANTED = ("approved", "applied_to_bill")
"""Applications that price: `applied_to_bill` once a bill says so, by publication or by an adjustment."""

discount_grant = tenant_table(
    "discount_grant",
    metadata,
    id_column(),
    Column("student_id", Uuid, nullable=False),
    Column("discount_id", Uuid, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("applied_by", Text, nullable=False),
    Column("applied_by_id", Text, nullable=False),
    Column("checked_by", Text),
    Column("checked_by_id", Text),
    Column("approved_by", Text),
    Column("approved_by_id", Text),
    created_column(),
    one_of("status", GRANT.states),
    belongs_to("student_id", "education.student"),
    belongs_to("discount_id", "education.discount"),
    Index(
        "uq_discount_grant", "tenant_id", "student_id", "discount_id", unique=True,
        postgresql_where=text("status IN ('applied', 'evidence_checked', 'approved', 'applied_to_bill')"),
    ),
)  # fmt: skip
