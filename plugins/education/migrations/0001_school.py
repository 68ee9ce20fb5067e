"""The school (2026-11-22)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import core.database.tables
from core.database import security

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table('discount',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('item_codes', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('condition', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('percent', sa.Numeric(precision=7, scale=4), nullable=True),
    sa.Column('amount_fen', sa.BigInteger(), nullable=True),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('stackable', sa.Boolean(), nullable=False),
    sa.Column('compound', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('approval_id', sa.Uuid(), nullable=True),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('checked_by', sa.Text(), nullable=True),
    sa.Column('checked_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("kind IN ('percent', 'fixed', 'waive')", name=op.f('ck_discount_kind')),
    sa.CheckConstraint("status IN ('draft', 'checked', 'retired', 'approved')", name=op.f('ck_discount_status')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_discount')),
    schema='education',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_discount_code', 'discount', ['tenant_id', 'code'], unique=True, schema='education')
    op.create_table('fee_standard',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('item_code', sa.Text(), nullable=False),
    sa.Column('campus', sa.Text(), nullable=True),
    sa.Column('division', sa.Text(), nullable=True),
    sa.Column('grade', sa.Text(), nullable=True),
    sa.Column('class_name', sa.Text(), nullable=True),
    sa.Column('boarding', sa.Text(), nullable=True),
    sa.Column('student_type', sa.Text(), nullable=True),
    sa.Column('price_fen', sa.BigInteger(), nullable=False),
    sa.Column('approval_doc_no', sa.Text(), nullable=True),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('sheet_row', sa.Integer(), nullable=True),
    sa.Column('approval_id', sa.Uuid(), nullable=True),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('checked_by', sa.Text(), nullable=True),
    sa.Column('checked_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('draft', 'checked', 'retired', 'approved')", name=op.f('ck_fee_standard_status')),
    sa.CheckConstraint('price_fen >= 0 AND ends_on >= starts_on', name=op.f('ck_fee_standard_amounts')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_fee_standard')),
    schema='education',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_fee_standard_scope', 'fee_standard', ['tenant_id', 'item_code', 'campus', 'division', 'grade', 'class_name', 'boarding', 'student_type', 'starts_on'], unique=True, schema='education', postgresql_nulls_not_distinct=True)
    op.create_table('student',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('student_no', sa.Text(), nullable=False),
    sa.Column('id_type', sa.Text(), nullable=False),
    sa.Column('id_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('id_index', sa.LargeBinary(), nullable=False),
    sa.Column('id_tail_index', sa.LargeBinary(), nullable=False),
    sa.Column('gender', sa.Text(), nullable=True),
    sa.Column('birth_on', sa.Date(), nullable=True),
    sa.Column('register_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('class_id', sa.Uuid(), nullable=False),
    sa.Column('boarding', sa.Text(), nullable=False),
    sa.Column('student_type', sa.Text(), nullable=False),
    sa.Column('entry_on', sa.Date(), nullable=True),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('guardian1_name', sa.Text(), nullable=False),
    sa.Column('guardian1_relation', sa.Text(), nullable=False),
    sa.Column('guardian1_phone_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('guardian2_name', sa.Text(), nullable=True),
    sa.Column('guardian2_phone_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('remark', sa.Text(), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('changed_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('预录', '在读', '退学', '休学', '转学', '毕业')", name=op.f('ck_student_status')),
    sa.ForeignKeyConstraint(['tenant_id', 'class_id'], ['core.org_unit.tenant_id', 'core.org_unit.id'], name=op.f('fk_student_class_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'id'], ['core.party.tenant_id', 'core.party.id'], name=op.f('fk_student_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_student')),
    schema='education',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_student_class_id', 'student', ['tenant_id', 'class_id'], unique=False, schema='education')
    op.create_index('uq_student_id_index', 'student', ['tenant_id', 'id_index'], unique=True, schema='education')
    op.create_index('uq_student_student_no', 'student', ['tenant_id', 'student_no'], unique=True, schema='education')
    op.create_table('term',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('months_counted', sa.Integer(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('ends_on > starts_on AND months_counted BETWEEN 1 AND 12', name=op.f('ck_term_span')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_term')),
    schema='education',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_term_code', 'term', ['tenant_id', 'code'], unique=True, schema='education')
    op.create_table('discount_grant',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('student_id', sa.Uuid(), nullable=False),
    sa.Column('discount_id', sa.Uuid(), nullable=False),
    sa.Column('evidence', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('applied_by', sa.Text(), nullable=False),
    sa.Column('applied_by_id', sa.Text(), nullable=False),
    sa.Column('checked_by', sa.Text(), nullable=True),
    sa.Column('checked_by_id', sa.Text(), nullable=True),
    sa.Column('approved_by', sa.Text(), nullable=True),
    sa.Column('approved_by_id', sa.Text(), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('applied', 'evidence_checked', 'rejected', 'approved', 'applied_to_bill', 'revoked')", name=op.f('ck_discount_grant_status')),
    sa.ForeignKeyConstraint(['tenant_id', 'discount_id'], ['education.discount.tenant_id', 'education.discount.id'], name=op.f('fk_discount_grant_discount_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'student_id'], ['education.student.tenant_id', 'education.student.id'], name=op.f('fk_discount_grant_student_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_discount_grant')),
    schema='education',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_discount_grant', 'discount_grant', ['tenant_id', 'student_id', 'discount_id'], unique=True, schema='education', postgresql_where=sa.text("status IN ('applied', 'evidence_checked', 'approved', 'applied_to_bill')"))
    op.create_table('fee_plan',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('term_id', sa.Uuid(), nullable=False),
    sa.Column('item_codes', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('org_ids', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('instalments', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('allow_partial', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('allow_merge', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('notice', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('publish_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('trial', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('job_id', sa.Uuid(), nullable=True),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('made_by_id', sa.Text(), nullable=False),
    sa.Column('approved_by', sa.Text(), nullable=True),
    sa.Column('published_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('draft', 'standards_checked', 'closed', 'approved', 'published')", name=op.f('ck_fee_plan_status')),
    sa.ForeignKeyConstraint(['tenant_id', 'term_id'], ['education.term.tenant_id', 'education.term.id'], name=op.f('fk_fee_plan_term_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_fee_plan')),
    schema='education',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_fee_plan_code', 'fee_plan', ['tenant_id', 'code'], unique=True, schema='education')
    for statement in security.protect_table('education', 'discount', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('education', 'fee_standard', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('education', 'student', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('education', 'term', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('education', 'discount_grant', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('education', 'fee_plan', tenant=True, append_only=False):
        op.execute(statement)


def downgrade() -> None:
    op.drop_index('uq_fee_plan_code', table_name='fee_plan', schema='education')
    op.drop_table('fee_plan', schema='education')
    op.drop_index('uq_discount_grant', table_name='discount_grant', schema='education', postgresql_where=sa.text("status IN ('applied', 'evidence_checked', 'approved', 'applied_to_bill')"))
    op.drop_table('discount_grant', schema='education')
    op.drop_index('uq_term_code', table_name='term', schema='education')
    op.drop_table('term', schema='education')
    op.drop_index('uq_student_student_no', table_name='student', schema='education')
    op.drop_index('uq_student_id_index', table_name='student', schema='education')
    op.drop_index('ix_student_class_id', table_name='student', schema='education')
    op.drop_table('student', schema='education')
    op.drop_index('uq_fee_standard_scope', table_name='fee_standard', schema='education', postgresql_nulls_not_distinct=True)
    op.drop_table('fee_standard', schema='education')
    op.drop_index('uq_discount_code', table_name='discount', schema='education')
    op.drop_table('discount', schema='education')
