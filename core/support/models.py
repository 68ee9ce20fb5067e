"""Consents to look, views under them, tickets. What a client's rows say is true; the bank keeps copies by which its people find them."""

from sqlalchemy import Column, Index, Integer, LargeBinary, Text, Uuid, text

from core.database.tables import Instant, belongs_to, created_column, id_column, metadata, one_of, tenant_table
from core.support.states import CONSENT, SEVERITIES, TICKET

consent = tenant_table(
    "support_consent",
    metadata,
    id_column(),
    Column("client_id", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("user_id", Uuid),
    Column("user_name", Text),
    Column("purpose", Text, nullable=False),
    Column("from_at", Instant),
    Column("until_at", Instant),
    Column("days", Integer, nullable=False),
    Column("asked_by", Text),
    Column("asked_by_name", Text),
    Column("answered_by_name", Text),
    Column("answered_at", Instant),
    Column("ended_by_name", Text),
    Column("ended_at", Instant),
    Column("ticket_id", Uuid),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("copied", Integer, nullable=False, server_default=text("0")),
    created_column(),
    one_of("status", CONSENT.states),
    Index("ix_support_consent_client", "tenant_id", "client_id", "id"),
    Index("ix_support_consent_uncopied", "tenant_id", "id", postgresql_where=text("copied < version")),
)
"""In the client's tenant the consent itself, in the bank's its copy. Without `user_id` it is the whole support desk's; `copied` is the version
that the bank knows."""

view = tenant_table(
    "support_view",
    metadata,
    id_column(),
    Column("session_id", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("client_id", Uuid, nullable=False),
    Column("consent_id", Uuid, nullable=False),
    Column("ended_at", Instant),
    created_column(),
    Index("uq_support_view_session", "tenant_id", "session_id", unique=True, postgresql_where=text("ended_at IS NULL")),
)
"""In the bank's tenant: which client's console a log-in of a support person looks at now."""

ticket = tenant_table(
    "support_ticket",
    metadata,
    id_column(),
    Column("client_id", Uuid, nullable=False),
    Column("number", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("page", Text, nullable=False),
    Column("page_title", Text, nullable=False),
    Column("job_id", Uuid),
    Column("made_by", Text, nullable=False),
    Column("made_by_name", Text, nullable=False),
    Column("owner_id", Text),
    Column("owner_name", Text),
    Column("answer_due_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("waiting_at", Instant),
    Column("resolved_at", Instant),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("copied", Integer, nullable=False, server_default=text("0")),
    created_column(),
    one_of("status", TICKET.states),
    one_of("severity", SEVERITIES),
    Index("uq_support_ticket_number", "tenant_id", "number", unique=True),
    Index("ix_support_ticket_client", "tenant_id", "client_id", "id"),
    Index("ix_support_ticket_status", "tenant_id", "status", "id"),
    Index("ix_support_ticket_uncopied", "tenant_id", "id", postgresql_where=text("copied < version")),
)
"""In the client's tenant the ticket itself, in the bank's its copy for the queue. `due_at` is when a first answer is due
until there is one, then a solution; it is put off while the client's answer is awaited."""

ticket_entry = tenant_table(
    "support_ticket_entry",
    metadata,
    id_column(),
    Column("ticket_id", Uuid, nullable=False),
    Column("side", Text, nullable=False),
    Column("by_id", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("text_sealed", LargeBinary, nullable=False),
    Column("file_id", Uuid),
    Column("file_name", Text),
    created_column(),
    one_of("side", ("client", "bank")),
    belongs_to("ticket_id", "core.support_ticket"),
    Index("ix_support_ticket_entry_ticket_id", "tenant_id", "ticket_id", "id"),
    append_only=True,
)
"""In the client's tenant only: what both sides wrote and did about a ticket."""
