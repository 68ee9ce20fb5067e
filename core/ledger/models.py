"""The books: accounts, journals and their entries, and balance snapshots. Journals and entries are written once and never changed."""

from sqlalchemy import BigInteger, Column, Date, Index, Text, Uuid, text

from core.database.tables import Fen, Instant, belongs_to, id_column, metadata, one_of, tenant_table

XID = text("(pg_current_xact_id()::text)::bigint")

account = tenant_table(
    "ledger_account",
    metadata,
    id_column(),
    Column("code", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("floor_fen", Fen),
    Column("opened_at", Instant, nullable=False, server_default=text("now()")),
    one_of("kind", ("asset", "liability", "income", "expense")),
    Index("uq_ledger_account_code", "tenant_id", "code", unique=True),
)

journal = tenant_table(
    "ledger_journal",
    metadata,
    id_column(),
    Column("key", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("biz_type", Text, nullable=False),
    Column("biz_id", Text, nullable=False),
    Column("currency", Text, nullable=False, server_default=text("'CNY'")),
    Column("accounting_on", Date, nullable=False),
    Column("memo", Text, nullable=False, server_default=text("''")),
    Column("reverses_id", Uuid),
    Column("posted_by", Text, nullable=False),
    Column("posted_at", Instant, nullable=False),
    Index("uq_ledger_journal_key", "tenant_id", "key", unique=True),
    Index("ix_ledger_journal_biz", "tenant_id", "biz_type", "biz_id"),
    Index("uq_ledger_journal_reverses_id", "tenant_id", "reverses_id", unique=True, postgresql_where=text("reverses_id IS NOT NULL")),
    append_only=True,
)

# No foreign key to the account: it would lock the one row that every payment of a client shares (architecture §6, ADR 0004).
entry = tenant_table(
    "ledger_entry",
    metadata,
    Column("journal_id", Uuid, nullable=False),
    Column("line_no", BigInteger, nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("merchant_id", Uuid),
    Column("amount_fen", Fen, nullable=False),
    Column("accounting_on", Date, nullable=False),
    Column("settle_on", Date),
    Column("posted_at", Instant, nullable=False),
    Column("xid", BigInteger, nullable=False, server_default=XID),
    belongs_to("journal_id", "core.ledger_journal"),
    Index("ix_ledger_entry_account", "tenant_id", "account_id", "xid"),
    Index("ix_ledger_entry_posted", "tenant_id", "account_id", "posted_at"),
    key=("journal_id", "line_no"),
    append_only=True,
)

snapshot = tenant_table(
    "ledger_snapshot",
    metadata,
    Column("account_id", Uuid, nullable=False),
    Column("horizon", BigInteger, nullable=False),
    Column("balance_fen", Fen, nullable=False),
    Column("entries", BigInteger, nullable=False),
    Column("taken_at", Instant, nullable=False, server_default=text("now()")),
    key=("account_id", "horizon"),
)
