"""Receipts: issued for every payment, numbered without gaps per client and year after the commit."""

from sqlalchemy import Column, Index, Integer, Text, Uuid, text

from core.database.tables import Fen, Instant, Json, belongs_to, created_column, id_column, metadata, one_of, tenant_table
from core.states import Machine

RECEIPT = Machine("收据", "to_issue → issued", "issued → red_flushed voided")

receipt = tenant_table(
    "receipt",
    metadata,
    id_column(),
    Column("payment_id", Uuid, nullable=False),
    Column("bill_id", Uuid, nullable=False),
    Column("year", Integer),
    Column("seq", Integer),
    Column("number", Text),
    Column("verify_code", Text, nullable=False),
    Column("amount_fen", Fen, nullable=False),
    Column("content", Json, nullable=False),
    Column("status", Text, nullable=False),
    Column("issued_at", Instant),
    created_column(),
    one_of("status", RECEIPT.states),
    belongs_to("payment_id", "core.payment"),
    belongs_to("bill_id", "core.bill"),
    Index("uq_receipt_payment_bill", "tenant_id", "payment_id", "bill_id", unique=True),
    Index("ix_receipt_bill_id", "tenant_id", "bill_id"),
    Index("uq_receipt_seq", "tenant_id", "year", "seq", unique=True),
    Index("ix_receipt_to_issue", "tenant_id", "created_at", postgresql_where=text("status = 'to_issue'")),
)
