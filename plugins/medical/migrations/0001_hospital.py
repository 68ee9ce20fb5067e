"""hospital (2026-11-23)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import core.database.tables
from core.database import security

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table('his_link',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('base_url', sa.Text(), nullable=False),
    sa.Column('app_id', sa.Text(), nullable=False),
    sa.Column('secret_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('refund_after_minutes', sa.Integer(), server_default=sa.text('30'), nullable=False),
    sa.Column('open', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('closed_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_his_link')),
    schema='medical',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_his_link_open', 'his_link', ['tenant_id', 'open'], unique=True, schema='medical', postgresql_where=sa.text('open'))
    op.create_table('insurance_clearing',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('period', sa.Text(), nullable=False),
    sa.Column('file_name', sa.Text(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('lines', sa.Integer(), nullable=False),
    sa.Column('paid_fen', sa.BigInteger(), nullable=False),
    sa.Column('refused_fen', sa.BigInteger(), nullable=False),
    sa.Column('loaded_by', sa.Text(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_insurance_clearing')),
    schema='medical',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_insurance_clearing_period', 'insurance_clearing', ['tenant_id', 'period', 'id'], unique=False, schema='medical')
    op.create_index('uq_insurance_clearing_sha256', 'insurance_clearing', ['tenant_id', 'sha256'], unique=True, schema='medical')
    op.create_table('patient',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('patient_no', sa.Text(), nullable=False),
    sa.Column('id_type', sa.Text(), nullable=True),
    sa.Column('id_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('id_index', sa.LargeBinary(), nullable=True),
    sa.Column('id_tail_index', sa.LargeBinary(), nullable=True),
    sa.Column('gender', sa.Text(), nullable=True),
    sa.Column('birth_on', sa.Date(), nullable=True),
    sa.Column('phone_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('insurance', sa.Text(), nullable=False),
    sa.Column('psn_no_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('changed_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("insurance IN ('employee', 'resident', 'self')", name=op.f('ck_patient_insurance')),
    sa.ForeignKeyConstraint(['tenant_id', 'id'], ['core.party.tenant_id', 'core.party.id'], name=op.f('fk_patient_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_patient')),
    schema='medical',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_patient_id_index', 'patient', ['tenant_id', 'id_index'], unique=False, schema='medical')
    op.create_index('uq_patient_patient_no', 'patient', ['tenant_id', 'patient_no'], unique=True, schema='medical')
    op.create_table('vendor',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('app_id', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('scenes', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('active', 'suspended')", name=op.f('ck_vendor_status')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_vendor')),
    schema='medical',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_vendor_app_id', 'vendor', ['tenant_id', 'app_id'], unique=True, schema='medical')
    op.create_index('uq_vendor_name', 'vendor', ['tenant_id', 'name'], unique=True, schema='medical')
    op.create_table('insurance_clearing_line',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('clearing_id', sa.Uuid(), nullable=False),
    sa.Column('row_no', sa.Integer(), nullable=False),
    sa.Column('setl_id', sa.Text(), nullable=False),
    sa.Column('settled_on', sa.Date(), nullable=True),
    sa.Column('clr_type', sa.Text(), nullable=False),
    sa.Column('total_fen', sa.BigInteger(), nullable=False),
    sa.Column('fund_fen', sa.BigInteger(), nullable=False),
    sa.Column('account_fen', sa.BigInteger(), nullable=False),
    sa.Column('paid_fen', sa.BigInteger(), nullable=False),
    sa.Column('refused_fen', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['tenant_id', 'clearing_id'], ['medical.insurance_clearing.tenant_id', 'medical.insurance_clearing.id'], name=op.f('fk_insurance_clearing_line_clearing_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'clearing_id', 'row_no', name=op.f('pk_insurance_clearing_line')),
    schema='medical',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_insurance_clearing_line_setl_id', 'insurance_clearing_line', ['tenant_id', 'setl_id'], unique=False, schema='medical')
    op.create_table('legacy_balance',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('card_no', sa.Text(), nullable=False),
    sa.Column('patient_id', sa.Uuid(), nullable=True),
    sa.Column('patient_no', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('phone_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('last_used_on', sa.Date(), nullable=True),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('account_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('account_masked', sa.Text(), nullable=True),
    sa.Column('identity', sa.Text(), nullable=True),
    sa.Column('evidence', sa.Text(), nullable=True),
    sa.Column('paid_on', sa.Date(), nullable=True),
    sa.Column('made_by', sa.Text(), nullable=True),
    sa.Column('made_by_id', sa.Text(), nullable=True),
    sa.Column('checked_by', sa.Text(), nullable=True),
    sa.Column('told_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('refunded_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("(status = 'refunded') = (evidence IS NOT NULL)", name=op.f('ck_legacy_balance_evidence')),
    sa.CheckConstraint("status IN ('listed', 'claimed', 'frozen', 'refunding', 'refunded')", name=op.f('ck_legacy_balance_status')),
    sa.CheckConstraint('amount_fen > 0', name=op.f('ck_legacy_balance_amount')),
    sa.ForeignKeyConstraint(['tenant_id', 'patient_id'], ['medical.patient.tenant_id', 'medical.patient.id'], name=op.f('fk_legacy_balance_patient_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_legacy_balance')),
    schema='medical',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_legacy_balance_patient', 'legacy_balance', ['tenant_id', 'patient_no'], unique=False, schema='medical')
    op.create_index('ix_legacy_balance_status', 'legacy_balance', ['tenant_id', 'status', 'id'], unique=False, schema='medical')
    op.create_index('uq_legacy_balance_card', 'legacy_balance', ['tenant_id', 'source', 'card_no'], unique=True, schema='medical')
    op.create_index('uq_legacy_balance_evidence', 'legacy_balance', ['tenant_id', 'evidence'], unique=True, schema='medical', postgresql_where=sa.text('evidence IS NOT NULL'))
    op.create_table('patient_card',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('patient_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('number_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('number_index', sa.LargeBinary(), nullable=False),
    sa.Column('tail', sa.Text(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'patient_id'], ['medical.patient.tenant_id', 'medical.patient.id'], name=op.f('fk_patient_card_patient_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_patient_card')),
    schema='medical',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_patient_card_patient_id', 'patient_card', ['tenant_id', 'patient_id'], unique=False, schema='medical')
    op.create_index('uq_patient_card_number', 'patient_card', ['tenant_id', 'kind', 'number_index'], unique=True, schema='medical')
    op.create_table('vendor_key',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('key_id', sa.Uuid(), nullable=False),
    sa.Column('vendor_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'key_id'], ['core.api_key.tenant_id', 'core.api_key.id'], name=op.f('fk_vendor_key_key_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'vendor_id'], ['medical.vendor.tenant_id', 'medical.vendor.id'], name=op.f('fk_vendor_key_vendor_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'key_id', name=op.f('pk_vendor_key')),
    schema='medical',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_vendor_key_vendor_id', 'vendor_key', ['tenant_id', 'vendor_id'], unique=False, schema='medical')
    op.create_table('visit',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('visit_no', sa.Text(), nullable=False),
    sa.Column('patient_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('department_id', sa.Uuid(), nullable=True),
    sa.Column('doctor', sa.Text(), nullable=True),
    sa.Column('began_on', sa.Date(), nullable=False),
    sa.Column('discharged_on', sa.Date(), nullable=True),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("kind IN ('outpatient', 'emergency', 'inpatient', 'internet')", name=op.f('ck_visit_kind')),
    sa.CheckConstraint("status IN ('open', 'closed', 'cancelled')", name=op.f('ck_visit_status')),
    sa.ForeignKeyConstraint(['tenant_id', 'department_id'], ['core.org_unit.tenant_id', 'core.org_unit.id'], name=op.f('fk_visit_department_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'patient_id'], ['medical.patient.tenant_id', 'medical.patient.id'], name=op.f('fk_visit_patient_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_visit')),
    schema='medical',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_visit_began', 'visit', ['tenant_id', 'began_on', 'id'], unique=False, schema='medical')
    op.create_index('ix_visit_patient_id', 'visit', ['tenant_id', 'patient_id', 'began_on'], unique=False, schema='medical')
    op.create_index('uq_visit_visit_no', 'visit', ['tenant_id', 'visit_no'], unique=True, schema='medical')
    op.create_table('med_order',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('his_bill_no', sa.Text(), nullable=False),
    sa.Column('vendor_id', sa.Uuid(), nullable=True),
    sa.Column('vendor_order_no', sa.Text(), nullable=True),
    sa.Column('patient_id', sa.Uuid(), nullable=False),
    sa.Column('visit_id', sa.Uuid(), nullable=True),
    sa.Column('department_id', sa.Uuid(), nullable=True),
    sa.Column('scene', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('items_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('categories', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('total_fen', sa.BigInteger(), nullable=False),
    sa.Column('fund_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('account_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('mutual_aid_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('hospital_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('cash_fen', sa.BigInteger(), nullable=False),
    sa.Column('bill_id', sa.Uuid(), nullable=True),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('refunded_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('paid_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('posted_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('his_serial', sa.Text(), nullable=True),
    sa.Column('post_tries', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('post_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('post_error', sa.Text(), nullable=True),
    sa.Column('post_failed_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('body_hash', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("kind IN ('register', 'outpatient', 'deposit', 'discharge', 'prepay')", name=op.f('ck_med_order_kind')),
    sa.CheckConstraint("scene IN ('window', 'selfservice', 'inpatient', 'internet')", name=op.f('ck_med_order_scene')),
    sa.CheckConstraint("status IN ('created', 'insurance_pre_settled', 'awaiting_payment', 'cancelled', 'paid', 'posted', 'post_failed', 'partial_refund', 'refunded')", name=op.f('ck_med_order_status')),
    sa.CheckConstraint('total_fen = fund_fen + account_fen + mutual_aid_fen + cash_fen + hospital_fen', name=op.f('ck_med_order_split')),
    sa.CheckConstraint('total_fen > 0 AND fund_fen >= 0 AND account_fen >= 0 AND mutual_aid_fen >= 0 AND cash_fen >= 0 AND hospital_fen >= 0 AND refunded_fen >= 0 AND refunded_fen <= cash_fen', name=op.f('ck_med_order_amounts')),
    sa.ForeignKeyConstraint(['tenant_id', 'bill_id'], ['core.bill.tenant_id', 'core.bill.id'], name=op.f('fk_med_order_bill_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'department_id'], ['core.org_unit.tenant_id', 'core.org_unit.id'], name=op.f('fk_med_order_department_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'patient_id'], ['medical.patient.tenant_id', 'medical.patient.id'], name=op.f('fk_med_order_patient_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'vendor_id'], ['medical.vendor.tenant_id', 'medical.vendor.id'], name=op.f('fk_med_order_vendor_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'visit_id'], ['medical.visit.tenant_id', 'medical.visit.id'], name=op.f('fk_med_order_visit_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_med_order')),
    schema='medical',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_med_order_awaiting', 'med_order', ['tenant_id', 'bill_id'], unique=False, schema='medical', postgresql_where=sa.text("status = 'awaiting_payment'"))
    op.create_index('ix_med_order_created', 'med_order', ['tenant_id', 'created_at', 'id'], unique=False, schema='medical')
    op.create_index('ix_med_order_failed', 'med_order', ['tenant_id', 'post_failed_at'], unique=False, schema='medical', postgresql_where=sa.text("status = 'post_failed'"))
    op.create_index('ix_med_order_patient_id', 'med_order', ['tenant_id', 'patient_id', 'created_at'], unique=False, schema='medical')
    op.create_index('ix_med_order_post_at', 'med_order', ['tenant_id', 'post_at'], unique=False, schema='medical', postgresql_where=sa.text('post_at IS NOT NULL'))
    op.create_index('ix_med_order_vendor_paid', 'med_order', ['tenant_id', 'vendor_id', 'paid_at'], unique=False, schema='medical')
    op.create_index('ix_med_order_visit_id', 'med_order', ['tenant_id', 'visit_id'], unique=False, schema='medical')
    op.create_index('uq_med_order_bill_id', 'med_order', ['tenant_id', 'bill_id'], unique=True, schema='medical')
    op.create_index('uq_med_order_his_bill_no', 'med_order', ['tenant_id', 'his_bill_no'], unique=True, schema='medical')
    op.create_index('uq_med_order_number', 'med_order', ['tenant_id', 'number'], unique=True, schema='medical')
    op.create_index('uq_med_order_vendor_no', 'med_order', ['tenant_id', 'vendor_id', 'vendor_order_no'], unique=True, schema='medical')
    op.create_table('his_call',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=True),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('message', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['tenant_id', 'order_id'], ['medical.med_order.tenant_id', 'medical.med_order.id'], name=op.f('fk_his_call_order_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_his_call')),
    schema='medical',
    info={'tenant': True, 'append_only': True}
    )
    op.create_index('ix_his_call_at', 'his_call', ['tenant_id', 'at', 'id'], unique=False, schema='medical')
    op.create_index('ix_his_call_order_id', 'his_call', ['tenant_id', 'order_id', 'at'], unique=False, schema='medical')
    op.create_table('his_disagreement',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('ours', sa.Text(), nullable=False),
    sa.Column('theirs', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), server_default=sa.text("'open'"), nullable=False),
    sa.Column('settled_by', sa.Text(), nullable=True),
    sa.Column('settled_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("kind IN ('amount', 'serial', 'twice', 'cancelled')", name=op.f('ck_his_disagreement_kind')),
    sa.CheckConstraint("status IN ('open', 'settled')", name=op.f('ck_his_disagreement_status')),
    sa.ForeignKeyConstraint(['tenant_id', 'order_id'], ['medical.med_order.tenant_id', 'medical.med_order.id'], name=op.f('fk_his_disagreement_order_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_his_disagreement')),
    schema='medical',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_his_disagreement_open', 'his_disagreement', ['tenant_id', 'id'], unique=False, schema='medical', postgresql_where=sa.text("status = 'open'"))
    op.create_index('uq_his_disagreement_said', 'his_disagreement', ['tenant_id', 'order_id', 'kind', 'theirs'], unique=True, schema='medical')
    op.create_table('his_repost',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('remedy_id', sa.Uuid(), nullable=False),
    sa.Column('klass', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=True),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('tries', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('due_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('message', sa.Text(), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('asked', 'accepted', 'refused')", name=op.f('ck_his_repost_status')),
    sa.ForeignKeyConstraint(['tenant_id', 'order_id'], ['medical.med_order.tenant_id', 'medical.med_order.id'], name=op.f('fk_his_repost_order_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'remedy_id', name=op.f('pk_his_repost')),
    schema='medical',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_his_repost_due_at', 'his_repost', ['tenant_id', 'due_at'], unique=False, schema='medical', postgresql_where=sa.text('due_at IS NOT NULL'))
    op.create_table('his_turn',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=False),
    sa.Column('until', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'order_id'], ['medical.med_order.tenant_id', 'medical.med_order.id'], name=op.f('fk_his_turn_order_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'order_id', name=op.f('pk_his_turn')),
    schema='medical',
    info={'tenant': True, 'append_only': False}
    )
    op.create_table('insurance_settlement',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('setl_id', sa.Text(), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=True),
    sa.Column('visit_id', sa.Uuid(), nullable=True),
    sa.Column('patient_id', sa.Uuid(), nullable=False),
    sa.Column('clr_type', sa.Text(), nullable=False),
    sa.Column('settled_on', sa.Date(), nullable=True),
    sa.Column('medfee_sumamt_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('hifp_pay_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('fund_pay_sumamt_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('acct_pay_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('acct_mulaid_pay_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('psn_cash_pay_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('psn_part_amt_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('hosp_part_amt_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('inscp_amt_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('fulamt_ownpay_amt_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('preselfpay_amt_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('reversal_no', sa.Text(), nullable=True),
    sa.Column('reversal_tries', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('reversal_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('reversal_error', sa.Text(), nullable=True),
    sa.Column('reversed_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('clearing_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('pre_settled', 'settled', 'cancelled', 'reversing', 'cleared', 'reversed')", name=op.f('ck_insurance_settlement_status')),
    sa.CheckConstraint('medfee_sumamt_fen = fund_pay_sumamt_fen + acct_pay_fen + acct_mulaid_pay_fen + psn_cash_pay_fen + hosp_part_amt_fen', name=op.f('ck_insurance_settlement_identity')),
    sa.ForeignKeyConstraint(['tenant_id', 'clearing_id'], ['medical.insurance_clearing.tenant_id', 'medical.insurance_clearing.id'], name=op.f('fk_insurance_settlement_clearing_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'order_id'], ['medical.med_order.tenant_id', 'medical.med_order.id'], name=op.f('fk_insurance_settlement_order_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'patient_id'], ['medical.patient.tenant_id', 'medical.patient.id'], name=op.f('fk_insurance_settlement_patient_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'visit_id'], ['medical.visit.tenant_id', 'medical.visit.id'], name=op.f('fk_insurance_settlement_visit_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_insurance_settlement')),
    schema='medical',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_insurance_settlement_order_id', 'insurance_settlement', ['tenant_id', 'order_id'], unique=False, schema='medical')
    op.create_index('ix_insurance_settlement_reversal', 'insurance_settlement', ['tenant_id', 'reversal_at'], unique=False, schema='medical', postgresql_where=sa.text('reversal_at IS NOT NULL'))
    op.create_index('ix_insurance_settlement_settled', 'insurance_settlement', ['tenant_id', 'settled_on', 'id'], unique=False, schema='medical')
    op.create_index('uq_insurance_settlement_setl_id', 'insurance_settlement', ['tenant_id', 'setl_id'], unique=True, schema='medical')
    op.create_table('admission',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('visit_id', sa.Uuid(), nullable=False),
    sa.Column('patient_id', sa.Uuid(), nullable=False),
    sa.Column('ward', sa.Text(), nullable=True),
    sa.Column('bed', sa.Text(), nullable=True),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('total_fen', sa.BigInteger(), nullable=True),
    sa.Column('cash_fen', sa.BigInteger(), nullable=True),
    sa.Column('settlement_id', sa.Uuid(), nullable=True),
    sa.Column('setl_no', sa.Text(), nullable=True),
    sa.Column('settled_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('settled_hash', sa.LargeBinary(), nullable=True),
    sa.Column('shortage_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('surplus_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('discharge_order_id', sa.Uuid(), nullable=True),
    sa.Column('requested_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('closed_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('look_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('waits_for', sa.Text(), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('in_hospital', 'discharge_requested', 'cancelled', 'insurance_settled', 'collecting', 'refunding', 'closed')", name=op.f('ck_admission_status')),
    sa.CheckConstraint('shortage_fen >= 0 AND surplus_fen >= 0 AND (shortage_fen = 0 OR surplus_fen = 0)', name=op.f('ck_admission_left')),
    sa.ForeignKeyConstraint(['tenant_id', 'discharge_order_id'], ['medical.med_order.tenant_id', 'medical.med_order.id'], name=op.f('fk_admission_discharge_order_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'patient_id'], ['medical.patient.tenant_id', 'medical.patient.id'], name=op.f('fk_admission_patient_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'settlement_id'], ['medical.insurance_settlement.tenant_id', 'medical.insurance_settlement.id'], name=op.f('fk_admission_settlement_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'visit_id'], ['medical.visit.tenant_id', 'medical.visit.id'], name=op.f('fk_admission_visit_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_admission')),
    schema='medical',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_admission_created', 'admission', ['tenant_id', 'created_at', 'id'], unique=False, schema='medical')
    op.create_index('ix_admission_look_at', 'admission', ['tenant_id', 'look_at'], unique=False, schema='medical', postgresql_where=sa.text('look_at IS NOT NULL'))
    op.create_index('ix_admission_status', 'admission', ['tenant_id', 'status', 'due_on'], unique=False, schema='medical')
    op.create_index('uq_admission_visit_id', 'admission', ['tenant_id', 'visit_id'], unique=True, schema='medical')
    op.create_table('med_return',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('his_refund_no', sa.Text(), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=False),
    sa.Column('vendor_id', sa.Uuid(), nullable=True),
    sa.Column('cash_fen', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('settlement_id', sa.Uuid(), nullable=True),
    sa.Column('refund_id', sa.Uuid(), nullable=True),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('told_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('tell_tries', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('due_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('body_hash', sa.LargeBinary(), nullable=False),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('made_by_id', sa.Text(), nullable=False),
    sa.Column('finished_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('requested', 'insurance_reversed', 'insurance_refused', 'refunding', 'rejected', 'done', 'failed')", name=op.f('ck_med_return_status')),
    sa.CheckConstraint('cash_fen >= 0', name=op.f('ck_med_return_amount')),
    sa.ForeignKeyConstraint(['tenant_id', 'order_id'], ['medical.med_order.tenant_id', 'medical.med_order.id'], name=op.f('fk_med_return_order_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'refund_id'], ['core.refund.tenant_id', 'core.refund.id'], name=op.f('fk_med_return_refund_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'settlement_id'], ['medical.insurance_settlement.tenant_id', 'medical.insurance_settlement.id'], name=op.f('fk_med_return_settlement_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'vendor_id'], ['medical.vendor.tenant_id', 'medical.vendor.id'], name=op.f('fk_med_return_vendor_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_med_return')),
    schema='medical',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_med_return_due_at', 'med_return', ['tenant_id', 'due_at'], unique=False, schema='medical', postgresql_where=sa.text('due_at IS NOT NULL'))
    op.create_index('ix_med_return_moving', 'med_return', ['tenant_id', 'id'], unique=False, schema='medical', postgresql_where=sa.text("status IN ('requested', 'insurance_refused', 'insurance_reversed', 'refunding', 'failed')"))
    op.create_index('ix_med_return_order_id', 'med_return', ['tenant_id', 'order_id'], unique=False, schema='medical')
    op.create_index('ix_med_return_refund_id', 'med_return', ['tenant_id', 'refund_id'], unique=False, schema='medical')
    op.create_index('uq_med_return_his_refund_no', 'med_return', ['tenant_id', 'his_refund_no'], unique=True, schema='medical')
    op.create_index('uq_med_return_number', 'med_return', ['tenant_id', 'number'], unique=True, schema='medical')
    op.create_table('daily_list',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('admission_id', sa.Uuid(), nullable=False),
    sa.Column('list_on', sa.Date(), nullable=False),
    sa.Column('total_fen', sa.BigInteger(), nullable=False),
    sa.Column('categories', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('items_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('items', sa.Integer(), nullable=False),
    sa.Column('body_hash', sa.LargeBinary(), nullable=False),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('changed_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'admission_id'], ['medical.admission.tenant_id', 'medical.admission.id'], name=op.f('fk_daily_list_admission_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'admission_id', 'list_on', name=op.f('pk_daily_list')),
    schema='medical',
    info={'tenant': True, 'append_only': False}
    )
    op.create_table('deposit',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('deposit_no', sa.Text(), nullable=False),
    sa.Column('admission_id', sa.Uuid(), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=False),
    sa.Column('return_id', sa.Uuid(), nullable=True),
    sa.Column('returns', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'admission_id'], ['medical.admission.tenant_id', 'medical.admission.id'], name=op.f('fk_deposit_admission_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'order_id'], ['medical.med_order.tenant_id', 'medical.med_order.id'], name=op.f('fk_deposit_order_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'return_id'], ['medical.med_return.tenant_id', 'medical.med_return.id'], name=op.f('fk_deposit_return_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_deposit')),
    schema='medical',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_deposit_admission_id', 'deposit', ['tenant_id', 'admission_id'], unique=False, schema='medical')
    op.create_index('uq_deposit_deposit_no', 'deposit', ['tenant_id', 'deposit_no'], unique=True, schema='medical')
    op.create_index('uq_deposit_order_id', 'deposit', ['tenant_id', 'order_id'], unique=True, schema='medical')
    for statement in security.protect_table('medical', 'his_link', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('medical', 'insurance_clearing', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('medical', 'patient', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('medical', 'vendor', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('medical', 'insurance_clearing_line', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('medical', 'legacy_balance', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('medical', 'patient_card', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('medical', 'vendor_key', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('medical', 'visit', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('medical', 'med_order', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('medical', 'his_call', tenant=True, append_only=True):
        op.execute(statement)
    for statement in security.protect_table('medical', 'his_disagreement', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('medical', 'his_repost', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('medical', 'his_turn', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('medical', 'insurance_settlement', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('medical', 'admission', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('medical', 'med_return', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('medical', 'daily_list', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('medical', 'deposit', tenant=True, append_only=False):
        op.execute(statement)


def downgrade() -> None:
    op.drop_index('uq_deposit_order_id', table_name='deposit', schema='medical')
    op.drop_index('uq_deposit_deposit_no', table_name='deposit', schema='medical')
    op.drop_index('ix_deposit_admission_id', table_name='deposit', schema='medical')
    op.drop_table('deposit', schema='medical')
    op.drop_table('daily_list', schema='medical')
    op.drop_index('uq_med_return_number', table_name='med_return', schema='medical')
    op.drop_index('uq_med_return_his_refund_no', table_name='med_return', schema='medical')
    op.drop_index('ix_med_return_refund_id', table_name='med_return', schema='medical')
    op.drop_index('ix_med_return_order_id', table_name='med_return', schema='medical')
    op.drop_index('ix_med_return_moving', table_name='med_return', schema='medical', postgresql_where=sa.text("status IN ('requested', 'insurance_refused', 'insurance_reversed', 'refunding', 'failed')"))
    op.drop_index('ix_med_return_due_at', table_name='med_return', schema='medical', postgresql_where=sa.text('due_at IS NOT NULL'))
    op.drop_table('med_return', schema='medical')
    op.drop_index('uq_admission_visit_id', table_name='admission', schema='medical')
    op.drop_index('ix_admission_status', table_name='admission', schema='medical')
    op.drop_index('ix_admission_look_at', table_name='admission', schema='medical', postgresql_where=sa.text('look_at IS NOT NULL'))
    op.drop_index('ix_admission_created', table_name='admission', schema='medical')
    op.drop_table('admission', schema='medical')
    op.drop_index('uq_insurance_settlement_setl_id', table_name='insurance_settlement', schema='medical')
    op.drop_index('ix_insurance_settlement_settled', table_name='insurance_settlement', schema='medical')
    op.drop_index('ix_insurance_settlement_reversal', table_name='insurance_settlement', schema='medical', postgresql_where=sa.text('reversal_at IS NOT NULL'))
    op.drop_index('ix_insurance_settlement_order_id', table_name='insurance_settlement', schema='medical')
    op.drop_table('insurance_settlement', schema='medical')
    op.drop_table('his_turn', schema='medical')
    op.drop_index('ix_his_repost_due_at', table_name='his_repost', schema='medical', postgresql_where=sa.text('due_at IS NOT NULL'))
    op.drop_table('his_repost', schema='medical')
    op.drop_index('uq_his_disagreement_said', table_name='his_disagreement', schema='medical')
    op.drop_index('ix_his_disagreement_open', table_name='his_disagreement', schema='medical', postgresql_where=sa.text("status = 'open'"))
    op.drop_table('his_disagreement', schema='medical')
    op.drop_index('ix_his_call_order_id', table_name='his_call', schema='medical')
    op.drop_index('ix_his_call_at', table_name='his_call', schema='medical')
    op.drop_table('his_call', schema='medical')
    op.drop_index('uq_med_order_vendor_no', table_name='med_order', schema='medical')
    op.drop_index('uq_med_order_number', table_name='med_order', schema='medical')
    op.drop_index('uq_med_order_his_bill_no', table_name='med_order', schema='medical')
    op.drop_index('uq_med_order_bill_id', table_name='med_order', schema='medical')
    op.drop_index('ix_med_order_visit_id', table_name='med_order', schema='medical')
    op.drop_index('ix_med_order_vendor_paid', table_name='med_order', schema='medical')
    op.drop_index('ix_med_order_post_at', table_name='med_order', schema='medical', postgresql_where=sa.text('post_at IS NOT NULL'))
    op.drop_index('ix_med_order_patient_id', table_name='med_order', schema='medical')
    op.drop_index('ix_med_order_failed', table_name='med_order', schema='medical', postgresql_where=sa.text("status = 'post_failed'"))
    op.drop_index('ix_med_order_created', table_name='med_order', schema='medical')
    op.drop_index('ix_med_order_awaiting', table_name='med_order', schema='medical', postgresql_where=sa.text("status = 'awaiting_payment'"))
    op.drop_table('med_order', schema='medical')
    op.drop_index('uq_visit_visit_no', table_name='visit', schema='medical')
    op.drop_index('ix_visit_patient_id', table_name='visit', schema='medical')
    op.drop_index('ix_visit_began', table_name='visit', schema='medical')
    op.drop_table('visit', schema='medical')
    op.drop_index('ix_vendor_key_vendor_id', table_name='vendor_key', schema='medical')
    op.drop_table('vendor_key', schema='medical')
    op.drop_index('uq_patient_card_number', table_name='patient_card', schema='medical')
    op.drop_index('ix_patient_card_patient_id', table_name='patient_card', schema='medical')
    op.drop_table('patient_card', schema='medical')
    op.drop_index('uq_legacy_balance_evidence', table_name='legacy_balance', schema='medical', postgresql_where=sa.text('evidence IS NOT NULL'))
    op.drop_index('uq_legacy_balance_card', table_name='legacy_balance', schema='medical')
    op.drop_index('ix_legacy_balance_status', table_name='legacy_balance', schema='medical')
    op.drop_index('ix_legacy_balance_patient', table_name='legacy_balance', schema='medical')
    op.drop_table('legacy_balance', schema='medical')
    op.drop_index('ix_insurance_clearing_line_setl_id', table_name='insurance_clearing_line', schema='medical')
    op.drop_table('insurance_clearing_line', schema='medical')
    op.drop_index('uq_vendor_name', table_name='vendor', schema='medical')
    op.drop_index('uq_vendor_app_id', table_name='vendor', schema='medical')
    op.drop_table('vendor', schema='medical')
    op.drop_index('uq_patient_patient_no', table_name='patient', schema='medical')
    op.drop_index('ix_patient_id_index', table_name='patient', schema='medical')
    op.drop_table('patient', schema='medical')
    op.drop_index('uq_insurance_clearing_sha256', table_name='insurance_clearing', schema='medical')
    op.drop_index('ix_insurance_clearing_period', table_name='insurance_clearing', schema='medical')
    op.drop_table('insurance_clearing', schema='medical')
    op.drop_index('uq_his_link_open', table_name='his_link', schema='medical', postgresql_where=sa.text('open'))
    op.drop_table('his_link', schema='medical')
