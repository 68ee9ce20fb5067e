"""Students. A student's row shares its id with the core party that bills are made out to; ids and phones are sealed."""

from sqlalchemy import Column, Date, Index, Integer, LargeBinary, Text, Uuid, text

from core.database.tables import Instant, belongs_to, created_column, id_column, one_of, tenant_table
from core.identity.models import org_unit
from core.payers.models import party
from core.states import Machine
from plugins.education.schema import metadata

STUDENT = Machine(
    "学籍",
    "预录 → 在读 退学",
    "在读 → 休学 转学 退学 毕业",
    "休学 → 在读 转学 退学",
    "转学 → 在读",
    "退学 → 在读",
)

student = tenant_table(
    "student",
    metadata,
    id_column(),
    Column("student_no", Text, nullable=False),
    Column("id_type", Text, nullable=False),
    Column("id_sealed", LargeBinary, nullable=False),
    Column("id_index", LargeBinary, nullable=False),
    Column("id_tail_index", LargeBinary, nullable=False),
    Column("gender", Text),
    Column("birth_on", Date),
    Column("register_sealed", LargeBinary),
    Column("class_id", Uuid, nullable=False),
    Column("boarding", Text, nullable=False),
    Column("student_type", Text, nullable=False),
    Column("entry_on", Date),
    Column("status", Text, nullable=False),
    Column("guardian1_name", Text, nullable=False),
    Column("guardian1_relation", Text, nullable=False),
    Column("guardian1_phone_sealed", LargeBinary, nullable=False),
    Column("guardian2_name", Text),
    Column("guardian2_phone_sealed", LargeBinary),
    Column("remark", Text),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("changed_at", Instant, nullable=False, server_default=text("now()")),
    created_column(),
    one_of("status", STUDENT.states),
    belongs_to("id", party),
    belongs_to("class_id", org_unit),
    Index("uq_student_student_no", "tenant_id", "student_no", unique=True),
    Index("uq_student_id_index", "tenant_id", "id_index", unique=True),
    Index("ix_student_class_id", "tenant_id", "class_id"),
)
