"""What each client's day comes to, in the bank's own books: sums and counts, no person. Branch boards read these rows, never a client's own."""

from sqlalchemy import Column, Date, Index, Integer, Text, Uuid, text

from core.database.tables import Fen, Instant, belongs_to, metadata, tenant_table

ZERO = text("0")

# `plugin` is empty for the client as a whole. How things stood at the day's end is unknown (NULL) for days before the first telling;
# what a plugin cannot know of itself alone (payers, deposits, differences, settlement) stands with the client as a whole.
portfolio_day = tenant_table(
    "portfolio_day",
    metadata,
    Column("client_id", Uuid, nullable=False),
    Column("plugin", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("payments", Integer, nullable=False, server_default=ZERO),
    Column("paid_fen", Fen, nullable=False, server_default=ZERO),
    Column("refunds", Integer, nullable=False, server_default=ZERO),
    Column("refunded_fen", Fen, nullable=False, server_default=ZERO),
    Column("bills", Integer),
    Column("cleared", Integer),
    Column("billed_fen", Fen),
    Column("collected_fen", Fen),
    Column("open_fen", Fen),
    Column("overdue_fen", Fen),
    Column("active_payers", Integer),
    Column("known_payers", Integer),
    Column("accounts", Integer),
    Column("deposits_fen", Fen),
    Column("differences", Integer),
    Column("difference_fen", Fen),
    Column("oldest_difference_on", Date),
    Column("delay_tenths", Integer),
    Column("written_at", Instant, nullable=False, server_default=text("now()")),
    belongs_to("client_id", "core.client"),
    Index("ix_portfolio_day_day", "tenant_id", "plugin", "day"),
    key=("client_id", "plugin", "day"),
)
