"""channels, refunds, counter (2026-11-22)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import core.database.tables
from core.database import security

revision = "0002"
down_revision = '0001'


def upgrade() -> None:
    op.execute("ALTER TABLE core.channel_account NO FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE core.merchant NO FORCE ROW LEVEL SECURITY")
    op.create_table('bank_transfer',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('reference', sa.Text(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('sub_account', sa.Text(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('payer_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('payer_masked', sa.Text(), nullable=False),
    sa.Column('body_hash', sa.LargeBinary(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('party_id', sa.Uuid(), nullable=True),
    sa.Column('payment_id', sa.Uuid(), nullable=True),
    sa.Column('received_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('received', 'matched', 'suspense')", name=op.f('ck_bank_transfer_status')),
    sa.CheckConstraint('amount_fen > 0', name=op.f('ck_bank_transfer_amount')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_bank_transfer')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_bank_transfer_received', 'bank_transfer', ['tenant_id', 'received_at', 'id'], unique=False, schema='core')
    op.create_index('uq_bank_transfer_reference', 'bank_transfer', ['tenant_id', 'reference'], unique=True, schema='core')
    op.create_table('cashier_shift',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('cashier_id', sa.Text(), nullable=False),
    sa.Column('cashier', sa.Text(), nullable=False),
    sa.Column('window', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('float_fen', sa.BigInteger(), nullable=False),
    sa.Column('opened_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('counted', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('counted_fen', sa.BigInteger(), nullable=True),
    sa.Column('expected_fen', sa.BigInteger(), nullable=True),
    sa.Column('variance_reason', sa.Text(), nullable=True),
    sa.Column('submitted_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('kept_fen', sa.BigInteger(), nullable=True),
    sa.Column('slip', sa.Text(), nullable=True),
    sa.Column('accepted_by', sa.Text(), nullable=True),
    sa.Column('accepted_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('journal_id', sa.Uuid(), nullable=True),
    sa.CheckConstraint("status IN ('open', 'counting', 'submitted', 'variance_review', 'accepted')", name=op.f('ck_cashier_shift_status')),
    sa.CheckConstraint('float_fen >= 0 AND counted_fen >= 0 AND kept_fen >= 0', name=op.f('ck_cashier_shift_amounts')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_cashier_shift')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_cashier_shift_opened', 'cashier_shift', ['tenant_id', 'opened_at', 'id'], unique=False, schema='core')
    op.create_index('uq_cashier_shift_live', 'cashier_shift', ['tenant_id', 'cashier_id'], unique=True, schema='core', postgresql_where=sa.text("status IN ('open', 'counting', 'variance_review')"))
    op.create_table('channel_health',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('channel_account_id', sa.Uuid(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('failed_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('open_until', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'channel_account_id', name=op.f('pk_channel_health')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_table('counter_entry',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('shift_id', sa.Uuid(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('order_number', sa.Text(), nullable=True),
    sa.Column('payment_id', sa.Uuid(), nullable=True),
    sa.Column('refund_number', sa.Text(), nullable=True),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('entered_by', sa.Text(), nullable=False),
    sa.Column('entered_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.CheckConstraint("kind IN ('cash', 'pos', 'transfer', 'cheque')", name=op.f('ck_counter_entry_kind')),
    sa.CheckConstraint('(amount_fen < 0) = (refund_number IS NOT NULL)', name=op.f('ck_counter_entry_direction')),
    sa.CheckConstraint('amount_fen <> 0', name=op.f('ck_counter_entry_amount')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_counter_entry')),
    schema='core',
    info={'tenant': True, 'append_only': True}
    )
    op.create_index('ix_counter_entry_shift', 'counter_entry', ['tenant_id', 'shift_id', 'id'], unique=False, schema='core')
    op.create_index('uq_counter_entry_number', 'counter_entry', ['tenant_id', 'number'], unique=True, schema='core')
    op.create_index('uq_counter_entry_refund', 'counter_entry', ['tenant_id', 'refund_number'], unique=True, schema='core')
    op.create_table('receipt_issuer',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('ticket', sa.Text(), nullable=False),
    sa.Column('base_url', sa.Text(), nullable=False),
    sa.Column('app_id', sa.Text(), nullable=False),
    sa.Column('credentials_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('settings', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('status', sa.Text(), server_default=sa.text("'active'"), nullable=False),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('active', 'suspended')", name=op.f('ck_receipt_issuer_status')),
    sa.CheckConstraint("ticket IN ('fiscal', 'einvoice')", name=op.f('ck_receipt_issuer_ticket')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_receipt_issuer')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_receipt_issuer_ticket', 'receipt_issuer', ['tenant_id', 'ticket'], unique=True, schema='core')
    op.create_table('refund_batch',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('org_id', sa.Uuid(), nullable=True),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('made_by_id', sa.Text(), nullable=False),
    sa.Column('checked_by', sa.Text(), nullable=True),
    sa.Column('checked_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('job_id', sa.Uuid(), nullable=True),
    sa.Column('finished_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('created', 'approved', 'rejected', 'running', 'done', 'partial')", name=op.f('ck_refund_batch_status')),
    sa.CheckConstraint('count > 0 AND amount_fen > 0', name=op.f('ck_refund_batch_amounts')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_refund_batch')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_refund_batch_created', 'refund_batch', ['tenant_id', 'created_at', 'id'], unique=False, schema='core')
    op.create_index('uq_refund_batch_number', 'refund_batch', ['tenant_id', 'number'], unique=True, schema='core')
    op.create_table('static_code',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('org_id', sa.Uuid(), nullable=True),
    sa.Column('item_code', sa.Text(), nullable=True),
    sa.Column('day_cap_fen', sa.BigInteger(), nullable=False),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('day_cap_fen > 0', name=op.f('ck_static_code_cap')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_static_code')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_static_code_code', 'static_code', ['tenant_id', 'code'], unique=True, schema='core')
    op.create_table('static_visit',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('payer_session_id', sa.Uuid(), nullable=False),
    sa.Column('static_code_id', sa.Uuid(), nullable=False),
    sa.Column('seen_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'payer_session_id', name=op.f('pk_static_visit')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_table('cheque',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('bank', sa.Text(), nullable=False),
    sa.Column('drawer', sa.Text(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('items', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('shift_id', sa.Uuid(), nullable=False),
    sa.Column('taken_by', sa.Text(), nullable=False),
    sa.Column('decided_by', sa.Text(), nullable=True),
    sa.Column('decided_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('received', 'cleared', 'bounced')", name=op.f('ck_cheque_status')),
    sa.CheckConstraint('amount_fen > 0', name=op.f('ck_cheque_amount')),
    sa.ForeignKeyConstraint(['tenant_id', 'shift_id'], ['core.cashier_shift.tenant_id', 'core.cashier_shift.id'], name=op.f('fk_cheque_shift_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_cheque')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_cheque_number', 'cheque', ['tenant_id', 'bank', 'number'], unique=True, schema='core', postgresql_where=sa.text("status <> 'bounced'"))
    op.create_table('onboarding_case',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('legal_name', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('uscc', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('person_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('person_masked', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('person_id_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('person_id_masked', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('industry', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('scope', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('account_holder', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('account_bank', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('account_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('account_masked', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('contact_name', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('contact_phone_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('contact_phone_masked', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('channels', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('settlement_days', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('rates', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('results', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('submitted_by', sa.Text(), nullable=True),
    sa.Column('submitted_by_name', sa.Text(), nullable=True),
    sa.Column('reviewed_by', sa.Text(), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('draft', 'submitted', 'bank_review', 'channel_review', 'bank_rejected', 'signing', 'channel_rejected', 'active', 'signing_rejected')", name=op.f('ck_onboarding_case_status')),
    sa.ForeignKeyConstraint(['tenant_id', 'merchant_id'], ['core.merchant.tenant_id', 'core.merchant.id'], name=op.f('fk_onboarding_case_merchant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_onboarding_case')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_onboarding_case_merchant_id', 'onboarding_case', ['tenant_id', 'merchant_id'], unique=True, schema='core')
    op.create_table('rate',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('card_type', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('rate_ppm', sa.Integer(), nullable=False),
    sa.Column('cap_fen', sa.BigInteger(), nullable=True),
    sa.Column('min_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=True),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('rate_ppm BETWEEN 0 AND 100000 AND min_fen >= 0 AND cap_fen >= min_fen AND until_on >= from_on', name=op.f('ck_rate_amounts')),
    sa.ForeignKeyConstraint(['tenant_id', 'merchant_id'], ['core.merchant.tenant_id', 'core.merchant.id'], name=op.f('fk_rate_merchant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_rate')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_rate_from_on', 'rate', ['tenant_id', 'merchant_id', 'channel', 'card_type', 'from_on'], unique=True, schema='core')
    op.create_table('static_use',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=False),
    sa.Column('static_code_id', sa.Uuid(), nullable=False),
    sa.Column('payer_session_id', sa.Uuid(), nullable=False),
    sa.Column('openid', sa.Text(), nullable=True),
    sa.Column('day', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'order_id'], ['core.payment_order.tenant_id', 'core.payment_order.id'], name=op.f('fk_static_use_order_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'order_id', name=op.f('pk_static_use')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_static_use_day', 'static_use', ['tenant_id', 'day', 'payer_session_id'], unique=False, schema='core')
    op.create_table('channel_draft',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('channel_account_id', sa.Uuid(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'channel_account_id'], ['core.channel_account.tenant_id', 'core.channel_account.id'], name=op.f('fk_channel_draft_channel_account_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_channel_draft')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_channel_draft_created_at', 'channel_draft', ['tenant_id', 'created_at'], unique=False, schema='core')
    op.create_table('onboarding_document',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('file_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('added_by', sa.Text(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'case_id'], ['core.onboarding_case.tenant_id', 'core.onboarding_case.id'], name=op.f('fk_onboarding_document_case_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'file_id'], ['core.stored_file.tenant_id', 'core.stored_file.id'], name=op.f('fk_onboarding_document_file_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_onboarding_document')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_onboarding_document_case_id', 'onboarding_document', ['tenant_id', 'case_id'], unique=False, schema='core')
    op.create_table('onboarding_event',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('case_id', sa.Uuid(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('target', sa.Text(), nullable=False),
    sa.Column('side', sa.Text(), nullable=False),
    sa.Column('by_name', sa.Text(), nullable=False),
    sa.Column('remark', sa.Text(), nullable=False),
    sa.Column('at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'case_id'], ['core.onboarding_case.tenant_id', 'core.onboarding_case.id'], name=op.f('fk_onboarding_event_case_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_onboarding_event')),
    schema='core',
    info={'tenant': True, 'append_only': True}
    )
    op.create_index('ix_onboarding_event_case_id', 'onboarding_event', ['tenant_id', 'case_id'], unique=False, schema='core')
    op.create_table('payment_route',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('channel_account_id', sa.Uuid(), nullable=False),
    sa.Column('scenes', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('min_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('max_fen', sa.BigInteger(), nullable=True),
    sa.Column('limit_fen', sa.BigInteger(), nullable=True),
    sa.Column('position', sa.Integer(), server_default=sa.text('100'), nullable=False),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('min_fen >= 0 AND max_fen >= min_fen AND limit_fen > 0', name=op.f('ck_payment_route_amounts')),
    sa.ForeignKeyConstraint(['tenant_id', 'channel_account_id'], ['core.channel_account.tenant_id', 'core.channel_account.id'], name=op.f('fk_payment_route_channel_account_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_payment_route')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_payment_route_channel_account_id', 'payment_route', ['tenant_id', 'channel_account_id'], unique=False, schema='core')
    op.create_table('sub_account',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('party_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'party_id'], ['core.party.tenant_id', 'core.party.id'], name=op.f('fk_sub_account_party_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'number', name=op.f('pk_sub_account')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_sub_account_party', 'sub_account', ['tenant_id', 'party_id'], unique=True, schema='core')
    op.create_table('receipt_flush',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('payment_id', sa.Uuid(), nullable=False),
    sa.Column('bill_id', sa.Uuid(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('lines', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'bill_id'], ['core.bill.tenant_id', 'core.bill.id'], name=op.f('fk_receipt_flush_bill_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'payment_id'], ['core.payment.tenant_id', 'core.payment.id'], name=op.f('fk_receipt_flush_payment_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_receipt_flush')),
    schema='core',
    info={'tenant': True, 'append_only': True}
    )
    op.create_index('uq_receipt_flush_key', 'receipt_flush', ['tenant_id', 'key'], unique=True, schema='core')
    op.create_table('refund',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('bill_id', sa.Uuid(), nullable=True),
    sa.Column('party_id', sa.Uuid(), nullable=True),
    sa.Column('suspense_id', sa.Uuid(), nullable=True),
    sa.Column('payment_id', sa.Uuid(), nullable=True),
    sa.Column('org_id', sa.Uuid(), nullable=True),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('refunded_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('lines', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('policy', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('split', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('requested_by', sa.Text(), nullable=False),
    sa.Column('requested_by_id', sa.Text(), nullable=False),
    sa.Column('requested_by_kind', sa.Text(), nullable=False),
    sa.Column('payer_id', sa.Uuid(), nullable=True),
    sa.Column('approved_by', sa.Text(), nullable=True),
    sa.Column('approved_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('finished_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('batch_id', sa.Uuid(), nullable=True),
    sa.Column('position', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("(source = 'bill') = (bill_id IS NOT NULL) AND (source = 'suspense') = (suspense_id IS NOT NULL) AND (source <> 'credit' OR party_id IS NOT NULL)", name=op.f('ck_refund_source_of')),
    sa.CheckConstraint("source IN ('bill', 'credit', 'suspense')", name=op.f('ck_refund_source')),
    sa.CheckConstraint("split IN ('lifo', 'prorata')", name=op.f('ck_refund_split')),
    sa.CheckConstraint("status IN ('requested', 'rejected', 'cancelled', 'failed', 'approved', 'waiting_funds', 'submitted', 'processing', 'manual_transfer', 'success', 'partial')", name=op.f('ck_refund_status')),
    sa.CheckConstraint('amount_fen > 0 AND refunded_fen >= 0 AND refunded_fen <= amount_fen', name=op.f('ck_refund_amounts')),
    sa.ForeignKeyConstraint(['tenant_id', 'batch_id'], ['core.refund_batch.tenant_id', 'core.refund_batch.id'], name=op.f('fk_refund_batch_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'bill_id'], ['core.bill.tenant_id', 'core.bill.id'], name=op.f('fk_refund_bill_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'party_id'], ['core.party.tenant_id', 'core.party.id'], name=op.f('fk_refund_party_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'payment_id'], ['core.payment.tenant_id', 'core.payment.id'], name=op.f('fk_refund_payment_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'suspense_id'], ['core.suspense_item.tenant_id', 'core.suspense_item.id'], name=op.f('fk_refund_suspense_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_refund')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_refund_batch', 'refund', ['tenant_id', 'batch_id', 'position'], unique=False, schema='core')
    op.create_index('ix_refund_bill_id', 'refund', ['tenant_id', 'bill_id'], unique=False, schema='core')
    op.create_index('ix_refund_created', 'refund', ['tenant_id', 'created_at', 'id'], unique=False, schema='core')
    op.create_index('ix_refund_party_id', 'refund', ['tenant_id', 'party_id'], unique=False, schema='core')
    op.create_index('ix_refund_suspense_id', 'refund', ['tenant_id', 'suspense_id'], unique=False, schema='core')
    op.create_index('uq_refund_number', 'refund', ['tenant_id', 'number'], unique=True, schema='core')
    op.create_table('refund_item',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('refund_id', sa.Uuid(), nullable=False),
    sa.Column('payment_id', sa.Uuid(), nullable=False),
    sa.Column('attempt', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('journal_id', sa.Uuid(), nullable=True),
    sa.Column('posts', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('tries', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('queries', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('next_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('sent_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('finished_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('reference', sa.Text(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('flush_key', sa.Text(), nullable=False),
    sa.Column('transfer', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('transfer_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("state IN ('held', 'submitted', 'waiting_funds', 'manual_transfer', 'cancelled', 'processing', 'success', 'failed', 'closed', 'transferring')", name=op.f('ck_refund_item_state')),
    sa.CheckConstraint('amount_fen > 0', name=op.f('ck_refund_item_amount')),
    sa.ForeignKeyConstraint(['tenant_id', 'payment_id'], ['core.payment.tenant_id', 'core.payment.id'], name=op.f('fk_refund_item_payment_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'refund_id'], ['core.refund.tenant_id', 'core.refund.id'], name=op.f('fk_refund_item_refund_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_refund_item')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_refund_item_due', 'refund_item', ['tenant_id', 'next_at'], unique=False, schema='core', postgresql_where=sa.text('next_at IS NOT NULL'))
    op.create_index('ix_refund_item_open', 'refund_item', ['tenant_id', 'state'], unique=False, schema='core', postgresql_where=sa.text("state IN ('held', 'waiting_funds', 'submitted', 'processing', 'failed', 'manual_transfer', 'transferring')"))
    op.create_index('ix_refund_item_payment_id', 'refund_item', ['tenant_id', 'payment_id'], unique=False, schema='core')
    op.create_index('ix_refund_item_refund_id', 'refund_item', ['tenant_id', 'refund_id'], unique=False, schema='core')
    op.create_index('uq_refund_item_number', 'refund_item', ['tenant_id', 'number'], unique=True, schema='core')
    op.create_table('refund_part',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('item_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('bill_id', sa.Uuid(), nullable=True),
    sa.Column('line_no', sa.Integer(), nullable=True),
    sa.Column('party_id', sa.Uuid(), nullable=True),
    sa.Column('suspense_id', sa.Uuid(), nullable=True),
    sa.Column('merchant_id', sa.Uuid(), nullable=True),
    sa.Column('merchant_code', sa.Text(), nullable=True),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.CheckConstraint("(kind = 'bill') = (bill_id IS NOT NULL AND line_no IS NOT NULL AND merchant_code IS NOT NULL)", name=op.f('ck_refund_part_bill')),
    sa.CheckConstraint("kind IN ('bill', 'credit', 'suspense')", name=op.f('ck_refund_part_kind')),
    sa.CheckConstraint('amount_fen > 0', name=op.f('ck_refund_part_amount')),
    sa.ForeignKeyConstraint(['tenant_id', 'item_id'], ['core.refund_item.tenant_id', 'core.refund_item.id'], name=op.f('fk_refund_part_item_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'item_id', 'position', name=op.f('pk_refund_part')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_refund_part_bill', 'refund_part', ['tenant_id', 'bill_id'], unique=False, schema='core')
    op.add_column('api_key', sa.Column('grants', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False), schema='core')
    op.add_column('bill_line', sa.Column('refunded_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False), schema='core')
    op.add_column('channel_account', sa.Column('name', sa.Text(), server_default=sa.text("''"), nullable=False), schema='core')
    op.add_column('channel_account', sa.Column('merchant_id', sa.Uuid(), nullable=True), schema='core')
    op.add_column('channel_account', sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False), schema='core')
    op.add_column('channel_account', sa.Column('expires_at', postgresql.TIMESTAMP(timezone=True), nullable=True), schema='core')
    op.add_column('channel_account', sa.Column('previous_sealed', sa.LargeBinary(), nullable=True), schema='core')
    op.add_column('channel_account', sa.Column('previous_until', postgresql.TIMESTAMP(timezone=True), nullable=True), schema='core')
    op.add_column('channel_account', sa.Column('alert_phone_sealed', sa.LargeBinary(), nullable=True), schema='core')
    op.add_column('channel_account', sa.Column('alert_phone_masked', sa.Text(), nullable=True), schema='core')
    op.add_column('channel_account', sa.Column('probe', postgresql.JSONB(astext_type=sa.Text()), nullable=True), schema='core')
    op.create_foreign_key(op.f('fk_channel_account_merchant_id'), 'channel_account', 'merchant', ['tenant_id', 'merchant_id'], ['tenant_id', 'id'], source_schema='core', referent_schema='core')
    op.add_column('merchant', sa.Column('by_case', sa.Boolean(), server_default=sa.text('false'), nullable=False), schema='core')
    op.add_column('payment', sa.Column('held_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False), schema='core')
    op.add_column('receipt', sa.Column('ticket', sa.Text(), server_default=sa.text("'receipt'"), nullable=False), schema='core')
    op.add_column('receipt', sa.Column('kind', sa.Text(), server_default=sa.text("'blue'"), nullable=False), schema='core')
    op.add_column('receipt', sa.Column('sequence', sa.Integer(), server_default=sa.text('1'), nullable=False), schema='core')
    op.add_column('receipt', sa.Column('follows_id', sa.Uuid(), nullable=True), schema='core')
    op.add_column('receipt', sa.Column('flush_id', sa.Uuid(), nullable=True), schema='core')
    op.add_column('receipt', sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False), schema='core')
    op.add_column('receipt', sa.Column('next_query_at', postgresql.TIMESTAMP(timezone=True), nullable=True), schema='core')
    op.add_column('receipt', sa.Column('queries', sa.Integer(), server_default=sa.text('0'), nullable=False), schema='core')
    op.add_column('receipt', sa.Column('last_error', sa.Text(), nullable=True), schema='core')
    op.drop_index(op.f('uq_receipt_payment_bill'), table_name='receipt', schema='core')
    op.create_index('uq_receipt_payment_bill', 'receipt', ['tenant_id', 'payment_id', 'bill_id', 'ticket', 'kind', 'sequence'], unique=True, schema='core')
    op.create_index('ix_receipt_due', 'receipt', ['tenant_id', 'next_query_at'], unique=False, schema='core', postgresql_where=sa.text('next_query_at IS NOT NULL'))
    op.create_index('ix_receipt_flush', 'receipt', ['tenant_id', 'flush_id'], unique=False, schema='core', postgresql_where=sa.text('flush_id IS NOT NULL'))
    op.execute("ALTER TABLE core.channel_account FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE core.merchant FORCE ROW LEVEL SECURITY")
    op.execute('ALTER TABLE core.channel_account DROP CONSTRAINT ck_channel_account_status')
    op.execute('ALTER TABLE core.payment DROP CONSTRAINT ck_payment_amounts')
    op.execute('ALTER TABLE core.branch_task DROP CONSTRAINT ck_branch_task_kind')
    op.execute('ALTER TABLE core.receipt DROP CONSTRAINT ck_receipt_status')
    op.execute('ALTER TABLE core.bill_line ADD CONSTRAINT ck_bill_line_refunded CHECK (((refunded_fen >= 0) AND (refunded_fen <= paid_fen)))')
    op.execute("ALTER TABLE core.branch_task ADD CONSTRAINT ck_branch_task_kind CHECK ((kind = ANY (ARRAY['account_check'::text, 'merchant_activate'::text, 'onboarding_review'::text])))")
    op.execute("ALTER TABLE core.channel_account ADD CONSTRAINT ck_channel_account_status CHECK ((status = ANY (ARRAY['pending'::text, 'active'::text, 'suspended'::text])))")
    op.execute('ALTER TABLE core.payment ADD CONSTRAINT ck_payment_amounts CHECK (((amount_fen > 0) AND (refunded_fen >= 0) AND (held_fen >= 0) AND ((refunded_fen + held_fen) <= amount_fen)))')
    op.execute("ALTER TABLE core.receipt ADD CONSTRAINT ck_receipt_ticket CHECK ((ticket = ANY (ARRAY['receipt'::text, 'fiscal'::text, 'einvoice'::text])))")
    op.execute("ALTER TABLE core.receipt ADD CONSTRAINT ck_receipt_status CHECK ((status = ANY (ARRAY['to_issue'::text, 'issuing'::text, 'issued'::text, 'voided'::text, 'red_flushed'::text])))")
    op.execute("ALTER TABLE core.receipt ADD CONSTRAINT ck_receipt_amount CHECK (((kind = 'red'::text) = (amount_fen < 0)))")
    op.execute("ALTER TABLE core.receipt ADD CONSTRAINT ck_receipt_kind CHECK ((kind = ANY (ARRAY['blue'::text, 'red'::text])))")
    for statement in security.protect_table('core', 'bank_transfer', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'cashier_shift', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'channel_health', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'counter_entry', tenant=True, append_only=True):
        op.execute(statement)
    for statement in security.protect_table('core', 'receipt_issuer', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'refund_batch', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'static_code', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'static_visit', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'cheque', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'onboarding_case', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'rate', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'static_use', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'channel_draft', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'onboarding_document', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'onboarding_event', tenant=True, append_only=True):
        op.execute(statement)
    for statement in security.protect_table('core', 'payment_route', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'sub_account', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'receipt_flush', tenant=True, append_only=True):
        op.execute(statement)
    for statement in security.protect_table('core', 'refund', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'refund_item', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'refund_part', tenant=True, append_only=False):
        op.execute(statement)


def downgrade() -> None:
    op.drop_index('ix_receipt_flush', table_name='receipt', schema='core', postgresql_where=sa.text('flush_id IS NOT NULL'))
    op.drop_index('ix_receipt_due', table_name='receipt', schema='core', postgresql_where=sa.text('next_query_at IS NOT NULL'))
    op.drop_index('uq_receipt_payment_bill', table_name='receipt', schema='core')
    op.create_index(op.f('uq_receipt_payment_bill'), 'receipt', ['tenant_id', 'payment_id', 'bill_id'], unique=True, schema='core')
    op.drop_column('receipt', 'last_error', schema='core')
    op.drop_column('receipt', 'queries', schema='core')
    op.drop_column('receipt', 'next_query_at', schema='core')
    op.drop_column('receipt', 'facts', schema='core')
    op.drop_column('receipt', 'flush_id', schema='core')
    op.drop_column('receipt', 'follows_id', schema='core')
    op.drop_column('receipt', 'sequence', schema='core')
    op.drop_column('receipt', 'kind', schema='core')
    op.drop_column('receipt', 'ticket', schema='core')
    op.drop_column('payment', 'held_fen', schema='core')
    op.drop_column('merchant', 'by_case', schema='core')
    op.drop_constraint(op.f('fk_channel_account_merchant_id'), 'channel_account', schema='core', type_='foreignkey')
    op.drop_column('channel_account', 'probe', schema='core')
    op.drop_column('channel_account', 'alert_phone_masked', schema='core')
    op.drop_column('channel_account', 'alert_phone_sealed', schema='core')
    op.drop_column('channel_account', 'previous_until', schema='core')
    op.drop_column('channel_account', 'previous_sealed', schema='core')
    op.drop_column('channel_account', 'expires_at', schema='core')
    op.drop_column('channel_account', 'facts', schema='core')
    op.drop_column('channel_account', 'merchant_id', schema='core')
    op.drop_column('channel_account', 'name', schema='core')
    op.drop_column('bill_line', 'refunded_fen', schema='core')
    op.drop_column('api_key', 'grants', schema='core')
    op.drop_index('ix_refund_part_bill', table_name='refund_part', schema='core')
    op.drop_table('refund_part', schema='core')
    op.drop_index('uq_refund_item_number', table_name='refund_item', schema='core')
    op.drop_index('ix_refund_item_refund_id', table_name='refund_item', schema='core')
    op.drop_index('ix_refund_item_payment_id', table_name='refund_item', schema='core')
    op.drop_index('ix_refund_item_open', table_name='refund_item', schema='core', postgresql_where=sa.text("state IN ('held', 'waiting_funds', 'submitted', 'processing', 'failed', 'manual_transfer', 'transferring')"))
    op.drop_index('ix_refund_item_due', table_name='refund_item', schema='core', postgresql_where=sa.text('next_at IS NOT NULL'))
    op.drop_table('refund_item', schema='core')
    op.drop_index('uq_refund_number', table_name='refund', schema='core')
    op.drop_index('ix_refund_suspense_id', table_name='refund', schema='core')
    op.drop_index('ix_refund_party_id', table_name='refund', schema='core')
    op.drop_index('ix_refund_created', table_name='refund', schema='core')
    op.drop_index('ix_refund_bill_id', table_name='refund', schema='core')
    op.drop_index('ix_refund_batch', table_name='refund', schema='core')
    op.drop_table('refund', schema='core')
    op.drop_index('uq_receipt_flush_key', table_name='receipt_flush', schema='core')
    op.drop_table('receipt_flush', schema='core')
    op.drop_index('uq_sub_account_party', table_name='sub_account', schema='core')
    op.drop_table('sub_account', schema='core')
    op.drop_index('ix_payment_route_channel_account_id', table_name='payment_route', schema='core')
    op.drop_table('payment_route', schema='core')
    op.drop_index('ix_onboarding_event_case_id', table_name='onboarding_event', schema='core')
    op.drop_table('onboarding_event', schema='core')
    op.drop_index('ix_onboarding_document_case_id', table_name='onboarding_document', schema='core')
    op.drop_table('onboarding_document', schema='core')
    op.drop_index('ix_channel_draft_created_at', table_name='channel_draft', schema='core')
    op.drop_table('channel_draft', schema='core')
    op.drop_index('ix_static_use_day', table_name='static_use', schema='core')
    op.drop_table('static_use', schema='core')
    op.drop_index('uq_rate_from_on', table_name='rate', schema='core')
    op.drop_table('rate', schema='core')
    op.drop_index('uq_onboarding_case_merchant_id', table_name='onboarding_case', schema='core')
    op.drop_table('onboarding_case', schema='core')
    op.drop_index('uq_cheque_number', table_name='cheque', schema='core', postgresql_where=sa.text("status <> 'bounced'"))
    op.drop_table('cheque', schema='core')
    op.drop_table('static_visit', schema='core')
    op.drop_index('uq_static_code_code', table_name='static_code', schema='core')
    op.drop_table('static_code', schema='core')
    op.drop_index('uq_refund_batch_number', table_name='refund_batch', schema='core')
    op.drop_index('ix_refund_batch_created', table_name='refund_batch', schema='core')
    op.drop_table('refund_batch', schema='core')
    op.drop_index('uq_receipt_issuer_ticket', table_name='receipt_issuer', schema='core')
    op.drop_table('receipt_issuer', schema='core')
    op.drop_index('uq_counter_entry_refund', table_name='counter_entry', schema='core')
    op.drop_index('uq_counter_entry_number', table_name='counter_entry', schema='core')
    op.drop_index('ix_counter_entry_shift', table_name='counter_entry', schema='core')
    op.drop_table('counter_entry', schema='core')
    op.drop_table('channel_health', schema='core')
    op.drop_index('uq_cashier_shift_live', table_name='cashier_shift', schema='core', postgresql_where=sa.text("status IN ('open', 'counting', 'variance_review')"))
    op.drop_index('ix_cashier_shift_opened', table_name='cashier_shift', schema='core')
    op.drop_table('cashier_shift', schema='core')
    op.drop_index('uq_bank_transfer_reference', table_name='bank_transfer', schema='core')
    op.drop_index('ix_bank_transfer_received', table_name='bank_transfer', schema='core')
    op.drop_table('bank_transfer', schema='core')
