"""Imports: the file that came, what was said of its rows, and what became of it."""

from sqlalchemy import Column, Index, Text, Uuid

from core.database.tables import Instant, Json, created_column, id_column, metadata, one_of, tenant_table
from core.files import models as files
from core.states import Machine

IMPORT = Machine(
    "导入",
    "checking → checked refused cancelled",
    "checked → applying cancelled",
    "applying → applied failed",
    "failed → applying cancelled",
)

stored_file = files.stored_file

import_batch = tenant_table(
    "import_batch",
    metadata,
    id_column(),
    Column("kind", Text, nullable=False),
    Column("filename", Text, nullable=False),
    Column("file_id", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("verdicts_id", Uuid),
    Column("totals", Json),
    Column("applied_totals", Json),
    Column("error_code", Text),
    Column("error", Text),
    Column("job_id", Uuid),
    Column("made_by", Text, nullable=False),
    Column("made_by_name", Text, nullable=False),
    Column("applied_at", Instant),
    created_column(),
    one_of("status", IMPORT.states),
    Index("ix_import_batch_created", "tenant_id", "created_at"),
)
