"""Who owes is answered from an index: it holds what the question needs of a bill (2026-11-23)."""

from alembic import op

revision = "0005"
down_revision = "0004"

_TOLD = ["status", "amount_fen", "paid_fen", "due_on", "visible_from", "org_id"]


def upgrade() -> None:
    op.execute("ALTER INDEX core.ix_bill_party_id RENAME TO ix_bill_party_id_bare")
    op.create_index("ix_bill_party_id", "bill", ["tenant_id", "party_id"], schema="core", postgresql_include=_TOLD)
    op.drop_index("ix_bill_party_id_bare", table_name="bill", schema="core")


def downgrade() -> None:
    op.drop_index("ix_bill_party_id", table_name="bill", schema="core")
    op.create_index("ix_bill_party_id", "bill", ["tenant_id", "party_id"], schema="core")
