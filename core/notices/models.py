"""Notices to people and what became of each; the client's own wording and rules; what payers do not want."""

from sqlalchemy import Column, Index, Integer, LargeBinary, Text, Uuid, text

from core.database.tables import Instant, Json, created_column, id_column, metadata, one_of, tenant_table
from core.notices.states import NOTICE

notice = tenant_table(
    "notice",
    metadata,
    id_column(),
    Column("key", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("means", Text, nullable=False),
    Column("run", Text),
    Column("payer_id", Uuid),
    Column("user_id", Uuid),
    Column("party_id", Uuid),
    Column("bill_id", Uuid),
    Column("to_sealed", LargeBinary),
    Column("to_index", LargeBinary),
    Column("to_masked", Text, nullable=False),
    Column("body_sealed", LargeBinary),
    Column("facts", Json, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("round", Integer, nullable=False, server_default=text("1")),
    Column("due_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("delivered_at", Instant),
    Column("read_at", Instant),
    Column("reason", Text),
    Column("provider_id", Text),
    created_column(),
    one_of("status", NOTICE.states),
    one_of("means", ("inbox", "sms", "wechat")),
    Index("uq_notice_key", "tenant_id", "key", unique=True),
    Index("ix_notice_due", "tenant_id", "due_at", postgresql_where=text("status IN ('queued', 'quiet', 'sending')")),
    Index("ix_notice_asked", "tenant_id", "due_at", postgresql_where=text("status = 'sent'")),
    Index("ix_notice_person", "tenant_id", "to_index", "sent_at", postgresql_where=text("to_index IS NOT NULL")),
    Index("ix_notice_payer", "tenant_id", "payer_id", "id", postgresql_where=text("means = 'inbox'")),
    Index("ix_notice_user", "tenant_id", "user_id", "id", postgresql_where=text("user_id IS NOT NULL")),
    Index("ix_notice_run", "tenant_id", "run", "id", postgresql_where=text("run IS NOT NULL")),
    Index("ix_notice_status", "tenant_id", "status", "id"),
    Index("ix_notice_bill", "tenant_id", "bill_id", postgresql_where=text("bill_id IS NOT NULL")),
    Index("ix_notice_provider", "tenant_id", "provider_id", postgresql_where=text("provider_id IS NOT NULL")),
)

template = tenant_table(
    "notice_template",
    metadata,
    Column("event", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("words", Json, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", Instant, nullable=False, server_default=text("now()")),
    key=("event", "language"),
)

setting = tenant_table(
    "notice_setting",
    metadata,
    Column("code", Text, nullable=False),
    Column("value", Json, nullable=False),
    Column("secret_sealed", LargeBinary),
    Column("version", Integer, nullable=False, server_default=text("1")),
    key=("code",),
)

optout = tenant_table(
    "notice_optout",
    metadata,
    Column("payer_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    created_column(),
    key=("payer_id", "kind"),
)
