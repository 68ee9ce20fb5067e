"""Collection summed up: what is owed by due day and unit, what was booked by day and channel.

Everything in it follows from bills and allocations: it may be emptied and reckoned again at any time (`sums.py`).
"""

from sqlalchemy import Boolean, Column, Date, Integer, Text, Uuid, text

from core.database.tables import Fen, Instant, metadata, tenant_table

WRITTEN = text("now()")

collection_due = tenant_table(
    "collection_due",
    metadata,
    Column("plugin", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("org_id", Uuid, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("bills", Integer, nullable=False),
    Column("seen", Integer, nullable=False),
    Column("owing", Integer, nullable=False),
    Column("cleared", Integer, nullable=False),
    Column("amount_fen", Fen, nullable=False),
    Column("paid_fen", Fen, nullable=False),
    Column("open_fen", Fen, nullable=False),
    Column("written_at", Instant, nullable=False, server_default=WRITTEN),
    key=("plugin", "period", "org_id", "due_on"),
)

# The same money twice: once by unit, once for the client as a whole, which most people look at.
collection_day = tenant_table(
    "collection_day",
    metadata,
    Column("by_unit", Boolean, nullable=False),
    Column("org_id", Uuid, nullable=False),
    Column("day", Date, nullable=False),
    Column("channel", Text, nullable=False),
    Column("plugin", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("payments", Integer, nullable=False),
    Column("amount_fen", Fen, nullable=False),
    Column("written_at", Instant, nullable=False, server_default=WRITTEN),
    key=("by_unit", "org_id", "day", "channel", "plugin", "period"),
)
