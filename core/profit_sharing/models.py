"""Profit sharing: receivers of a merchant number, splits of payments and what was released, each share, and shares taken back."""

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Index, Integer, LargeBinary, Text, Uuid, text

from core.database.tables import Fen, Instant, Json, belongs_to, created_column, id_column, metadata, one_of, tenant_table
from core.profit_sharing.states import LIVE, RECEIVER, RETURN, SHARE, SPLIT, UNDER_WAY

ZERO = text("0")
_DUE = text("next_at IS NOT NULL")

receiver = tenant_table(
    "sharing_receiver",
    metadata,
    id_column(),
    Column("channel_account_id", Uuid, nullable=False),
    Column("mchid", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("name_sealed", LargeBinary, nullable=False),
    Column("name_masked", Text, nullable=False),
    Column("relation", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("error", Text),
    Column("next_at", Instant),
    Column("made_by", Text, nullable=False),
    Column("checked_by", Text),
    created_column(),
    one_of("status", RECEIVER.states),
    one_of("kind", ("MERCHANT_ID", "PERSONAL_OPENID")),
    belongs_to("channel_account_id", "core.channel_account"),
    Index(
        "uq_sharing_receiver_account", "tenant_id", "channel_account_id", "kind", "account", unique=True,
        postgresql_where=text(f"status IN {LIVE}"),
    ),
    Index("ix_sharing_receiver_due", "tenant_id", "next_at", postgresql_where=_DUE),
)

# One request to the channel under a number of ours: shares of a payment, or (`release`, without shares) what is left given to its merchant.
# `proved_…` is what the channel's fund flow says moved, and the day it is of.
split = tenant_table(
    "sharing_split",
    metadata,
    id_column(),
    Column("number", Text, nullable=False),
    Column("payment_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("release", Boolean, nullable=False),
    Column("amount_fen", Fen, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reference", Text),
    Column("error", Text),
    Column("made_by", Text, nullable=False),
    Column("checked_by", Text),
    Column("checked_at", Instant),
    Column("sent_at", Instant),
    Column("next_at", Instant),
    Column("queries", Integer, nullable=False, server_default=ZERO),
    Column("finished_at", Instant),
    Column("proved_fen", Fen),
    Column("proved_on", Date),
    created_column(),
    one_of("state", SPLIT.states),
    one_of("kind", ("split", "release")),
    CheckConstraint("(kind = 'split') = (amount_fen > 0)", name="amount"),
    belongs_to("payment_id", "core.payment"),
    Index("uq_sharing_split_number", "tenant_id", "number", unique=True),
    Index("uq_sharing_split_under_way", "tenant_id", "payment_id", unique=True, postgresql_where=text(f"state IN {UNDER_WAY}")),
    Index("ix_sharing_split_payment", "tenant_id", "payment_id"),
    Index("ix_sharing_split_reference", "tenant_id", "reference", postgresql_where=text("reference IS NOT NULL")),
    Index("ix_sharing_split_due", "tenant_id", "next_at", postgresql_where=_DUE),
)

# What one receiver is given; `parts` is what each merchant of the payment bears of it, `[code, id, fen]`.
share = tenant_table(
    "sharing_share",
    metadata,
    Column("split_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    Column("receiver_id", Uuid, nullable=False),
    Column("amount_fen", Fen, nullable=False),
    Column("returned_fen", Fen, nullable=False, server_default=ZERO),
    Column("description", Text, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'pending'")),
    Column("reason", Text),
    Column("parts", Json, nullable=False, server_default=text("'[]'")),
    Column("journal_id", Uuid),
    one_of("state", SHARE.states),
    CheckConstraint("amount_fen > 0 AND returned_fen >= 0 AND returned_fen <= amount_fen", name="amounts"),
    belongs_to("split_id", "core.sharing_split"),
    belongs_to("receiver_id", "core.sharing_receiver"),
    key=("split_id", "position"),
)

give_back = tenant_table(
    "sharing_return",
    metadata,
    id_column(),
    Column("number", Text, nullable=False),
    Column("split_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    Column("amount_fen", Fen, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reference", Text),
    Column("error", Text),
    Column("journal_id", Uuid),
    Column("made_by", Text, nullable=False),
    Column("checked_by", Text),
    Column("sent_at", Instant),
    Column("next_at", Instant),
    Column("queries", Integer, nullable=False, server_default=ZERO),
    Column("finished_at", Instant),
    Column("proved_fen", Fen),
    Column("proved_on", Date),
    created_column(),
    one_of("state", RETURN.states),
    CheckConstraint("amount_fen > 0", name="amount"),
    belongs_to("split_id", "core.sharing_split"),
    Index("uq_sharing_return_number", "tenant_id", "number", unique=True),
    Index("uq_sharing_return_under_way", "tenant_id", "split_id", "position", unique=True, postgresql_where=text(f"state IN {UNDER_WAY}")),
    Index("ix_sharing_return_due", "tenant_id", "next_at", postgresql_where=_DUE),
)
