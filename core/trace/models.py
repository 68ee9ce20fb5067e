"""The equation as it was last reckoned: a client's day by channel, and its sums in the bank's books for the branch's board."""

from sqlalchemy import BigInteger, Column, Date, Index, Integer, Text, Uuid, text

from core.database.tables import Fen, Instant, Json, belongs_to, metadata, one_of, tenant_table

STATES = ("closed", "waiting", "open")
_EMPTY = text("'{}'")


def _numbers() -> list[Column]:
    """The six numbers, each with its count."""
    names = ("bills", "payments", "channel", "ledger", "settlement", "bank")
    counts = [Column(f"{name}_count", Integer, nullable=False) for name in names]
    return [*counts, *(Column(f"{name}_fen", Fen, nullable=False) for name in names)]


# Everything in it follows from payments, files, books and settlement: it may be emptied and reckoned again at any time.
equation_day = tenant_table(
    "equation_day",
    metadata,
    Column("day", Date, nullable=False),
    Column("channel", Text, nullable=False),
    *_numbers(),
    Column("state", Text, nullable=False),
    Column("gaps", Json, nullable=False, server_default=_EMPTY),
    Column("open", Json, nullable=False, server_default=_EMPTY),
    Column("facts", Json, nullable=False, server_default=_EMPTY),
    Column("written_at", Instant, nullable=False, server_default=text("now()")),
    one_of("state", STATES),
    key=("day", "channel"),
)

# Sums and counts only, no person; each client's own job writes its row here (CROSSES TENANTS: core/trace/reckoning.py).
client_equation = tenant_table(
    "client_equation",
    metadata,
    Column("client_id", Uuid, nullable=False),
    Column("day", Date, nullable=False),
    *_numbers(),
    Column("state", Text, nullable=False),
    Column("run_status", Text, nullable=False, server_default=text("''")),
    Column("open_count", BigInteger, nullable=False, server_default=text("0")),
    Column("open_fen", Fen, nullable=False, server_default=text("0")),
    Column("waiting_fen", Fen, nullable=False, server_default=text("0")),
    Column("open", Json, nullable=False, server_default=_EMPTY),
    Column("written_at", Instant, nullable=False, server_default=text("now()")),
    one_of("state", STATES),
    belongs_to("client_id", "core.client"),
    Index("ix_client_equation_day", "tenant_id", "day"),
    key=("client_id", "day"),
)
