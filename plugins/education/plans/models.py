"""Fee plans: for which term, which items, whom, until when; trial run, approval, publication."""

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Index, Integer, Text, Uuid, text

from core.database.tables import Fen, Instant, Json, belongs_to, created_column, id_column, one_of, tenant_table
from core.states import Machine
from plugins.education.schema import metadata

PLAN = Machine(
    "收费批次",
    "draft → standards_checked closed",
    "standards_checked → approved draft",
    "approved → published draft",
    "published → draft closed",
)
"""`published → draft` is a recall: unpaid bills are void, the plan is corrected, approved and issued again."""

plan = tenant_table(
    "fee_plan",
    metadata,
    id_column(),
    Column("code", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("term_id", Uuid, nullable=False),
    Column("item_codes", Json, nullable=False),
    Column("org_ids", Json, nullable=False, server_default=text("'[]'")),
    Column("due_on", Date, nullable=False),
    Column("usage_until", Date),
    Column("instalments", Json, nullable=False, server_default=text("'[]'")),
    Column("allow_partial", Boolean, nullable=False, server_default=text("true")),
    Column("allow_merge", Boolean, nullable=False, server_default=text("true")),
    Column("notice", Text, nullable=False, server_default=text("''")),
    Column("publish_at", Instant),
    Column("status", Text, nullable=False),
    Column("trial", Json),
    Column("job_id", Uuid),
    Column("made_by", Text, nullable=False),
    Column("made_by_id", Text, nullable=False),
    Column("approved_by", Text),
    Column("published_at", Instant),
    Column("version", Integer, nullable=False, server_default=text("1")),
    created_column(),
    one_of("status", PLAN.states),
    belongs_to("term_id", "education.term"),
    Index("uq_fee_plan_code", "tenant_id", "code", unique=True),
)

instalment_template = tenant_table(
    "instalment_template",
    metadata,
    id_column(),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("percents", Json, nullable=False),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("made_by", Text, nullable=False),
    created_column(),
    Index("uq_instalment_template_code", "tenant_id", "code", unique=True),
)

imported_line = tenant_table(
    "imported_line",
    metadata,
    id_column(),
    Column("plan_id", Uuid, nullable=False),
    Column("student_id", Uuid, nullable=False),
    Column("item_code", Text, nullable=False),
    Column("amount_fen", Fen, nullable=False),
    Column("discount_fen", Fen, nullable=False, server_default=text("0")),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("remark", Text, nullable=False, server_default=text("''")),
    created_column(),
    belongs_to("plan_id", "education.fee_plan"),
    belongs_to("student_id", "education.student"),
    CheckConstraint("amount_fen > 0 AND discount_fen BETWEEN 0 AND amount_fen", name="amounts"),
    CheckConstraint("discount_fen = 0 OR reason <> ''", name="reason"),
    Index("uq_imported_line_item", "tenant_id", "plan_id", "student_id", "item_code", unique=True),
)
"""One item of one student as the school calculated it; a plan that has any bills these and nothing else."""
