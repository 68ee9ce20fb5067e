"""templates one by one (2026-11-22)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import core.database.tables
from core.database import security

revision = "0002"
down_revision = '0001'


def upgrade() -> None:
    op.create_table('instalment_template',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('percents', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_instalment_template')),
    schema='education',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_instalment_template_code', 'instalment_template', ['tenant_id', 'code'], unique=True, schema='education')
    for statement in security.protect_table('education', 'instalment_template', tenant=True, append_only=False):
        op.execute(statement)


def downgrade() -> None:
    op.drop_index('uq_instalment_template_code', table_name='instalment_template', schema='education')
    op.drop_table('instalment_template', schema='education')
