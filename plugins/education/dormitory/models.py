"""Rooms, who lives in them since when, their meters and what those read."""

from sqlalchemy import CheckConstraint, Column, Date, Index, Integer, Numeric, Text, Uuid, text

from core.database.tables import belongs_to, created_column, id_column, one_of, tenant_table
from core.identity.models import org_unit
from core.states import Machine
from plugins.education.schema import metadata

READING = Machine("抄表读数", "abnormal → confirmed withdrawn", "confirmed → withdrawn")
"""A reading that is far above the usual waits for somebody to look at the meter again (annex: imported → abnormal → confirmed)."""

dorm_room = tenant_table(
    "dorm_room",
    metadata,
    id_column(),
    Column("campus_id", Uuid, nullable=False),
    Column("building", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("beds", Integer),
    created_column(),
    CheckConstraint("beds BETWEEN 1 AND 99", name="beds"),
    belongs_to("campus_id", org_unit),
    Index("uq_dorm_room_place", "tenant_id", "campus_id", "building", "number", unique=True),
)

dorm_stay = tenant_table(
    "dorm_stay",
    metadata,
    id_column(),
    Column("room_id", Uuid, nullable=False),
    Column("student_id", Uuid, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date),
    created_column(),
    CheckConstraint("until >= since", name="span"),
    belongs_to("room_id", "education.dorm_room"),
    belongs_to("student_id", "education.student"),
    Index("uq_dorm_stay_student_id", "tenant_id", "student_id", unique=True, postgresql_where=text("until IS NULL")),
    Index("ix_dorm_stay_room_id", "tenant_id", "room_id", "since"),
)
"""`until` is the last day in the room; none while they live there. A student lives in one room at a time."""

dorm_meter = tenant_table(
    "dorm_meter",
    metadata,
    id_column(),
    Column("room_id", Uuid, nullable=False),
    Column("item_code", Text, nullable=False),
    Column("meter_no", Text, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("opening", Numeric(12, 2), nullable=False),
    Column("closed_on", Date),
    created_column(),
    CheckConstraint("opening >= 0 AND closed_on >= opened_on", name="span"),
    belongs_to("room_id", "education.dorm_room"),
    Index("uq_dorm_meter_meter_no", "tenant_id", "meter_no", unique=True, postgresql_where=text("closed_on IS NULL")),
    Index("ix_dorm_meter_room_id", "tenant_id", "room_id"),
)

meter_reading = tenant_table(
    "meter_reading",
    metadata,
    id_column(),
    Column("meter_id", Uuid, nullable=False),
    Column("since", Date, nullable=False),
    Column("read_on", Date, nullable=False),
    Column("previous", Numeric(12, 2), nullable=False),
    Column("value", Numeric(12, 2), nullable=False),
    Column("status", Text, nullable=False),
    Column("remark", Text, nullable=False, server_default=text("''")),
    Column("read_by", Text, nullable=False),
    created_column(),
    one_of("status", READING.states),
    CheckConstraint("value >= previous AND read_on > since", name="forward"),
    belongs_to("meter_id", "education.dorm_meter"),
    Index("uq_meter_reading_read_on", "tenant_id", "meter_id", "read_on", unique=True, postgresql_where=text("status <> 'withdrawn'")),
    Index("ix_meter_reading_status", "tenant_id", "status", "read_on"),
)
"""What a meter showed at the end of a day, and what it showed before (`since`, `previous`): the difference is the use of the days between."""
