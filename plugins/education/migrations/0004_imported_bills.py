"""imported bills (2026-11-23)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import core.database.tables
from core.database import security

revision = "0004"
down_revision = '0003'


def upgrade() -> None:
    op.create_table('imported_line',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('plan_id', sa.Uuid(), nullable=False),
    sa.Column('student_id', sa.Uuid(), nullable=False),
    sa.Column('item_code', sa.Text(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('discount_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('reason', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('remark', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("discount_fen = 0 OR reason <> ''", name=op.f('ck_imported_line_reason')),
    sa.CheckConstraint('amount_fen > 0 AND discount_fen BETWEEN 0 AND amount_fen', name=op.f('ck_imported_line_amounts')),
    sa.ForeignKeyConstraint(['tenant_id', 'plan_id'], ['education.fee_plan.tenant_id', 'education.fee_plan.id'], name=op.f('fk_imported_line_plan_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'student_id'], ['education.student.tenant_id', 'education.student.id'], name=op.f('fk_imported_line_student_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_imported_line')),
    schema='education',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_imported_line_item', 'imported_line', ['tenant_id', 'plan_id', 'student_id', 'item_code'], unique=True, schema='education')
    for statement in security.protect_table('education', 'imported_line', tenant=True, append_only=False):
        op.execute(statement)


def downgrade() -> None:
    op.drop_index('uq_imported_line_item', table_name='imported_line', schema='education')
    op.drop_table('imported_line', schema='education')
