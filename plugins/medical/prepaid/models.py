"""Balances of outpatient cards from before prepayment ended, each to be given back to its patient once."""

from sqlalchemy import CheckConstraint, Column, Date, Index, LargeBinary, Text, Uuid, text

from core.database.tables import Fen, Instant, belongs_to, created_column, id_column, one_of, tenant_table
from plugins.medical.prepaid.states import LEGACY
from plugins.medical.schema import metadata

# `account_sealed` holds the claimant's name, account and bank; `evidence` is the bank's number of the transfer, used for one balance only.
balance = tenant_table(
    "legacy_balance",
    metadata,
    id_column(),
    Column("source", Text, nullable=False),
    Column("card_no", Text, nullable=False),
    Column("patient_id", Uuid),
    Column("patient_no", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("phone_sealed", LargeBinary),
    Column("last_used_on", Date),
    Column("amount_fen", Fen, nullable=False),
    Column("status", Text, nullable=False),
    Column("account_sealed", LargeBinary),
    Column("account_masked", Text),
    Column("identity", Text),
    Column("evidence", Text),
    Column("paid_on", Date),
    Column("made_by", Text),
    Column("made_by_id", Text),
    Column("checked_by", Text),
    Column("told_at", Instant),
    Column("refunded_at", Instant),
    created_column(),
    one_of("status", LEGACY.states),
    CheckConstraint("amount_fen > 0", name="amount"),
    CheckConstraint("(status = 'refunded') = (evidence IS NOT NULL)", name="evidence"),
    belongs_to("patient_id", "medical.patient"),
    Index("uq_legacy_balance_card", "tenant_id", "source", "card_no", unique=True),
    Index("uq_legacy_balance_evidence", "tenant_id", "evidence", unique=True, postgresql_where=text("evidence IS NOT NULL")),
    Index("ix_legacy_balance_status", "tenant_id", "status", "id"),
    Index("ix_legacy_balance_patient", "tenant_id", "patient_no"),
)
