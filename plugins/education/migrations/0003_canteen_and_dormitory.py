"""canteen and dormitory (2026-11-23)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import core.database.tables
from core.database import security

revision = "0003"
down_revision = '0002'


def upgrade() -> None:
    op.create_table('dorm_room',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('campus_id', sa.Uuid(), nullable=False),
    sa.Column('building', sa.Text(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('beds', sa.Integer(), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('beds BETWEEN 1 AND 99', name=op.f('ck_dorm_room_beds')),
    sa.ForeignKeyConstraint(['tenant_id', 'campus_id'], ['core.org_unit.tenant_id', 'core.org_unit.id'], name=op.f('fk_dorm_room_campus_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_dorm_room')),
    schema='education',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_dorm_room_place', 'dorm_room', ['tenant_id', 'campus_id', 'building', 'number'], unique=True, schema='education')
    op.create_table('measure',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('item_code', sa.Text(), nullable=False),
    sa.Column('keeper', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('per_units', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.CheckConstraint("keeper IN ('canteen', 'dorm')", name=op.f('ck_measure_keeper')),
    sa.CheckConstraint('per_units IN (1, 10, 100)', name=op.f('ck_measure_per_units')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_measure')),
    schema='education',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_measure_item_code', 'measure', ['tenant_id', 'item_code'], unique=True, schema='education')
    op.create_table('dorm_meter',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('room_id', sa.Uuid(), nullable=False),
    sa.Column('item_code', sa.Text(), nullable=False),
    sa.Column('meter_no', sa.Text(), nullable=False),
    sa.Column('opened_on', sa.Date(), nullable=False),
    sa.Column('opening', sa.Numeric(precision=12, scale=2), nullable=False),
    sa.Column('closed_on', sa.Date(), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('opening >= 0 AND closed_on >= opened_on', name=op.f('ck_dorm_meter_span')),
    sa.ForeignKeyConstraint(['tenant_id', 'room_id'], ['education.dorm_room.tenant_id', 'education.dorm_room.id'], name=op.f('fk_dorm_meter_room_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_dorm_meter')),
    schema='education',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_dorm_meter_room_id', 'dorm_meter', ['tenant_id', 'room_id'], unique=False, schema='education')
    op.create_index('uq_dorm_meter_meter_no', 'dorm_meter', ['tenant_id', 'meter_no'], unique=True, schema='education', postgresql_where=sa.text('closed_on IS NULL'))
    op.create_table('dorm_stay',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('room_id', sa.Uuid(), nullable=False),
    sa.Column('student_id', sa.Uuid(), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('until', sa.Date(), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('until >= since', name=op.f('ck_dorm_stay_span')),
    sa.ForeignKeyConstraint(['tenant_id', 'room_id'], ['education.dorm_room.tenant_id', 'education.dorm_room.id'], name=op.f('fk_dorm_stay_room_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'student_id'], ['education.student.tenant_id', 'education.student.id'], name=op.f('fk_dorm_stay_student_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_dorm_stay')),
    schema='education',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_dorm_stay_room_id', 'dorm_stay', ['tenant_id', 'room_id', 'since'], unique=False, schema='education')
    op.create_index('uq_dorm_stay_student_id', 'dorm_stay', ['tenant_id', 'student_id'], unique=True, schema='education', postgresql_where=sa.text('until IS NULL'))
    op.create_table('meal_days',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('student_id', sa.Uuid(), nullable=False),
    sa.Column('item_code', sa.Text(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('days', sa.Integer(), nullable=False),
    sa.Column('kept_by', sa.Text(), nullable=False),
    sa.Column('changed_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("days BETWEEN 0 AND 31 AND extract(day FROM month) = 1", name=op.f('ck_meal_days_days')),
    sa.ForeignKeyConstraint(['tenant_id', 'student_id'], ['education.student.tenant_id', 'education.student.id'], name=op.f('fk_meal_days_student_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_meal_days')),
    schema='education',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_meal_days_month', 'meal_days', ['tenant_id', 'item_code', 'month'], unique=False, schema='education')
    op.create_index('uq_meal_days_month', 'meal_days', ['tenant_id', 'student_id', 'item_code', 'month'], unique=True, schema='education')
    op.create_table('meter_reading',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('meter_id', sa.Uuid(), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('read_on', sa.Date(), nullable=False),
    sa.Column('previous', sa.Numeric(precision=12, scale=2), nullable=False),
    sa.Column('value', sa.Numeric(precision=12, scale=2), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('remark', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('read_by', sa.Text(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('abnormal', 'confirmed', 'withdrawn')", name=op.f('ck_meter_reading_status')),
    sa.CheckConstraint('value >= previous AND read_on > since', name=op.f('ck_meter_reading_forward')),
    sa.ForeignKeyConstraint(['tenant_id', 'meter_id'], ['education.dorm_meter.tenant_id', 'education.dorm_meter.id'], name=op.f('fk_meter_reading_meter_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_meter_reading')),
    schema='education',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_meter_reading_status', 'meter_reading', ['tenant_id', 'status', 'read_on'], unique=False, schema='education')
    op.create_index('uq_meter_reading_read_on', 'meter_reading', ['tenant_id', 'meter_id', 'read_on'], unique=True, schema='education', postgresql_where=sa.text("status <> 'withdrawn'"))
    op.create_table('usage_line',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('plan_id', sa.Uuid(), nullable=False),
    sa.Column('bill_id', sa.Uuid(), nullable=False),
    sa.Column('student_id', sa.Uuid(), nullable=False),
    sa.Column('item_code', sa.Text(), nullable=False),
    sa.Column('source_id', sa.Uuid(), nullable=False),
    sa.Column('quantity', sa.Numeric(precision=14, scale=4), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'bill_id'], ['core.bill.tenant_id', 'core.bill.id'], name=op.f('fk_usage_line_bill_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'plan_id'], ['education.fee_plan.tenant_id', 'education.fee_plan.id'], name=op.f('fk_usage_line_plan_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'student_id'], ['education.student.tenant_id', 'education.student.id'], name=op.f('fk_usage_line_student_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_usage_line')),
    schema='education',
    info={'tenant': True, 'append_only': True}
    )
    op.create_index('ix_usage_line_source_id', 'usage_line', ['tenant_id', 'source_id', 'student_id'], unique=False, schema='education')
    op.add_column('fee_plan', sa.Column('usage_until', sa.Date(), nullable=True), schema='education')
    op.add_column('term', sa.Column('teaching_days', sa.Integer(), nullable=True), schema='education')
    op.execute('ALTER TABLE education.term ADD CONSTRAINT ck_term_teaching_days CHECK (((teaching_days >= 1) AND (teaching_days <= ((ends_on - starts_on) + 1))))')
    for statement in security.protect_table('education', 'dorm_room', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('education', 'measure', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('education', 'dorm_meter', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('education', 'dorm_stay', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('education', 'meal_days', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('education', 'meter_reading', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('education', 'usage_line', tenant=True, append_only=True):
        op.execute(statement)


def downgrade() -> None:
    op.drop_column('term', 'teaching_days', schema='education')
    op.drop_column('fee_plan', 'usage_until', schema='education')
    op.drop_index('ix_usage_line_source_id', table_name='usage_line', schema='education')
    op.drop_table('usage_line', schema='education')
    op.drop_index('uq_meter_reading_read_on', table_name='meter_reading', schema='education', postgresql_where=sa.text("status <> 'withdrawn'"))
    op.drop_index('ix_meter_reading_status', table_name='meter_reading', schema='education')
    op.drop_table('meter_reading', schema='education')
    op.drop_index('uq_meal_days_month', table_name='meal_days', schema='education')
    op.drop_index('ix_meal_days_month', table_name='meal_days', schema='education')
    op.drop_table('meal_days', schema='education')
    op.drop_index('uq_dorm_stay_student_id', table_name='dorm_stay', schema='education', postgresql_where=sa.text('until IS NULL'))
    op.drop_index('ix_dorm_stay_room_id', table_name='dorm_stay', schema='education')
    op.drop_table('dorm_stay', schema='education')
    op.drop_index('uq_dorm_meter_meter_no', table_name='dorm_meter', schema='education', postgresql_where=sa.text('closed_on IS NULL'))
    op.drop_index('ix_dorm_meter_room_id', table_name='dorm_meter', schema='education')
    op.drop_table('dorm_meter', schema='education')
    op.drop_index('uq_measure_item_code', table_name='measure', schema='education')
    op.drop_table('measure', schema='education')
    op.drop_index('uq_dorm_room_place', table_name='dorm_room', schema='education')
    op.drop_table('dorm_room', schema='education')
