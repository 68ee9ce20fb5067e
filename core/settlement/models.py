"""What each merchant gets for a day, what it is made of, instructions to the bank, arrivals from channels, signed months."""

from sqlalchemy import CheckConstraint, Column, Date, Index, Integer, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY

from core.database.tables import Fen, Instant, Json, belongs_to, created_column, id_column, metadata, one_of, tenant_table
from core.settlement.states import BATCH, MONTH, PAYOUT

ZERO = text("0")

batch = tenant_table(
    "settlement_batch",
    metadata,
    id_column(),
    Column("number", Text, nullable=False),
    Column("merchant_id", Uuid, nullable=False),
    Column("merchant_code", Text, nullable=False),
    Column("bill_on", Date, nullable=False),
    Column("settle_on", Date, nullable=False),
    Column("status", Text, nullable=False),
    Column("pay_count", Integer, nullable=False, server_default=ZERO),
    Column("gross_fen", Fen, nullable=False, server_default=ZERO),
    Column("refund_count", Integer, nullable=False, server_default=ZERO),
    Column("refund_fen", Fen, nullable=False, server_default=ZERO),
    Column("fee_fen", Fen, nullable=False, server_default=ZERO),
    Column("fee_refund_fen", Fen, nullable=False, server_default=ZERO),
    Column("adjust_fen", Fen, nullable=False, server_default=ZERO),
    Column("brought_fen", Fen, nullable=False, server_default=ZERO),
    Column("net_fen", Fen, nullable=False, server_default=ZERO),
    Column("pay_fen", Fen, nullable=False, server_default=ZERO),
    Column("carried_to", Uuid),
    Column("gate", Json, nullable=False, server_default=text("'{}'")),
    Column("fee_journal_id", Uuid),
    Column("made_by", Text, nullable=False),
    Column("checked_by", Text),
    Column("checked_at", Instant),
    Column("finished_at", Instant),
    Column("version", Integer, nullable=False, server_default=text("1")),
    created_column(),
    one_of("status", BATCH.states),
    belongs_to("merchant_id", "core.merchant"),
    CheckConstraint("net_fen = gross_fen - refund_fen - fee_fen + fee_refund_fen + adjust_fen + brought_fen AND pay_fen >= 0", name="net"),
    Index("uq_settlement_batch_number", "tenant_id", "number", unique=True),
    Index("uq_settlement_batch_day", "tenant_id", "merchant_id", "bill_on", unique=True),
    Index("ix_settlement_batch_settle_on", "tenant_id", "settle_on", "id"),
)

