"""People who pay and the people they pay for: parties, payer accounts, bindings, one-time codes, consents."""

from sqlalchemy import Boolean, Column, Computed, Index, Integer, LargeBinary, Text, Uuid, text

from core.database.tables import Instant, Json, belongs_to, created_column, id_column, metadata, one_of, tenant_table
from core.payers.states import BINDING

party = tenant_table(
    "party",
    metadata,
    id_column(),
    Column("plugin", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_pinyin", Text, nullable=False),
    Column("family_index", LargeBinary),
    Column("org_id", Uuid),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    created_column(),
    Column("name_spelling", Text),
    Column("name_from_2", Text, Computed("substr(name, 2)", persisted=True)),
    Column("name_from_3", Text, Computed("substr(name, 3)", persisted=True)),
    belongs_to("org_id", "core.org_unit"),
    Index("uq_party_number", "tenant_id", "plugin", "number", unique=True),
    Index("ix_party_org_id", "tenant_id", "org_id"),
    Index("ix_party_family_index", "tenant_id", "family_index"),
    Index("ix_party_search_number", "tenant_id", "number"),
    Index("ix_party_search_name", "tenant_id", "name"),
    Index("ix_party_search_name_2", "tenant_id", "name_from_2"),
    Index("ix_party_search_name_3", "tenant_id", "name_from_3"),
    Index("ix_party_search_pinyin", "tenant_id", "name_pinyin"),
    Index("ix_party_search_spelling", "tenant_id", "name_spelling"),
)

# Phones that a plugin's own records know of a person, as keyed hashes: by them a person is found, from them no number can be read.
party_phone = tenant_table(
    "party_phone",
    metadata,
    Column("party_id", Uuid, nullable=False),
    Column("phone_mark", LargeBinary, nullable=False),
    Column("tail_mark", LargeBinary, nullable=False),
    belongs_to("party_id", "core.party"),
    Index("ix_party_phone_phone", "tenant_id", "phone_mark"),
    Index("ix_party_phone_tail", "tenant_id", "tail_mark"),
    key=("party_id", "phone_mark"),
)

payer = tenant_table(
    "payer",
    metadata,
    id_column(),
    Column("phone_sealed", LargeBinary, nullable=False),
    Column("phone_index", LargeBinary, nullable=False),
    Column("phone_masked", Text, nullable=False),
    Column("openids", Json, nullable=False, server_default=text("'{}'")),
    created_column(),
    Column("phone_tail", Text, Computed("right(phone_masked, 4)", persisted=True)),
    Index("uq_payer_phone_index", "tenant_id", "phone_index", unique=True),
    Index("ix_payer_phone_tail", "tenant_id", "phone_tail"),
)

payer_session = tenant_table(
    "payer_session",
    metadata,
    id_column(),
    Column("token_hash", LargeBinary, nullable=False),
    Column("payer_id", Uuid),
    Column("csrf", Text, nullable=False),
    Column("device", LargeBinary, nullable=False),
    Column("openids", Json, nullable=False, server_default=text("'{}'")),
    Column("bill_ids", Json, nullable=False, server_default=text("'[]'")),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
    created_column(),
    belongs_to("payer_id", "core.payer"),
    Index("uq_payer_session_token_hash", "tenant_id", "token_hash", unique=True),
)

binding = tenant_table(
    "binding",
    metadata,
    id_column(),
    Column("payer_id", Uuid, nullable=False),
    Column("party_id", Uuid, nullable=False),
    Column("relation", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("is_primary", Boolean, nullable=False),
    Column("status", Text, nullable=False),
    created_column(),
    one_of("status", BINDING.states),
    belongs_to("payer_id", "core.payer"),
    belongs_to("party_id", "core.party"),
    Index("uq_binding", "tenant_id", "payer_id", "party_id", unique=True),
    Index("ix_binding_party_id", "tenant_id", "party_id"),
)

failed_try = tenant_table(
    "failed_try",
    metadata,
    id_column(),
    Column("purpose", Text, nullable=False),
    Column("mark", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_failed_try_mark", "tenant_id", "purpose", "mark", "at"),
    Index("ix_failed_try_at", "tenant_id", "at"),
)

one_time_code = tenant_table(
    "one_time_code",
    metadata,
    id_column(),
    Column("purpose", Text, nullable=False),
    Column("device", LargeBinary, nullable=False),
    Column("phone_index", LargeBinary),
    Column("code_hash", LargeBinary, nullable=False),
    Column("subject", Json, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    created_column(),
    Index("ix_one_time_code_device", "tenant_id", "device", "created_at"),
    Index("ix_one_time_code_phone", "tenant_id", "phone_index", "created_at"),
)

consent = tenant_table(
    "consent",
    metadata,
    id_column(),
    Column("payer_id", Uuid, nullable=False),
    Column("party_id", Uuid),
    Column("purpose", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("text_hash", LargeBinary, nullable=False),
    Column("scope", Json, nullable=False),
    Column("channel", Text, nullable=False, server_default=text("'h5'")),
    Column("given_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
    belongs_to("payer_id", "core.payer"),
    Index("ix_consent_payer_id", "tenant_id", "payer_id"),
)
