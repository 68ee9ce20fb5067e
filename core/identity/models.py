"""Who may do what: users, sessions, role grants, the org tree inside a tenant, keys, and the audit trail."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, Text, Uuid, text

from core.database.tables import (
    Instant,
    Json,
    Ltree,
    belongs_to,
    created_column,
    id_column,
    metadata,
    one_of,
    tenant_table,
)

user = tenant_table(
    "user",
    metadata,
    id_column(),
    Column("login", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("totp_sealed", LargeBinary),
    Column("totp_last_step", BigInteger),
    Column("must_change_password", Boolean, nullable=False, server_default=text("false")),
    Column("status", Text, nullable=False, server_default=text("'active'")),
    Column("version", Integer, nullable=False, server_default=text("1")),
    created_column(),
    one_of("status", ("active", "disabled")),
    Index("uq_user_login", "tenant_id", "login", unique=True),
)

session = tenant_table(
    "session",
    metadata,
    id_column(),
    Column("token_hash", LargeBinary, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("csrf", Text, nullable=False),
    Column("second_factor", Boolean, nullable=False),
    Column("ip", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
    created_column(),
    belongs_to("user_id", "core.user"),
    Index("uq_session_token_hash", "tenant_id", "token_hash", unique=True),
    Index("ix_session_user_id", "tenant_id", "user_id"),
)

role_grant = tenant_table(
    "role_grant",
    metadata,
    id_column(),
    Column("user_id", Uuid, nullable=False),
    Column("role", Text, nullable=False),
    Column("org_id", Uuid),
    Column("granted_by", Text, nullable=False),
    created_column(),
    belongs_to("user_id", "core.user"),
    Index("uq_role_grant", "tenant_id", "user_id", "role", "org_id", unique=True, postgresql_nulls_not_distinct=True),
)

login_failure = tenant_table(
    "login_failure",
    metadata,
    id_column(),
    Column("subject", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_login_failure_subject", "tenant_id", "subject", "at"),
)

org_unit = tenant_table(
    "org_unit",
    metadata,
    id_column(),
    Column("parent_id", Uuid),
    Column("path", Ltree, nullable=False),
    Column("kind", Text, nullable=False),
    Column("code", Text),
    Column("name", Text, nullable=False),
    Column("position", Integer, nullable=False, server_default=text("0")),
    Column("attributes", Json, nullable=False, server_default=text("'{}'")),
    created_column(),
    belongs_to("parent_id", "core.org_unit"),
    Index("uq_org_unit_name", "tenant_id", "parent_id", "name", unique=True, postgresql_nulls_not_distinct=True),
)

api_key = tenant_table(
    "api_key",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    Column("tail", Text, nullable=False),
    Column("roles", Json, nullable=False),
    Column("grants", Json, nullable=False, server_default=text("'[]'")),
    Column("made_by", Text, nullable=False),
    Column("expires_at", Instant),
    Column("ended_at", Instant),
    created_column(),
    Index("uq_api_key_token_hash", "tenant_id", "token_hash", unique=True),
)

idempotency = tenant_table(
    "idempotency",
    metadata,
    Column("scope", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("body_hash", LargeBinary, nullable=False),
    Column("status", Integer),
    Column("answer", Json),
    created_column(),
    key=("scope", "key"),
)

audit_log = tenant_table(
    "audit_log",
    metadata,
    id_column(),
    Column("at", Instant, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object_type", Text, nullable=False),
    Column("object_id", Text, nullable=False),
    Column("before", Json),
    Column("after", Json),
    Column("reason", Text),
    Column("ip", Text),
    Column("request_id", Text),
    Index("ix_audit_log_object", "tenant_id", "object_type", "object_id"),
    Index("ix_audit_log_at", "tenant_id", "at"),
    append_only=True,
)

audit_seal = tenant_table(
    "audit_seal",
    metadata,
    Column("seq", BigInteger, nullable=False),
    Column("audit_id", Uuid, nullable=False),
    Column("chain_hash", LargeBinary, nullable=False),
    Column("sealed_at", Instant, nullable=False, server_default=text("now()")),
    Index("uq_audit_seal_audit_id", "tenant_id", "audit_id", unique=True),
    key=("seq",),
    append_only=True,
)

tenant_key = tenant_table(
    "tenant_key",
    metadata,
    Column("purpose", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("master_key_id", Text, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    created_column(),
    key=("purpose", "version"),
)
