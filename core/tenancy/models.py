"""The bank's branches, its clients and their switches; a client's merchants and settlement accounts."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Text, Uuid, text

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
from core.tenancy.states import ACCOUNT, CLIENT, MERCHANT

branch = tenant_table(
    "branch",
    metadata,
    id_column(),
    Column("parent_id", Uuid),
    Column("path", Ltree, nullable=False),
    Column("kind", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    one_of("kind", ("hq", "branch", "sub_branch")),
    belongs_to("parent_id", "core.branch"),
    Index("uq_branch_code", "tenant_id", "code", unique=True),
)

client = tenant_table(
    "client",
    metadata,
    id_column(),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("branch_id", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("branding", Json, nullable=False, server_default=text("'{}'")),
    Column("settings", Json, nullable=False, server_default=text("'{}'")),
    Column("version", Integer, nullable=False, server_default=text("1")),
    created_column(),
    one_of("status", CLIENT.states),
    belongs_to("branch_id", "core.branch"),
    Index("uq_client_code", "tenant_id", "code", unique=True),
    Index("ix_client_branch_id", "tenant_id", "branch_id"),
)

plugin_default = tenant_table(
    "plugin_default",
    metadata,
    Column("plugin", Text, nullable=False),
    Column("client_kind", Text, nullable=False),
    Column("on_by_default", Boolean, nullable=False),
    Column("visible", Boolean, nullable=False),
    key=("plugin", "client_kind"),
)

client_plugin = tenant_table(
    "client_plugin",
    metadata,
    Column("client_id", Uuid, nullable=False),
    Column("plugin", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("changed_at", Instant, nullable=False, server_default=text("now()")),
    Column("changed_by", Text, nullable=False),
    belongs_to("client_id", "core.client"),
    key=("client_id", "plugin"),
)

merchant = tenant_table(
    "merchant",
    metadata,
    id_column(),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("legal_name", Text, nullable=False),
    Column("uscc", Text),
    Column("status", Text, nullable=False),
    Column("by_case", Boolean, nullable=False, server_default=text("false")),
    created_column(),
    one_of("status", MERCHANT.states),
    Index("uq_merchant_code", "tenant_id", "code", unique=True),
)

settlement_account = tenant_table(
    "settlement_account",
    metadata,
    id_column(),
    Column("merchant_id", Uuid, nullable=False),
    Column("holder", Text, nullable=False),
    Column("bank_name", Text, nullable=False),
    Column("number_sealed", LargeBinary, nullable=False),
    Column("number_index", LargeBinary, nullable=False),
    Column("number_masked", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_by_name", Text, nullable=False),
    Column("checked_by", Text),
    Column("checked_by_name", Text),
    created_column(),
    one_of("status", ACCOUNT.states),
    belongs_to("merchant_id", "core.merchant"),
    Index("uq_settlement_account_number", "tenant_id", "merchant_id", "number_index", unique=True),
)

branch_task = tenant_table(
    "branch_task",
    metadata,
    Column("client_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("object_id", Uuid, nullable=False),
    Column("title", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    created_column(),
    one_of("kind", ("account_check", "merchant_activate", "onboarding_review", "rate_check")),
    belongs_to("client_id", "core.client"),
    key=("client_id", "kind", "object_id"),
)
