"""Receipts: issued for every payment, numbered without gaps per client and year after the commit; what took them back; who issues them."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, Text, Uuid, text

from core.database.tables import Fen, Instant, Json, belongs_to, created_column, id_column, metadata, one_of, tenant_table
from core.states import Machine

RECEIPT = Machine("收据", "to_issue → issuing issued voided", "issuing → issued voided", "issued → red_flushed voided")
TICKETS = ("receipt", "fiscal", "einvoice")
"""Our own receipt, the fiscal e-ticket (财政电子票据), the fully digital invoice (数电发票); domain book §2.8."""
OUTSIDE = TICKETS[1:]

# A blue receipt says what was paid; a red one (negative) takes a blue one back. Both are numbered in one series. Whatever replaces
# a blue one is the next in `sequence`, and `follows_id` is what must be settled at the issuer before it.
receipt = tenant_table(
    "receipt",
    metadata,
    id_column(),
    Column("payment_id", Uuid, nullable=False),
    Column("bill_id", Uuid, nullable=False),
    Column("ticket", Text, nullable=False, server_default=text("'receipt'")),
    Column("kind", Text, nullable=False, server_default=text("'blue'")),
    Column("sequence", Integer, nullable=False, server_default=text("1")),
    Column("follows_id", Uuid),
    Column("flush_id", Uuid),
    Column("year", Integer),
    Column("seq", Integer),
    Column("number", Text),
    Column("verify_code", Text, nullable=False),
    Column("amount_fen", Fen, nullable=False),
    Column("content", Json, nullable=False),
    Column("facts", Json, nullable=False, server_default=text("'{}'")),
    Column("status", Text, nullable=False),
    Column("issued_at", Instant),
    Column("next_query_at", Instant),
    Column("queries", Integer, nullable=False, server_default=text("0")),
    Column("last_error", Text),
    created_column(),
    one_of("status", RECEIPT.states),
    one_of("kind", ("blue", "red")),
    one_of("ticket", TICKETS),
    CheckConstraint("(kind = 'red') = (amount_fen < 0)", name="amount"),
    belongs_to("payment_id", "core.payment"),
    belongs_to("bill_id", "core.bill"),
    Index("uq_receipt_payment_bill", "tenant_id", "payment_id", "bill_id", "ticket", "kind", "sequence", unique=True),
    Index("ix_receipt_bill_id", "tenant_id", "bill_id"),
    Index("uq_receipt_seq", "tenant_id", "year", "seq", unique=True),
    Index("ix_receipt_to_issue", "tenant_id", "created_at", postgresql_where=text("status = 'to_issue'")),
    Index("ix_receipt_due", "tenant_id", "next_query_at", postgresql_where=text("next_query_at IS NOT NULL")),
    Index("ix_receipt_refused", "tenant_id", "bill_id", postgresql_where=text("status = 'issuing' AND next_query_at IS NULL")),
    Index("ix_receipt_flush", "tenant_id", "flush_id", postgresql_where=text("flush_id IS NOT NULL")),
)

# Each taking back (a refund, a correction) and each restoring, once by its key; `lines` is what it took, a restoring's are negative.
receipt_flush = tenant_table(
    "receipt_flush",
    metadata,
    id_column(),
    Column("key", Text, nullable=False),
    Column("payment_id", Uuid, nullable=False),
    Column("bill_id", Uuid, nullable=False),
    Column("amount_fen", Fen, nullable=False),
    Column("lines", Json, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    created_column(),
    belongs_to("payment_id", "core.payment"),
    belongs_to("bill_id", "core.bill"),
    Index("uq_receipt_flush_key", "tenant_id", "key", unique=True),
    append_only=True,
)

# Where a client has tickets issued that are not its own receipts, and for which fee items.
receipt_issuer = tenant_table(
    "receipt_issuer",
    metadata,
    id_column(),
    Column("ticket", Text, nullable=False),
    Column("base_url", Text, nullable=False),
    Column("app_id", Text, nullable=False),
    Column("credentials_sealed", LargeBinary, nullable=False),
    Column("settings", Json, nullable=False, server_default=text("'{}'")),
    Column("status", Text, nullable=False, server_default=text("'active'")),
    Column("version", Integer, nullable=False, server_default=text("1")),
    created_column(),
    one_of("ticket", OUTSIDE),
    one_of("status", ("active", "suspended")),
    Index("uq_receipt_issuer_ticket", "tenant_id", "ticket", unique=True),
)
