"""School terms."""

from sqlalchemy import CheckConstraint, Column, Date, Index, Integer, Text

from core.database.tables import created_column, id_column, tenant_table
from plugins.education.schema import metadata

term = tenant_table(
    "term",
    metadata,
    id_column(),
    Column("code", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("months_counted", Integer, nullable=False),
    Column("teaching_days", Integer),
    created_column(),
    CheckConstraint("ends_on > starts_on AND months_counted BETWEEN 1 AND 12", name="span"),
    CheckConstraint("teaching_days BETWEEN 1 AND ends_on - starts_on + 1", name="teaching_days"),
    Index("uq_term_code", "tenant_id", "code", unique=True),
)
