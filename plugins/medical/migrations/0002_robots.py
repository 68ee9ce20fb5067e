"""robots (2026-11-23)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import core.database.tables
from core.database import security

revision = "0002"
down_revision = '0001'


def upgrade() -> None:
    op.create_table('robot',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('platform', sa.Text(), nullable=False),
    sa.Column('way', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('login', sa.Text(), nullable=False),
    sa.Column('login_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('secret_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('sender', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('hour', sa.Integer(), server_default=sa.text('5'), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('next_on', sa.Date(), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("platform IN ('meituan', 'eleme', 'pdd')", name=op.f('ck_robot_platform')),
    sa.CheckConstraint("status IN ('on', 'off')", name=op.f('ck_robot_status')),
    sa.CheckConstraint("way IN ('site', 'mailbox')", name=op.f('ck_robot_way')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_robot')),
    schema='medical',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_robot_name', 'robot', ['tenant_id', 'name'], unique=True, schema='medical')
    op.create_table('store_day',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('platform', sa.Text(), nullable=False),
    sa.Column('store_id', sa.Uuid(), nullable=False),
    sa.Column('bill_on', sa.Date(), nullable=False),
    sa.Column('shop_orders', sa.Integer(), nullable=False),
    sa.Column('shop_fen', sa.BigInteger(), nullable=False),
    sa.Column('till_orders', sa.Integer(), nullable=False),
    sa.Column('till_fen', sa.BigInteger(), nullable=False),
    sa.Column('differences', sa.Integer(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('checked_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('accepted_by', sa.Text(), nullable=True),
    sa.CheckConstraint("platform IN ('meituan', 'eleme', 'pdd')", name=op.f('ck_store_day_platform')),
    sa.CheckConstraint("status IN ('waiting', 'balanced', 'different', 'accepted')", name=op.f('ck_store_day_status')),
    sa.ForeignKeyConstraint(['tenant_id', 'store_id'], ['core.org_unit.tenant_id', 'core.org_unit.id'], name=op.f('fk_store_day_store_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_store_day')),
    schema='medical',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_store_day_on', 'store_day', ['tenant_id', 'bill_on', 'id'], unique=False, schema='medical')
    op.create_index('uq_store_day', 'store_day', ['tenant_id', 'platform', 'store_id', 'bill_on'], unique=True, schema='medical')
    op.create_table('till_order',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('platform', sa.Text(), nullable=False),
    sa.Column('order_no', sa.Text(), nullable=False),
    sa.Column('store_id', sa.Uuid(), nullable=False),
    sa.Column('bill_on', sa.Date(), nullable=False),
    sa.Column('settle_fen', sa.BigInteger(), nullable=False),
    sa.CheckConstraint("platform IN ('meituan', 'eleme', 'pdd')", name=op.f('ck_till_order_platform')),
    sa.ForeignKeyConstraint(['tenant_id', 'store_id'], ['core.org_unit.tenant_id', 'core.org_unit.id'], name=op.f('fk_till_order_store_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'platform', 'order_no', name=op.f('pk_till_order')),
    schema='medical',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_till_order_day', 'till_order', ['tenant_id', 'bill_on', 'store_id'], unique=False, schema='medical')
    op.create_table('robot_authorisation',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('robot_id', sa.Uuid(), nullable=False),
    sa.Column('scope', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('drafted_by', sa.Text(), nullable=False),
    sa.Column('drafted_by_id', sa.Text(), nullable=False),
    sa.Column('signed_by', sa.Text(), nullable=True),
    sa.Column('signed_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('text_hash', sa.Text(), nullable=True),
    sa.Column('ended_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('ended_by', sa.Text(), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('draft', 'signed', 'revoked', 'active', 'expired')", name=op.f('ck_robot_authorisation_status')),
    sa.CheckConstraint('valid_to >= valid_from', name=op.f('ck_robot_authorisation_days')),
    sa.ForeignKeyConstraint(['tenant_id', 'robot_id'], ['medical.robot.tenant_id', 'medical.robot.id'], name=op.f('fk_robot_authorisation_robot_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_robot_authorisation')),
    schema='medical',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_robot_authorisation_robot_id', 'robot_authorisation', ['tenant_id', 'robot_id', 'created_at'], unique=False, schema='medical')
    op.create_table('robot_store',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('robot_id', sa.Uuid(), nullable=False),
    sa.Column('platform_store', sa.Text(), nullable=False),
    sa.Column('store_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'robot_id'], ['medical.robot.tenant_id', 'medical.robot.id'], name=op.f('fk_robot_store_robot_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'store_id'], ['core.org_unit.tenant_id', 'core.org_unit.id'], name=op.f('fk_robot_store_store_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'robot_id', 'platform_store', name=op.f('pk_robot_store')),
    schema='medical',
    info={'tenant': True, 'append_only': False}
    )
    op.create_table('robot_task',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('robot_id', sa.Uuid(), nullable=False),
    sa.Column('bill_on', sa.Date(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('tries', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('next_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('job_id', sa.Uuid(), nullable=True),
    sa.Column('authorisation_id', sa.Uuid(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('told', sa.Text(), nullable=True),
    sa.Column('lines', sa.Integer(), nullable=True),
    sa.Column('settle_fen', sa.BigInteger(), nullable=True),
    sa.Column('finished_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('scheduled', 'running', 'unauthorised', 'uploaded', 'cancelled', 'dead', 'downloaded', 'login_failed', 'captcha_required', 'no_data', 'format_changed', 'unreachable', 'refused', 'normalised', 'reconciled', 'different')", name=op.f('ck_robot_task_status')),
    sa.ForeignKeyConstraint(['tenant_id', 'authorisation_id'], ['medical.robot_authorisation.tenant_id', 'medical.robot_authorisation.id'], name=op.f('fk_robot_task_authorisation_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'robot_id'], ['medical.robot.tenant_id', 'medical.robot.id'], name=op.f('fk_robot_task_robot_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_robot_task')),
    schema='medical',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_robot_task_created', 'robot_task', ['tenant_id', 'bill_on', 'id'], unique=False, schema='medical')
    op.create_index('ix_robot_task_due', 'robot_task', ['tenant_id', 'next_at'], unique=False, schema='medical', postgresql_where=sa.text('next_at IS NOT NULL'))
    op.create_index('uq_robot_task_day', 'robot_task', ['tenant_id', 'robot_id', 'bill_on'], unique=True, schema='medical')
    op.create_table('robot_artefact',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('task_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('file_name', sa.Text(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('content_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'task_id'], ['medical.robot_task.tenant_id', 'medical.robot_task.id'], name=op.f('fk_robot_artefact_task_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_robot_artefact')),
    schema='medical',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_robot_artefact_sha256', 'robot_artefact', ['tenant_id', 'sha256'], unique=False, schema='medical')
    op.create_index('uq_robot_artefact', 'robot_artefact', ['tenant_id', 'task_id', 'kind', 'sha256'], unique=True, schema='medical')
    op.create_table('robot_log',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('task_id', sa.Uuid(), nullable=False),
    sa.Column('at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('step', sa.Text(), nullable=False),
    sa.Column('told', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'task_id'], ['medical.robot_task.tenant_id', 'medical.robot_task.id'], name=op.f('fk_robot_log_task_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_robot_log')),
    schema='medical',
    info={'tenant': True, 'append_only': True}
    )
    op.create_index('ix_robot_log_task_id', 'robot_log', ['tenant_id', 'task_id', 'at'], unique=False, schema='medical')
    op.create_table('shop_order',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('platform', sa.Text(), nullable=False),
    sa.Column('store_id', sa.Uuid(), nullable=False),
    sa.Column('bill_on', sa.Date(), nullable=False),
    sa.Column('order_no', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('ordered_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('finished_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('item_fen', sa.BigInteger(), nullable=False),
    sa.Column('promotion_fen', sa.BigInteger(), nullable=False),
    sa.Column('subsidy_fen', sa.BigInteger(), nullable=False),
    sa.Column('delivery_fen', sa.BigInteger(), nullable=False),
    sa.Column('service_fen', sa.BigInteger(), nullable=False),
    sa.Column('refund_fen', sa.BigInteger(), nullable=False),
    sa.Column('settle_fen', sa.BigInteger(), nullable=False),
    sa.Column('task_id', sa.Uuid(), nullable=False),
    sa.CheckConstraint("platform IN ('meituan', 'eleme', 'pdd')", name=op.f('ck_shop_order_platform')),
    sa.ForeignKeyConstraint(['tenant_id', 'store_id'], ['core.org_unit.tenant_id', 'core.org_unit.id'], name=op.f('fk_shop_order_store_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'task_id'], ['medical.robot_task.tenant_id', 'medical.robot_task.id'], name=op.f('fk_shop_order_task_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_shop_order')),
    schema='medical',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_shop_order_day', 'shop_order', ['tenant_id', 'bill_on', 'store_id'], unique=False, schema='medical')
    op.create_index('ix_shop_order_task_id', 'shop_order', ['tenant_id', 'task_id'], unique=False, schema='medical')
    op.create_index('uq_shop_order_no', 'shop_order', ['tenant_id', 'platform', 'order_no'], unique=True, schema='medical')
    for statement in security.protect_table('medical', 'robot', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('medical', 'store_day', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('medical', 'till_order', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('medical', 'robot_authorisation', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('medical', 'robot_store', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('medical', 'robot_task', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('medical', 'robot_artefact', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('medical', 'robot_log', tenant=True, append_only=True):
        op.execute(statement)
    for statement in security.protect_table('medical', 'shop_order', tenant=True, append_only=False):
        op.execute(statement)


def downgrade() -> None:
    op.drop_index('uq_shop_order_no', table_name='shop_order', schema='medical')
    op.drop_index('ix_shop_order_task_id', table_name='shop_order', schema='medical')
    op.drop_index('ix_shop_order_day', table_name='shop_order', schema='medical')
    op.drop_table('shop_order', schema='medical')
    op.drop_index('ix_robot_log_task_id', table_name='robot_log', schema='medical')
    op.drop_table('robot_log', schema='medical')
    op.drop_index('uq_robot_artefact', table_name='robot_artefact', schema='medical')
    op.drop_index('ix_robot_artefact_sha256', table_name='robot_artefact', schema='medical')
    op.drop_table('robot_artefact', schema='medical')
    op.drop_index('uq_robot_task_day', table_name='robot_task', schema='medical')
    op.drop_index('ix_robot_task_due', table_name='robot_task', schema='medical', postgresql_where=sa.text('next_at IS NOT NULL'))
    op.drop_index('ix_robot_task_created', table_name='robot_task', schema='medical')
    op.drop_table('robot_task', schema='medical')
    op.drop_table('robot_store', schema='medical')
    op.drop_index('ix_robot_authorisation_robot_id', table_name='robot_authorisation', schema='medical')
    op.drop_table('robot_authorisation', schema='medical')
    op.drop_index('ix_till_order_day', table_name='till_order', schema='medical')
    op.drop_table('till_order', schema='medical')
    op.drop_index('uq_store_day', table_name='store_day', schema='medical')
    op.drop_index('ix_store_day_on', table_name='store_day', schema='medical')
    op.drop_table('store_day', schema='medical')
    op.drop_index('uq_robot_name', table_name='robot', schema='medical')
    op.drop_table('robot', schema='medical')
