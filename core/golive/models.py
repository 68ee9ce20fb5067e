"""What of the way cannot be read from what is there: who took a step on, trials that were made, when a client went live."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, Text, Uuid, text

from core.database.tables import Instant, Json, belongs_to, created_column, id_column, metadata, one_of, tenant_table
from core.golive.states import OWNERS, WAYS

# One row per client, under its own id; without one the client began when its first person or merchant was written down.
way = tenant_table(
    "go_live",
    metadata,
    id_column(),
    Column("started_on", Date),
    Column("live_at", Instant),
    Column("live_by", Text),
    created_column(),
)

step = tenant_table(
    "go_live_step",
    metadata,
    Column("code", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("owner_id", Text, nullable=False, server_default=text("''")),
    Column("owner_name", Text, nullable=False, server_default=text("''")),
    Column("due_on", Date),
    Column("note", Text, nullable=False, server_default=text("''")),
    Column("changed_by", Text, nullable=False),
    created_column(),
    one_of("owner", OWNERS),
    key=("code",),
)

# A test bill of one cent; what became of it is read from its bill, order, payment, refund and the days' files.
trial = tenant_table(
    "go_live_trial",
    metadata,
    id_column(),
    Column("position", Integer, nullable=False),
    Column("bill_id", Uuid, nullable=False),
    Column("merchant_id", Uuid, nullable=False),
    Column("made_by", Text, nullable=False),
    created_column(),
    belongs_to("bill_id", "core.bill"),
    belongs_to("merchant_id", "core.merchant"),
    Index("uq_go_live_trial_position", "tenant_id", "position", unique=True),
)

# A row of the bank's for each client: how far it is, for the branch's list. Written by the client's pulse.
progress = tenant_table(
    "go_live_progress",
    metadata,
    Column("client_id", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("current", Text, nullable=False),
    Column("waiting_for", Text, nullable=False),
    Column("owner_name", Text, nullable=False),
    Column("due_on", Date),
    Column("started_on", Date, nullable=False),
    Column("live_at", Instant),
    Column("steps", Json, nullable=False),
    Column("trial_done", Boolean, nullable=False),
    Column("written_at", Instant, nullable=False, server_default=text("now()")),
    one_of("status", WAYS),
    belongs_to("client_id", "core.client"),
    key=("client_id",),
)
