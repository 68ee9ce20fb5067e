"""members (2026-11-22)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import core.database.tables
from core.database import security

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table('member',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('phone_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('phone_tail_index', sa.LargeBinary(), nullable=False),
    sa.Column('due_fen', sa.BigInteger(), nullable=False),
    sa.Column('joined_on', sa.Date(), nullable=False),
    sa.Column('card_no', sa.Integer(), nullable=True),
    sa.Column('lapsed', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('due_fen > 0', name=op.f('ck_member_due')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_member')),
    schema='club',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_member_number', 'member', ['tenant_id', 'number'], unique=True, schema='club')
    op.create_table('told',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('about', sa.Text(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'kind', 'about', name=op.f('pk_told')),
    schema='club',
    info={'tenant': True, 'append_only': True}
    )
    for statement in security.protect_table('club', 'member', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('club', 'told', tenant=True, append_only=True):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table('told', schema='club')
    op.drop_index('uq_member_number', table_name='member', schema='club')
    op.drop_table('member', schema='club')