# What a merchant gets for one payment or gives for one refund: `ref_id` is the payment or the refund's item (an adjustment's id, a split
# rule's, a batch's), `allocations` the rows that say where the money lay, each of them in one batch only: so a fen is followed through.
item = tenant_table(
    "settlement_item",
    metadata,
    Column("batch_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("ref_id", Uuid, nullable=False),
    Column("merchant_id", Uuid, nullable=False),
    Column("payment_id", Uuid),
    Column("allocations", ARRAY(Uuid), nullable=False, server_default=text("'{}'")),
    Column("channel", Text, nullable=False),
    Column("merchant_number", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("amount_fen", Fen, nullable=False),
    Column("fee_fen", Fen, nullable=False),
    Column("bill_on", Date, nullable=False),
    one_of("kind", ("pay", "refund", "adjust", "partner")),
    belongs_to("batch_id", "core.settlement_batch"),
    Index("ix_settlement_item_ref_id", "tenant_id", "ref_id"),
    Index("ix_settlement_item_payment_id", "tenant_id", "payment_id"),
    key=("batch_id", "kind", "ref_id"),
)

# A day whose batches were calculated; everything that lies below `low_id` is in some batch already, so that looking begins there.
day = tenant_table(
    "settlement_day",
    metadata,
    Column("bill_on", Date, nullable=False),
    Column("calculated_at", Instant, nullable=False),
    Column("low_id", Uuid, nullable=False),
    Column("facts", Json, nullable=False, server_default=text("'{}'")),
    key=("bill_on",),
)

adjustment = tenant_table(
    "settlement_adjustment",
    metadata,
    id_column(),
    Column("merchant_id", Uuid, nullable=False),
    Column("amount_fen", Fen, nullable=False),
    Column("reason", Text, nullable=False),
    Column("difference_id", Uuid),
    Column("journal_id", Uuid, nullable=False),
    Column("batch_id", Uuid),
    Column("made_by", Text, nullable=False),
    Column("checked_by", Text, nullable=False),
    created_column(),
    belongs_to("merchant_id", "core.merchant"),
    belongs_to("batch_id", "core.settlement_batch"),
    CheckConstraint("amount_fen <> 0", name="amount"),
    Index("ix_settlement_adjustment_open", "tenant_id", "merchant_id", postgresql_where=text("batch_id IS NULL")),
)

# A partner's share of what a merchant gets, by channel of income: agreed beforehand, deducted in the batch.
split_rule = tenant_table(
    "settlement_split",
    metadata,
    id_column(),
    Column("merchant_id", Uuid, nullable=False),
    Column("partner_merchant_id", Uuid, nullable=False),
    Column("item_code", Text, nullable=False, server_default=text("''")),
    Column("share_ppm", Integer, nullable=False),
    Column("from_on", Date, nullable=False),
    Column("until_on", Date),
    Column("made_by", Text, nullable=False),
    Column("checked_by", Text, nullable=False),
    created_column(),
    belongs_to("merchant_id", "core.merchant"),
    belongs_to("partner_merchant_id", "core.merchant"),
    CheckConstraint("share_ppm > 0 AND share_ppm <= 1000000 AND merchant_id <> partner_merchant_id AND until_on >= from_on", name="share"),
    Index("ix_settlement_split_merchant_id", "tenant_id", "merchant_id"),
)

payout = tenant_table(
    "payout",
    metadata,
    id_column(),
    Column("number", Text, nullable=False),
    Column("batch_id", Uuid, nullable=False),
    Column("attempt", Integer, nullable=False, server_default=text("1")),
    Column("amount_fen", Fen, nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("account_name", Text, nullable=False),
    Column("account_masked", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("journal_id", Uuid),
    Column("bank_reference", Text),
    Column("bank_serial", Text),
    Column("error", Text),
    Column("tries", Integer, nullable=False, server_default=ZERO),
    Column("next_at", Instant),
    Column("sent_at", Instant),
    Column("finished_at", Instant),
    created_column(),
    one_of("status", PAYOUT.states),
    belongs_to("batch_id", "core.settlement_batch"),
    CheckConstraint("amount_fen > 0", name="amount"),
    Index("uq_payout_number", "tenant_id", "number", unique=True),
    Index("uq_payout_attempt", "tenant_id", "batch_id", "attempt", unique=True),
    Index("ix_payout_bank_serial", "tenant_id", "bank_serial", postgresql_where=text("bank_serial IS NOT NULL")),
    Index("ix_payout_due", "tenant_id", "next_at", postgresql_where=text("next_at IS NOT NULL")),
)

# Money of one merchant number and day that a channel owes the clearing account, and the bank entry it came with (FE2 where they differ).
arrival = tenant_table(
    "channel_arrival",
    metadata,
    id_column(),
    Column("channel", Text, nullable=False),
    Column("merchant_number", Text, nullable=False),
    Column("bill_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("gross_fen", Fen, nullable=False),
    Column("fee_fen", Fen, nullable=False),
    Column("net_fen", Fen, nullable=False),
    Column("arrived_fen", Fen, nullable=False, server_default=ZERO),
    Column("status", Text, nullable=False),
    Column("journal_id", Uuid),
    Column("statement_id", Uuid),
    Column("row_no", Integer),
    Column("bank_serial", Text),
    Column("arrived_on", Date),
    created_column(),
    one_of("status", ("expected", "arrived", "differs", "missing")),
    Index("uq_channel_arrival_day", "tenant_id", "channel", "merchant_number", "bill_on", unique=True),
    Index("ix_channel_arrival_bank_serial", "tenant_id", "bank_serial", postgresql_where=text("bank_serial IS NOT NULL")),
    Index("ix_channel_arrival_due", "tenant_id", "due_on", "status"),
)

month = tenant_table(
    "settlement_month",
    metadata,
    id_column(),
    Column("month", Date, nullable=False),
    Column("status", Text, nullable=False),
    Column("totals", Json, nullable=False, server_default=text("'{}'")),
    Column("made_by", Text),
    Column("made_by_id", Text),
    Column("checked_by", Text),
    Column("signed_at", Instant),
    Column("version", Integer, nullable=False, server_default=text("1")),
    one_of("status", MONTH.states),
    Index("uq_settlement_month_month", "tenant_id", "month", unique=True),
)
