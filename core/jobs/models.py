"""Long work that shows itself: its state, lease, progress and result live here; Redis only wakes workers."""

from sqlalchemy import Boolean, Column, Index, Integer, Text, Uuid, text

from core.database.tables import Instant, Json, created_column, id_column, metadata, one_of, tenant_table
from core.states import Machine

JOB = Machine(
    "任务",
    "queued → running cancelled",
    "running → running done failed queued cancelled",
    "failed → queued",
    "cancelled → queued",
)

job = tenant_table(
    "job",
    metadata,
    id_column(),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("params", Json, nullable=False),
    Column("status", Text, nullable=False),
    Column("done", Integer, nullable=False, server_default=text("0")),
    Column("total", Integer, nullable=False, server_default=text("0")),
    Column("result", Json),
    Column("error", Text),
    Column("error_code", Text),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("lease_id", Uuid),
    Column("lease_until", Instant),
    Column("stop_asked", Boolean, nullable=False, server_default=text("false")),
    Column("file_id", Uuid),
    Column("started_by", Text, nullable=False),
    Column("started_by_kind", Text, nullable=False),
    Column("started_by_name", Text, nullable=False),
    Column("finished_at", Instant),
    created_column(),
    one_of("status", JOB.states),
    Index("ix_job_open", "tenant_id", "created_at", postgresql_where=text("status IN ('queued','running')")),
    Index("ix_job_recent", "tenant_id", "created_at"),
)
