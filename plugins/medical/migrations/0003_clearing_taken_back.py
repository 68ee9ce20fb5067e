"""clearing taken back (2026-11-23)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = '0002'


def upgrade() -> None:
    op.add_column('insurance_clearing', sa.Column('taken_back_at', postgresql.TIMESTAMP(timezone=True), nullable=True), schema='medical')
    op.add_column('insurance_clearing', sa.Column('taken_back_by', sa.Text(), nullable=True), schema='medical')
    op.drop_index('uq_insurance_clearing_sha256', table_name='insurance_clearing', schema='medical')
    op.create_index(
        'uq_insurance_clearing_sha256', 'insurance_clearing', ['tenant_id', 'sha256'], unique=True, schema='medical',
        postgresql_where=sa.text('taken_back_at IS NULL'),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index('uq_insurance_clearing_sha256', table_name='insurance_clearing', schema='medical')
    op.create_index('uq_insurance_clearing_sha256', 'insurance_clearing', ['tenant_id', 'sha256'], unique=True, schema='medical')
    op.drop_column('insurance_clearing', 'taken_back_by', schema='medical')
    op.drop_column('insurance_clearing', 'taken_back_at', schema='medical')
