"""Days a student ate at school, month by month."""

from sqlalchemy import CheckConstraint, Column, Date, Index, Integer, Text, Uuid

from core.database.tables import Instant, belongs_to, created_column, id_column, tenant_table
from plugins.education.schema import metadata

meal_days = tenant_table(
    "meal_days",
    metadata,
    id_column(),
    Column("student_id", Uuid, nullable=False),
    Column("item_code", Text, nullable=False),
    Column("month", Date, nullable=False),
    Column("days", Integer, nullable=False),
    Column("kept_by", Text, nullable=False),
    Column("changed_at", Instant),
    created_column(),
    CheckConstraint("days BETWEEN 0 AND 31 AND extract(day FROM month) = 1", name="days"),
    belongs_to("student_id", "education.student"),
    Index("uq_meal_days_month", "tenant_id", "student_id", "item_code", "month", unique=True),
    Index("ix_meal_days_month", "tenant_id", "item_code", "month"),
)
"""`month` is the first day of the month."""
