"""What is open, what an organisation's bills come to, and receipts that were refused are answered from indexes (2026-11-23)."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_OPEN = sa.text("status IN ('issued', 'partially_paid', 'partially_refunded')")
_REFUSED = sa.text("status = 'issuing' AND next_query_at IS NULL")


def upgrade() -> None:
    told = ["amount_fen", "paid_fen", "due_on", "visible_from", "org_id"]
    op.create_index("ix_bill_open", "bill", ["tenant_id", "party_id"], schema="core", postgresql_include=told, postgresql_where=_OPEN)
    op.execute("ALTER INDEX core.ix_bill_org_id RENAME TO ix_bill_org_id_bare")
    sums = ["amount_fen", "discount_fen", "paid_fen"]
    op.create_index("ix_bill_org_id", "bill", ["tenant_id", "org_id", "status"], schema="core", postgresql_include=sums)
    op.drop_index("ix_bill_org_id_bare", table_name="bill", schema="core")
    op.create_index("ix_receipt_refused", "receipt", ["tenant_id", "bill_id"], schema="core", postgresql_where=_REFUSED)


def downgrade() -> None:
    op.drop_index("ix_receipt_refused", table_name="receipt", schema="core")
    op.drop_index("ix_bill_org_id", table_name="bill", schema="core")
    op.create_index("ix_bill_org_id", "bill", ["tenant_id", "org_id", "status"], schema="core")
    op.drop_index("ix_bill_open", table_name="bill", schema="core")
