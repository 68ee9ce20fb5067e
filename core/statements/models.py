"""Files that came in from channels, banks and business systems, their normalised lines, and what could not be loaded."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Date, Index, Integer, LargeBinary, Text, Uuid, text

from core.database.tables import Fen, Instant, Json, belongs_to, created_column, id_column, metadata, one_of, tenant_table
from core.statements.states import FETCH, KINDS, SIDES, STATEMENT, VERDICTS

ZERO = text("0")

# A merchant number whose files a client reconciles, besides those of its collecting accounts.
merchant_number = tenant_table(
    "statement_merchant",
    metadata,
    id_column(),
    Column("channel", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("merchant_id", Uuid),
    Column("title", Text, nullable=False, server_default=text("''")),
    Column("cut_minutes", Integer),
    Column("made_by", Text, nullable=False),
    created_column(),
    belongs_to("merchant_id", "core.merchant"),
    CheckConstraint("cut_minutes BETWEEN 0 AND 1439", name="cut"),
    Index("uq_statement_merchant_number", "tenant_id", "channel", "number", unique=True),
)

statement = tenant_table(
    "statement",
    metadata,
    id_column(),
    Column("source", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("channel", Text, nullable=False, server_default=text("''")),
    Column("merchant_number", Text, nullable=False, server_default=text("''")),
    Column("bill_on", Date, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("status", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("reason_code", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("repairs", Json, nullable=False, server_default=text("'[]'")),
    Column("file_name", Text, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("lines", Integer, nullable=False, server_default=ZERO),
    Column("rows_loaded", Integer, nullable=False, server_default=ZERO),
    Column("ignored_lines", Integer, nullable=False, server_default=ZERO),
    Column("other_lines", Integer, nullable=False, server_default=ZERO),
    Column("rejected_rows", Integer, nullable=False, server_default=ZERO),
    Column("pay_count", Integer, nullable=False, server_default=ZERO),
    Column("pay_amount_fen", Fen, nullable=False, server_default=ZERO),
    Column("refund_count", Integer, nullable=False, server_default=ZERO),
    Column("refund_amount_fen", Fen, nullable=False, server_default=ZERO),
    Column("fee_fen", Fen, nullable=False, server_default=ZERO),
    Column("net_fen", Fen, nullable=False, server_default=ZERO),
    Column("facts", Json, nullable=False, server_default=text("'{}'")),
    Column("origin", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    created_column(),
    one_of("side", SIDES),
    one_of("status", STATEMENT.states),
    one_of("verdict", VERDICTS),
    Index("ix_statement_bill_on", "tenant_id", "bill_on", "source"),
    Index("ix_statement_created", "tenant_id", "created_at", "id"),
    Index("ix_statement_sha256", "tenant_id", "sha256"),
    Index(
        "uq_statement_loaded", "tenant_id", "source", "merchant_number", "bill_on", unique=True,
        postgresql_where=text("status = 'loaded'"),
    ),
)  # fmt: skip

# The original, byte for byte as it came, in sealed pieces, so that no file has to fit into memory.
piece = tenant_table(
    "statement_piece",
    metadata,
    Column("statement_id", Uuid, nullable=False),
    Column("piece_no", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    belongs_to("statement_id", "core.statement"),
    key=("statement_id", "piece_no"),
)

# A large file that waits to be judged; the statement will have its id. The pieces go when the statement keeps them.
upload = tenant_table(
    "statement_upload",
    metadata,
    id_column(),
    Column("source", Text, nullable=False),
    Column("bill_on", Date, nullable=False),
    Column("merchant_number", Text, nullable=False, server_default=text("''")),
    Column("announced_sha1", Text),
    Column("file_name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("status", Text, nullable=False),
    Column("job_id", Uuid),
    Column("statement_id", Uuid),
    Column("verdict", Json),
    Column("origin", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    created_column(),
    one_of("status", ("waiting", "judged")),
    Index(
        "uq_statement_upload_waiting", "tenant_id", "source", "bill_on", "merchant_number", "sha256", unique=True,
        postgresql_where=text("status = 'waiting'"),
    ),
)  # fmt: skip

upload_piece = tenant_table(
    "statement_upload_piece",
    metadata,
    Column("upload_id", Uuid, nullable=False),
    Column("piece_no", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    belongs_to("upload_id", "core.statement_upload"),
    key=("upload_id", "piece_no"),
)

# One normalised line for all sources; without a foreign key, which would ask for the statement once a line of a million.
# `number` is our order's number of a payment and our refund's number of a refund; `counts` is false
# for what takes no part in matching (a closed order, cash at a window, a payout).
line = tenant_table(
    "statement_line",
    metadata,
    Column("statement_id", Uuid, nullable=False),
    Column("row_no", Integer, nullable=False),
    Column("line_no", Integer, nullable=False),
    Column("channel", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("counts", Boolean, nullable=False),
    Column("number", Text, nullable=False),
    Column("order_number", Text),
    Column("channel_number", Text),
    Column("channel_order_number", Text),
    Column("amount_fen", Fen, nullable=False),
    Column("fee_fen", Fen),
    Column("net_fen", Fen),
    Column("happened_at", Instant),
    Column("settle_on", Date),
    Column("status", Text, nullable=False),
    Column("bill_number", Text),
    Column("serial", Text),
    one_of("kind", KINDS),
    Index("ix_statement_line_number", "tenant_id", "number"),
    Index("ix_statement_line_channel_number", "tenant_id", "channel_number"),
    Index("ix_statement_line_serial", "tenant_id", "serial", postgresql_where=text("serial IS NOT NULL")),
    key=("statement_id", "row_no"),
)

refused_row = tenant_table(
    "statement_refusal",
    metadata,
    Column("statement_id", Uuid, nullable=False),
    Column("row_no", Integer, nullable=False),
    Column("line_no", Integer, nullable=False),
    Column("number", Text, nullable=False, server_default=text("''")),
    Column("column_name", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("message", Text, nullable=False),
    belongs_to("statement_id", "core.statement"),
    key=("statement_id", "row_no"),
)

# A day's file that is awaited: of a collecting account, or of whatever account another fetcher (`fetchers.py`) names.
fetch = tenant_table(
    "statement_fetch",
    metadata,
    Column("source", Text, nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("bill_on", Date, nullable=False),
    Column("merchant_number", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("tries", Integer, nullable=False, server_default=ZERO),
    Column("first_at", Instant, nullable=False),
    Column("next_at", Instant),
    Column("error", Text),
    Column("statement_id", Uuid),
    created_column(),
    one_of("status", FETCH.states),
    Index("ix_statement_fetch_due", "tenant_id", "next_at", postgresql_where=text("next_at IS NOT NULL")),
    Index("ix_statement_fetch_bill_on", "tenant_id", "bill_on"),
    key=("source", "account_id", "bill_on"),
)

# A source that a person described on screen: which column or which bytes hold what.
field_map = tenant_table(
    "field_map",
    metadata,
    id_column(),
    Column("code", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("channel", Text, nullable=False, server_default=text("''")),
    Column("layout", Json, nullable=False),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("sample_id", Uuid),
    Column("made_by", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),
    created_column(),
    one_of("side", SIDES),
    Index("uq_field_map_code", "tenant_id", "code", unique=True),
)

# Every layout that a field map ever had: a statement names the version it was read with.
field_map_version = tenant_table(
    "field_map_version",
    metadata,
    Column("field_map_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("layout", Json, nullable=False),
    Column("made_by", Text, nullable=False),
    created_column(),
    belongs_to("field_map_id", "core.field_map"),
    append_only=True,
    key=("field_map_id", "version"),
)
