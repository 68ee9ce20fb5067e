"""Cases with their documents and history, and what a merchant pays for each payment."""

from sqlalchemy import CheckConstraint, Column, Date, Index, Integer, LargeBinary, Text, Uuid, text

from core.database.tables import Fen, Instant, Json, belongs_to, created_column, id_column, metadata, one_of, tenant_table
from core.onboarding.states import CASE

case = tenant_table(
    "onboarding_case",
    metadata,
    id_column(),
    Column("merchant_id", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("legal_name", Text, nullable=False, server_default=text("''")),
    Column("uscc", Text, nullable=False, server_default=text("''")),
    Column("person_sealed", LargeBinary),
    Column("person_masked", Text, nullable=False, server_default=text("''")),
    Column("person_id_sealed", LargeBinary),
    Column("person_id_masked", Text, nullable=False, server_default=text("''")),
    Column("industry", Text, nullable=False, server_default=text("''")),
    Column("scope", Text, nullable=False, server_default=text("''")),
    Column("account_holder", Text, nullable=False, server_default=text("''")),
    Column("account_bank", Text, nullable=False, server_default=text("''")),
    Column("account_sealed", LargeBinary),
    Column("account_masked", Text, nullable=False, server_default=text("''")),
    Column("contact_name", Text, nullable=False, server_default=text("''")),
    Column("contact_phone_sealed", LargeBinary),
    Column("contact_phone_masked", Text, nullable=False, server_default=text("''")),
    Column("channels", Json, nullable=False, server_default=text("'[]'")),
    Column("settlement_days", Integer, nullable=False, server_default=text("1")),
    Column("rates", Json, nullable=False, server_default=text("'[]'")),
    Column("results", Json, nullable=False, server_default=text("'{}'")),
    Column("submitted_by", Text),
    Column("submitted_by_name", Text),
    Column("reviewed_by", Text),
    Column("version", Integer, nullable=False, server_default=text("1")),
    created_column(),
    one_of("status", CASE.states),
    belongs_to("merchant_id", "core.merchant"),
    Index("uq_onboarding_case_merchant_id", "tenant_id", "merchant_id", unique=True),
)

document = tenant_table(
    "onboarding_document",
    metadata,
    id_column(),
    Column("case_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("file_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("added_by", Text, nullable=False),
    created_column(),
    belongs_to("case_id", "core.onboarding_case"),
    belongs_to("file_id", "core.stored_file"),
    Index("ix_onboarding_document_case_id", "tenant_id", "case_id"),
)

event = tenant_table(
    "onboarding_event",
    metadata,
    id_column(),
    Column("case_id", Uuid, nullable=False),
    Column("source", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("remark", Text, nullable=False),
    Column("at", Instant, nullable=False),
    belongs_to("case_id", "core.onboarding_case"),
    Index("ix_onboarding_event_case_id", "tenant_id", "case_id"),
    append_only=True,
)

rate = tenant_table(
    "rate",
    metadata,
    id_column(),
    Column("merchant_id", Uuid, nullable=False),
    Column("channel", Text, nullable=False),
    Column("card_type", Text, nullable=False, server_default=text("''")),
    Column("rate_ppm", Integer, nullable=False),
    Column("cap_fen", Fen),
    Column("min_fen", Fen, nullable=False, server_default=text("0")),
    Column("fixed_fen", Fen, nullable=False, server_default=text("0")),
    Column("from_on", Date, nullable=False),
    Column("until_on", Date),
    Column("made_by", Text, nullable=False),
    created_column(),
    belongs_to("merchant_id", "core.merchant"),
    CheckConstraint("rate_ppm BETWEEN 0 AND 100000 AND min_fen >= 0 AND cap_fen >= min_fen AND until_on >= from_on", name="amounts"),
    CheckConstraint("fixed_fen BETWEEN 0 AND 10000", name="fixed"),
    Index("uq_rate_from_on", "tenant_id", "merchant_id", "channel", "card_type", "from_on", unique=True),
)
