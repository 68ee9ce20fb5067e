"""Statement robots: their accounts (sealed), what the store's owner authorised, every run with its artefacts, and what the stores sold."""

from sqlalchemy import CheckConstraint, Column, Date, Index, Integer, LargeBinary, Text, Uuid, text

from core.database.tables import Fen, Instant, Json, belongs_to, created_column, id_column, one_of, tenant_table
from core.identity.models import org_unit
from plugins.medical.robots.states import AUTHORISATION, PLATFORMS, STORE_DAY, TASK, WAYS
from plugins.medical.schema import metadata

ZERO = text("0")

# `login` is the account as it may be shown; `sender` is the only one whose mails are read, anybody's where it is empty.
robot = tenant_table(
    "robot",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("way", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("login", Text, nullable=False),
    Column("login_sealed", LargeBinary, nullable=False),
    Column("secret_sealed", LargeBinary, nullable=False),
    Column("sender", Text, nullable=False, server_default=text("''")),
    Column("hour", Integer, nullable=False, server_default=text("5")),
    Column("status", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("next_on", Date),
    created_column(),
    one_of("platform", PLATFORMS),
    one_of("way", WAYS),
    one_of("status", ("on", "off")),
    Index("uq_robot_name", "tenant_id", "name", unique=True),
)

store = tenant_table(
    "robot_store",
    metadata,
    Column("robot_id", Uuid, nullable=False),
    Column("platform_store", Text, nullable=False),
    Column("store_id", Uuid, nullable=False),
    belongs_to("robot_id", "medical.robot"),
    belongs_to("store_id", org_unit),
    key=("robot_id", "platform_store"),
)

authorisation = tenant_table(
    "robot_authorisation",
    metadata,
    id_column(),
    Column("robot_id", Uuid, nullable=False),
    Column("scope", Json, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),
    Column("status", Text, nullable=False),
    Column("drafted_by", Text, nullable=False),
    Column("drafted_by_id", Text, nullable=False),
    Column("signed_by", Text),
    Column("signed_at", Instant),
    Column("text_hash", Text),
    Column("ended_at", Instant),
    Column("ended_by", Text),
    created_column(),
    one_of("status", AUTHORISATION.states),
    CheckConstraint("valid_to >= valid_from", name="days"),
    belongs_to("robot_id", "medical.robot"),
    Index("ix_robot_authorisation_robot_id", "tenant_id", "robot_id", "created_at"),
)

task = tenant_table(
    "robot_task",
    metadata,
    id_column(),
    Column("robot_id", Uuid, nullable=False),
    Column("bill_on", Date, nullable=False),
    Column("status", Text, nullable=False),
    Column("tries", Integer, nullable=False, server_default=ZERO),
    Column("next_at", Instant),
    Column("job_id", Uuid),
    Column("authorisation_id", Uuid),
    Column("error", Text),
    Column("told", Text),
    Column("lines", Integer),
    Column("settle_fen", Fen),
    Column("finished_at", Instant),
    created_column(),
    one_of("status", TASK.states),
    belongs_to("robot_id", "medical.robot"),
    belongs_to("authorisation_id", "medical.robot_authorisation"),
    Index("uq_robot_task_day", "tenant_id", "robot_id", "bill_on", unique=True),
    Index("ix_robot_task_due", "tenant_id", "next_at", postgresql_where=text("next_at IS NOT NULL")),
    Index("ix_robot_task_created", "tenant_id", "bill_on", "id"),
)

artefact = tenant_table(
    "robot_artefact",
    metadata,
    id_column(),
    Column("task_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("content_sealed", LargeBinary, nullable=False),
    created_column(),
    belongs_to("task_id", "medical.robot_task"),
    Index("uq_robot_artefact", "tenant_id", "task_id", "kind", "sha256", unique=True),
    Index("ix_robot_artefact_sha256", "tenant_id", "sha256"),
)

log = tenant_table(
    "robot_log",
    metadata,
    id_column(),
    Column("task_id", Uuid, nullable=False),
    Column("at", Instant, nullable=False),
    Column("step", Text, nullable=False),
    Column("told", Text, nullable=False),
    belongs_to("task_id", "medical.robot_task"),
    Index("ix_robot_log_task_id", "tenant_id", "task_id", "at"),
    append_only=True,
)

# One order of a shop platform, normalised; amounts as the platform's statement has them (domain book §4.6).
shop_order = tenant_table(
    "shop_order",
    metadata,
    id_column(),
    Column("platform", Text, nullable=False),
    Column("store_id", Uuid, nullable=False),
    Column("bill_on", Date, nullable=False),
    Column("order_no", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("ordered_at", Instant),
    Column("finished_at", Instant),
    Column("item_fen", Fen, nullable=False),
    Column("promotion_fen", Fen, nullable=False),
    Column("subsidy_fen", Fen, nullable=False),
    Column("delivery_fen", Fen, nullable=False),
    Column("service_fen", Fen, nullable=False),
    Column("refund_fen", Fen, nullable=False),
    Column("settle_fen", Fen, nullable=False),
    Column("task_id", Uuid, nullable=False),
    one_of("platform", PLATFORMS),
    belongs_to("store_id", org_unit),
    belongs_to("task_id", "medical.robot_task"),
    Index("uq_shop_order_no", "tenant_id", "platform", "order_no", unique=True),
    Index("ix_shop_order_day", "tenant_id", "bill_on", "store_id"),
    Index("ix_shop_order_task_id", "tenant_id", "task_id"),
)

# What the store's own till says of the same orders.
till_order = tenant_table(
    "till_order",
    metadata,
    Column("platform", Text, nullable=False),
    Column("order_no", Text, nullable=False),
    Column("store_id", Uuid, nullable=False),
    Column("bill_on", Date, nullable=False),
    Column("settle_fen", Fen, nullable=False),
    one_of("platform", PLATFORMS),
    belongs_to("store_id", org_unit),
    Index("ix_till_order_day", "tenant_id", "bill_on", "store_id"),
    key=("platform", "order_no"),
)

# `digest` is that of the differing orders with both amounts: what a second person accepted is known again by it.
store_day = tenant_table(
    "store_day",
    metadata,
    id_column(),
    Column("platform", Text, nullable=False),
    Column("store_id", Uuid, nullable=False),
    Column("bill_on", Date, nullable=False),
    Column("shop_orders", Integer, nullable=False),
    Column("shop_fen", Fen, nullable=False),
    Column("till_orders", Integer, nullable=False),
    Column("till_fen", Fen, nullable=False),
    Column("differences", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("checked_at", Instant, nullable=False),
    Column("reason", Text),
    Column("accepted_by", Text),
    one_of("platform", PLATFORMS),
    one_of("status", STORE_DAY.states),
    belongs_to("store_id", org_unit),
    Index("uq_store_day", "tenant_id", "platform", "store_id", "bill_on", unique=True),
    Index("ix_store_day_on", "tenant_id", "bill_on", "id"),
)
