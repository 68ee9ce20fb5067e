"""Fee items with a keeper of their own (canteen, dormitory), and which use was billed to whom on which bill."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, Numeric, Text, Uuid, text

from core.billing.models import bill
from core.database.tables import Fen, belongs_to, created_column, id_column, one_of, tenant_table
from plugins.education.pricing.rules import KEEPERS
from plugins.education.schema import metadata

measure = tenant_table(
    "measure",
    metadata,
    id_column(),
    Column("item_code", Text, nullable=False),
    Column("keeper", Text, nullable=False),
    Column("unit", Text, nullable=False, server_default=text("''")),
    Column("per_units", Integer, nullable=False, server_default=text("1")),
    one_of("keeper", tuple(KEEPERS)),
    CheckConstraint("per_units IN (1, 10, 100)", name="per_units"),
    Index("uq_measure_item_code", "tenant_id", "item_code", unique=True),
)

usage_line = tenant_table(
    "usage_line",
    metadata,
    id_column(),
    Column("plan_id", Uuid, nullable=False),
    Column("bill_id", Uuid, nullable=False),
    Column("student_id", Uuid, nullable=False),
    Column("item_code", Text, nullable=False),
    Column("source_id", Uuid, nullable=False),
    Column("quantity", Numeric(14, 4), nullable=False),
    Column("amount_fen", Fen, nullable=False),
    created_column(),
    belongs_to("plan_id", "education.fee_plan"),
    belongs_to("bill_id", bill),
    belongs_to("student_id", "education.student"),
    Index("ix_usage_line_source_id", "tenant_id", "source_id", "student_id"),
    append_only=True,
)
"""One person's part of one reading or of one month's meal days. It counts while its bill is not void."""
