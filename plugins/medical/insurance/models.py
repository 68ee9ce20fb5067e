"""Insurance settlements with the interface's own amounts, and what the insurer's clearing says of them (domain book §4.4)."""

from sqlalchemy import CheckConstraint, Column, Date, Index, Integer, Text, Uuid, text

from core.database.tables import Fen, Instant, belongs_to, created_column, id_column, one_of, tenant_table
from plugins.medical.insurance.states import SETTLEMENT
from plugins.medical.schema import metadata

AMOUNTS = (
    "medfee_sumamt", "hifp_pay", "fund_pay_sumamt", "acct_pay", "acct_mulaid_pay", "psn_cash_pay", "psn_part_amt", "hosp_part_amt", "inscp_amt",
    "fulamt_ownpay_amt", "preselfpay_amt",
)  # fmt: skip
"""The insurer's field names; here in fen."""

settlement = tenant_table(
    "insurance_settlement",
    metadata,
    id_column(),
    Column("setl_id", Text, nullable=False),
    Column("order_id", Uuid),
    Column("visit_id", Uuid),
    Column("patient_id", Uuid, nullable=False),
    Column("clr_type", Text, nullable=False),
    Column("settled_on", Date),
    *(Column(f"{name}_fen", Fen, nullable=False, server_default=text("0")) for name in AMOUNTS),
    Column("status", Text, nullable=False),
    Column("reversal_no", Text),
    Column("reversal_tries", Integer, nullable=False, server_default=text("0")),
    Column("reversal_at", Instant),
    Column("reversal_error", Text),
    Column("reversed_at", Instant),
    Column("clearing_id", Uuid),
    created_column(),
    one_of("status", SETTLEMENT.states),
    CheckConstraint(
        "medfee_sumamt_fen = fund_pay_sumamt_fen + acct_pay_fen + acct_mulaid_pay_fen + psn_cash_pay_fen + hosp_part_amt_fen", name="identity"
    ),
    belongs_to("order_id", "medical.med_order"),
    belongs_to("visit_id", "medical.visit"),
    belongs_to("patient_id", "medical.patient"),
    belongs_to("clearing_id", "medical.insurance_clearing"),
    Index("uq_insurance_settlement_setl_id", "tenant_id", "setl_id", unique=True),
    Index("ix_insurance_settlement_order_id", "tenant_id", "order_id"),
    Index("ix_insurance_settlement_settled", "tenant_id", "settled_on", "id"),
    Index("ix_insurance_settlement_reversal", "tenant_id", "reversal_at", postgresql_where=text("reversal_at IS NOT NULL")),
)

clearing = tenant_table(
    "insurance_clearing",
    metadata,
    id_column(),
    Column("period", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("paid_fen", Fen, nullable=False),
    Column("refused_fen", Fen, nullable=False),
    Column("loaded_by", Text, nullable=False),
    Column("taken_back_at", Instant),
    Column("taken_back_by", Text),
    created_column(),
    Index("uq_insurance_clearing_sha256", "tenant_id", "sha256", unique=True, postgresql_where=text("taken_back_at IS NULL")),
    Index("ix_insurance_clearing_period", "tenant_id", "period", "id"),
)

clearing_line = tenant_table(
    "insurance_clearing_line",
    metadata,
    Column("clearing_id", Uuid, nullable=False),
    Column("row_no", Integer, nullable=False),
    Column("setl_id", Text, nullable=False),
    Column("settled_on", Date),
    Column("clr_type", Text, nullable=False),
    Column("total_fen", Fen, nullable=False),
    Column("fund_fen", Fen, nullable=False),
    Column("account_fen", Fen, nullable=False),
    Column("paid_fen", Fen, nullable=False),
    Column("refused_fen", Fen, nullable=False),
    Column("reason", Text),
    belongs_to("clearing_id", "medical.insurance_clearing"),
    Index("ix_insurance_clearing_line_setl_id", "tenant_id", "setl_id"),
    key=("clearing_id", "row_no"),
)
