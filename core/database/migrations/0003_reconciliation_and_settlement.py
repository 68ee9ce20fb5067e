"""reconciliation and settlement (2026-11-22)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import core.database.tables
from core.database import security

revision = "0003"
down_revision = '0002'


def upgrade() -> None:
    op.create_table('bank_connection',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('bank_name', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('base_url', sa.Text(), nullable=False),
    sa.Column('customer', sa.Text(), nullable=False),
    sa.Column('key_id', sa.Text(), nullable=False),
    sa.Column('account_number', sa.Text(), nullable=False),
    sa.Column('account_name', sa.Text(), nullable=False),
    sa.Column('credentials_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('status', sa.Text(), server_default=sa.text("'active'"), nullable=False),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('active', 'suspended')", name=op.f('ck_bank_connection_status')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_bank_connection')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_bank_connection_account', 'bank_connection', ['tenant_id', 'account_number'], unique=True, schema='core')
    op.create_table('channel_arrival',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('merchant_number', sa.Text(), nullable=False),
    sa.Column('bill_on', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('gross_fen', sa.BigInteger(), nullable=False),
    sa.Column('fee_fen', sa.BigInteger(), nullable=False),
    sa.Column('net_fen', sa.BigInteger(), nullable=False),
    sa.Column('arrived_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('stated', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('account_number', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('fee_posted_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('postings', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('journal_id', sa.Uuid(), nullable=True),
    sa.Column('statement_id', sa.Uuid(), nullable=True),
    sa.Column('row_no', sa.Integer(), nullable=True),
    sa.Column('bank_serial', sa.Text(), nullable=True),
    sa.Column('arrived_on', sa.Date(), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('expected', 'arrived', 'differs', 'missing')", name=op.f('ck_channel_arrival_status')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_channel_arrival')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_channel_arrival_bank_serial', 'channel_arrival', ['tenant_id', 'bank_serial'], unique=False, schema='core', postgresql_where=sa.text('bank_serial IS NOT NULL'))
    op.create_index('ix_channel_arrival_due', 'channel_arrival', ['tenant_id', 'due_on', 'status'], unique=False, schema='core')
    op.create_index('uq_channel_arrival_day', 'channel_arrival', ['tenant_id', 'channel', 'merchant_number', 'bill_on'], unique=True, schema='core')
    op.create_table('equation_day',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('bills_count', sa.Integer(), nullable=False),
    sa.Column('payments_count', sa.Integer(), nullable=False),
    sa.Column('channel_count', sa.Integer(), nullable=False),
    sa.Column('ledger_count', sa.Integer(), nullable=False),
    sa.Column('settlement_count', sa.Integer(), nullable=False),
    sa.Column('bank_count', sa.Integer(), nullable=False),
    sa.Column('bills_fen', sa.BigInteger(), nullable=False),
    sa.Column('payments_fen', sa.BigInteger(), nullable=False),
    sa.Column('channel_fen', sa.BigInteger(), nullable=False),
    sa.Column('ledger_fen', sa.BigInteger(), nullable=False),
    sa.Column('settlement_fen', sa.BigInteger(), nullable=False),
    sa.Column('bank_fen', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('gaps', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('open', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('written_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("state IN ('closed', 'waiting', 'open')", name=op.f('ck_equation_day_state')),
    sa.PrimaryKeyConstraint('tenant_id', 'day', 'channel', name=op.f('pk_equation_day')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_table('field_map',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('side', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('layout', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('sample_id', sa.Uuid(), nullable=True),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("side IN ('business', 'platform', 'channel', 'funds')", name=op.f('ck_field_map_side')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_field_map')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_field_map_code', 'field_map', ['tenant_id', 'code'], unique=True, schema='core')
    op.create_table('match_rule',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('parameters', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("kind IN ('tolerance', 'date_lag', 'composite', 'one_to_many', 'many_to_one')", name=op.f('ck_match_rule_kind')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_match_rule')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_match_rule_position', 'match_rule', ['tenant_id', 'position'], unique=False, schema='core')
    op.create_table('recon_assignment',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('conditions', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('owner_id', sa.Text(), nullable=True),
    sa.Column('owner_name', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_recon_assignment')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_recon_assignment_position', 'recon_assignment', ['tenant_id', 'position'], unique=False, schema='core')
    op.create_table('recon_difference',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('bill_on', sa.Date(), nullable=False),
    sa.Column('class', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('merchant_number', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('order_number', sa.Text(), nullable=True),
    sa.Column('channel_number', sa.Text(), nullable=True),
    sa.Column('channel_order_number', sa.Text(), nullable=True),
    sa.Column('bill_number', sa.Text(), nullable=True),
    sa.Column('serial', sa.Text(), nullable=True),
    sa.Column('business_fen', sa.BigInteger(), nullable=True),
    sa.Column('platform_fen', sa.BigInteger(), nullable=True),
    sa.Column('channel_fen', sa.BigInteger(), nullable=True),
    sa.Column('platform_fee_fen', sa.BigInteger(), nullable=True),
    sa.Column('channel_fee_fen', sa.BigInteger(), nullable=True),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('differs', sa.Text(), nullable=False),
    sa.Column('missing_in', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('business_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('platform_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('channel_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('near_cut', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('platform_status', sa.Text(), nullable=True),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('healed_by', sa.Text(), nullable=True),
    sa.Column('settle_on', sa.Date(), nullable=True),
    sa.Column('resolved_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('resolution', sa.Text(), nullable=True),
    sa.Column('severity', sa.Text(), server_default=sa.text("'low'"), nullable=False),
    sa.Column('owner_id', sa.Text(), nullable=True),
    sa.Column('owner_name', sa.Text(), nullable=True),
    sa.Column('due_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('payment_id', sa.Uuid(), nullable=True),
    sa.Column('refund_item_id', sa.Uuid(), nullable=True),
    sa.Column('suspense_id', sa.Uuid(), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("class IN ('AM1', 'LG1', 'LG2', 'LG3', 'SH1', 'SH2', 'SH3', 'DP1', 'RF1', 'RF2', 'FE1', 'FE2')", name=op.f('ck_recon_difference_class')),
    sa.CheckConstraint("severity IN ('low', 'medium', 'high', 'critical')", name=op.f('ck_recon_difference_severity')),
    sa.CheckConstraint("status IN ('expected', 'open', 'auto_resolved', 'resolved', 'confirmed', 'handling', 'rejected')", name=op.f('ck_recon_difference_status')),
    sa.CheckConstraint('amount_fen >= 0', name=op.f('ck_recon_difference_amount')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_recon_difference')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_recon_difference_channel_number', 'recon_difference', ['tenant_id', 'channel_number'], unique=False, schema='core')
    op.create_index('ix_recon_difference_number', 'recon_difference', ['tenant_id', 'number'], unique=False, schema='core')
    op.create_index('ix_recon_difference_payment_id', 'recon_difference', ['tenant_id', 'payment_id'], unique=False, schema='core')
    op.create_index('ix_recon_difference_status', 'recon_difference', ['tenant_id', 'status', 'bill_on'], unique=False, schema='core')
    op.create_index('uq_recon_difference_code', 'recon_difference', ['tenant_id', 'code'], unique=True, schema='core')
    op.create_index('uq_recon_difference_key', 'recon_difference', ['tenant_id', 'bill_on', 'channel', 'kind', 'number'], unique=True, schema='core')
    op.create_table('recon_remedy_batch',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('refund_batch_id', sa.Uuid(), nullable=True),
    sa.Column('job_id', sa.Uuid(), nullable=True),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('made_by_id', sa.Text(), nullable=False),
    sa.Column('checked_by', sa.Text(), nullable=True),
    sa.Column('finished_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("kind IN ('requery', 'book', 'credit', 'refund', 'repost', 'chase', 'adjust', 'write_off', 'mixed')", name=op.f('ck_recon_remedy_batch_kind')),
    sa.CheckConstraint("status IN ('created', 'approved', 'rejected', 'running', 'done', 'partial')", name=op.f('ck_recon_remedy_batch_status')),
    sa.CheckConstraint('count > 0 AND amount_fen >= 0', name=op.f('ck_recon_remedy_batch_amounts')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_recon_remedy_batch')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_recon_remedy_batch_created', 'recon_remedy_batch', ['tenant_id', 'created_at', 'id'], unique=False, schema='core')
    op.create_index('uq_recon_remedy_batch_code', 'recon_remedy_batch', ['tenant_id', 'code'], unique=True, schema='core')
    op.create_table('recon_run',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('bill_on', sa.Date(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('runs', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('totals', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('matched', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('by_class', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('statements', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('missing', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('ruled', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('stale', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('job_id', sa.Uuid(), nullable=True),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('made_by_id', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('started_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('finished_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('closed_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('closed_by', sa.Text(), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('created', 'fetching', 'ready', 'file_missing', 'matching', 'balanced', 'diff_open', 'closed')", name=op.f('ck_recon_run_status')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_recon_run')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_recon_run_bill_on', 'recon_run', ['tenant_id', 'bill_on'], unique=True, schema='core')
    op.create_table('saved_view',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('page', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('query', sa.Text(), nullable=False),
    sa.Column('owner_id', sa.Text(), nullable=False),
    sa.Column('shared', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_saved_view')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_saved_view_page', 'saved_view', ['tenant_id', 'page', 'owner_id'], unique=False, schema='core')
    op.create_table('settlement_day',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('bill_on', sa.Date(), nullable=False),
    sa.Column('calculated_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('low_id', sa.Uuid(), nullable=False),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'bill_on', name=op.f('pk_settlement_day')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_table('settlement_month',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('totals', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('made_by', sa.Text(), nullable=True),
    sa.Column('made_by_id', sa.Text(), nullable=True),
    sa.Column('checked_by', sa.Text(), nullable=True),
    sa.Column('signed_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.CheckConstraint("status IN ('open', 'proposed', 'signed')", name=op.f('ck_settlement_month_status')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_settlement_month')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_settlement_month_month', 'settlement_month', ['tenant_id', 'month'], unique=True, schema='core')
    op.create_table('statement',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('side', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('merchant_number', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('bill_on', sa.Date(), nullable=False),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('verdict', sa.Text(), nullable=False),
    sa.Column('reason_code', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('repairs', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('file_name', sa.Text(), nullable=False),
    sa.Column('sha256', sa.LargeBinary(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('lines', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('rows_loaded', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('ignored_lines', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('other_lines', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('rejected_rows', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('pay_count', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('pay_amount_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('refund_count', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('refund_amount_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('fee_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('net_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('origin', sa.Text(), nullable=False),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("side IN ('business', 'platform', 'channel', 'funds')", name=op.f('ck_statement_side')),
    sa.CheckConstraint("status IN ('loaded', 'superseded', 'refused')", name=op.f('ck_statement_status')),
    sa.CheckConstraint("verdict IN ('accept', 'accept_normalised', 'reject_rows', 'reject_file')", name=op.f('ck_statement_verdict')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_statement')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_statement_bill_on', 'statement', ['tenant_id', 'bill_on', 'source'], unique=False, schema='core')
    op.create_index('ix_statement_created', 'statement', ['tenant_id', 'created_at', 'id'], unique=False, schema='core')
    op.create_index('ix_statement_sha256', 'statement', ['tenant_id', 'sha256'], unique=False, schema='core')
    op.create_index('uq_statement_loaded', 'statement', ['tenant_id', 'source', 'merchant_number', 'bill_on'], unique=True, schema='core', postgresql_where=sa.text("status = 'loaded'"))
    op.create_table('statement_fetch',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('bill_on', sa.Date(), nullable=False),
    sa.Column('merchant_number', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('tries', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('first_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('next_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('statement_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('waiting', 'fetched', 'empty', 'failed')", name=op.f('ck_statement_fetch_status')),
    sa.PrimaryKeyConstraint('tenant_id', 'source', 'account_id', 'bill_on', name=op.f('pk_statement_fetch')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_statement_fetch_bill_on', 'statement_fetch', ['tenant_id', 'bill_on'], unique=False, schema='core')
    op.create_index('ix_statement_fetch_due', 'statement_fetch', ['tenant_id', 'next_at'], unique=False, schema='core', postgresql_where=sa.text('next_at IS NOT NULL'))
    op.create_table('statement_line',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('statement_id', sa.Uuid(), nullable=False),
    sa.Column('row_no', sa.Integer(), nullable=False),
    sa.Column('line_no', sa.Integer(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('counts', sa.Boolean(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('order_number', sa.Text(), nullable=True),
    sa.Column('channel_number', sa.Text(), nullable=True),
    sa.Column('channel_order_number', sa.Text(), nullable=True),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('fee_fen', sa.BigInteger(), nullable=True),
    sa.Column('net_fen', sa.BigInteger(), nullable=True),
    sa.Column('happened_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('settle_on', sa.Date(), nullable=True),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('bill_number', sa.Text(), nullable=True),
    sa.Column('serial', sa.Text(), nullable=True),
    sa.CheckConstraint("kind IN ('pay', 'refund', 'fee', 'split', 'payout', 'adjustment')", name=op.f('ck_statement_line_kind')),
    sa.PrimaryKeyConstraint('tenant_id', 'statement_id', 'row_no', name=op.f('pk_statement_line')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_statement_line_channel_number', 'statement_line', ['tenant_id', 'channel_number'], unique=False, schema='core')
    op.create_index('ix_statement_line_number', 'statement_line', ['tenant_id', 'number'], unique=False, schema='core')
    op.create_index('ix_statement_line_serial', 'statement_line', ['tenant_id', 'serial'], unique=False, schema='core', postgresql_where=sa.text('serial IS NOT NULL'))
    op.create_table('bank_entry',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('account_number', sa.Text(), nullable=False),
    sa.Column('serial', sa.Text(), nullable=False),
    sa.Column('booked_on', sa.Date(), nullable=False),
    sa.Column('booked_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('reference', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('merchant_number', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('bill_on', sa.Date(), nullable=True),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('matched_by', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('arrival_id', sa.Uuid(), nullable=True),
    sa.Column('payout_id', sa.Uuid(), nullable=True),
    sa.Column('difference_id', sa.Uuid(), nullable=True),
    sa.Column('journal_id', sa.Uuid(), nullable=True),
    sa.Column('statement_id', sa.Uuid(), nullable=False),
    sa.Column('row_no', sa.Integer(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("kind IN ('arrival', 'payout', 'returned', 'other')", name=op.f('ck_bank_entry_kind')),
    sa.CheckConstraint("status IN ('new', 'matched', 'suspense', 'withdrawn')", name=op.f('ck_bank_entry_status')),
    sa.CheckConstraint('amount_fen <> 0', name=op.f('ck_bank_entry_amount')),
    sa.ForeignKeyConstraint(['tenant_id', 'arrival_id'], ['core.channel_arrival.tenant_id', 'core.channel_arrival.id'], name=op.f('fk_bank_entry_arrival_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_bank_entry')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_bank_entry_arrival_id', 'bank_entry', ['tenant_id', 'arrival_id'], unique=False, schema='core', postgresql_where=sa.text('arrival_id IS NOT NULL'))
    op.create_index('ix_bank_entry_booked_on', 'bank_entry', ['tenant_id', 'booked_on', 'id'], unique=False, schema='core')
    op.create_index('ix_bank_entry_payout_id', 'bank_entry', ['tenant_id', 'payout_id'], unique=False, schema='core', postgresql_where=sa.text('payout_id IS NOT NULL'))
    op.create_index('ix_bank_entry_serial', 'bank_entry', ['tenant_id', 'serial'], unique=False, schema='core')
    op.create_index('uq_bank_entry_serial', 'bank_entry', ['tenant_id', 'account_number', 'serial', 'amount_fen'], unique=True, schema='core')
    op.create_table('field_map_version',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('field_map_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('layout', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'field_map_id'], ['core.field_map.tenant_id', 'core.field_map.id'], name=op.f('fk_field_map_version_field_map_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'field_map_id', 'version', name=op.f('pk_field_map_version')),
    schema='core',
    info={'tenant': True, 'append_only': True}
    )
    op.create_table('recon_event',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('difference_id', sa.Uuid(), nullable=False),
    sa.Column('what', sa.Text(), nullable=False),
    sa.Column('by_name', sa.Text(), nullable=False),
    sa.Column('remark', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('file_id', sa.Uuid(), nullable=True),
    sa.Column('at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'difference_id'], ['core.recon_difference.tenant_id', 'core.recon_difference.id'], name=op.f('fk_recon_event_difference_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'file_id'], ['core.stored_file.tenant_id', 'core.stored_file.id'], name=op.f('fk_recon_event_file_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_recon_event')),
    schema='core',
    info={'tenant': True, 'append_only': True}
    )
    op.create_index('ix_recon_event_difference_id', 'recon_event', ['tenant_id', 'difference_id', 'at'], unique=False, schema='core')
    op.create_table('recon_remedy',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('difference_id', sa.Uuid(), nullable=False),
    sa.Column('batch_id', sa.Uuid(), nullable=True),
    sa.Column('position', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('target', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('made_by_id', sa.Text(), nullable=False),
    sa.Column('checked_by', sa.Text(), nullable=True),
    sa.Column('journal_id', sa.Uuid(), nullable=True),
    sa.Column('reversal_id', sa.Uuid(), nullable=True),
    sa.Column('refund_id', sa.Uuid(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('tries', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('finished_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("kind IN ('requery', 'book', 'credit', 'refund', 'repost', 'chase', 'adjust', 'write_off')", name=op.f('ck_recon_remedy_kind')),
    sa.CheckConstraint("status IN ('proposed', 'approved', 'rejected', 'withdrawn', 'running', 'done', 'failed', 'reversed')", name=op.f('ck_recon_remedy_status')),
    sa.CheckConstraint('amount_fen >= 0', name=op.f('ck_recon_remedy_amount')),
    sa.ForeignKeyConstraint(['tenant_id', 'batch_id'], ['core.recon_remedy_batch.tenant_id', 'core.recon_remedy_batch.id'], name=op.f('fk_recon_remedy_batch_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'difference_id'], ['core.recon_difference.tenant_id', 'core.recon_difference.id'], name=op.f('fk_recon_remedy_difference_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_recon_remedy')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_recon_remedy_batch', 'recon_remedy', ['tenant_id', 'batch_id', 'position'], unique=False, schema='core')
    op.create_index('ix_recon_remedy_difference_id', 'recon_remedy', ['tenant_id', 'difference_id'], unique=False, schema='core')
    op.create_index('uq_recon_remedy_live', 'recon_remedy', ['tenant_id', 'difference_id'], unique=True, schema='core', postgresql_where=sa.text("status IN ('proposed', 'approved', 'running')"))
    op.create_table('settlement_batch',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=False),
    sa.Column('merchant_code', sa.Text(), nullable=False),
    sa.Column('bill_on', sa.Date(), nullable=False),
    sa.Column('settle_on', sa.Date(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('pay_count', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('gross_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('refund_count', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('refund_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('fee_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('fee_refund_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('adjust_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('brought_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('net_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('pay_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('carried_to', sa.Uuid(), nullable=True),
    sa.Column('gate', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('fee_journal_id', sa.Uuid(), nullable=True),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('checked_by', sa.Text(), nullable=True),
    sa.Column('checked_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('finished_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('calculating', 'pending_review', 'carried', 'approved', 'paying', 'paid', 'returned', 're_pay')", name=op.f('ck_settlement_batch_status')),
    sa.CheckConstraint('net_fen = gross_fen - refund_fen - fee_fen + fee_refund_fen + adjust_fen + brought_fen AND pay_fen >= 0', name=op.f('ck_settlement_batch_net')),
    sa.ForeignKeyConstraint(['tenant_id', 'merchant_id'], ['core.merchant.tenant_id', 'core.merchant.id'], name=op.f('fk_settlement_batch_merchant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_settlement_batch')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_settlement_batch_settle_on', 'settlement_batch', ['tenant_id', 'settle_on', 'id'], unique=False, schema='core')
    op.create_index('uq_settlement_batch_day', 'settlement_batch', ['tenant_id', 'merchant_id', 'bill_on'], unique=True, schema='core')
    op.create_index('uq_settlement_batch_number', 'settlement_batch', ['tenant_id', 'number'], unique=True, schema='core')
    op.create_table('settlement_split',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=False),
    sa.Column('partner_merchant_id', sa.Uuid(), nullable=False),
    sa.Column('item_code', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('share_ppm', sa.Integer(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=True),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('checked_by', sa.Text(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('share_ppm > 0 AND share_ppm <= 1000000 AND merchant_id <> partner_merchant_id AND until_on >= from_on', name=op.f('ck_settlement_split_share')),
    sa.ForeignKeyConstraint(['tenant_id', 'merchant_id'], ['core.merchant.tenant_id', 'core.merchant.id'], name=op.f('fk_settlement_split_merchant_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'partner_merchant_id'], ['core.merchant.tenant_id', 'core.merchant.id'], name=op.f('fk_settlement_split_partner_merchant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_settlement_split')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_settlement_split_merchant_id', 'settlement_split', ['tenant_id', 'merchant_id'], unique=False, schema='core')
    op.create_table('statement_merchant',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=True),
    sa.Column('title', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('cut_minutes', sa.Integer(), nullable=True),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('cut_minutes BETWEEN 0 AND 1439', name=op.f('ck_statement_merchant_cut')),
    sa.ForeignKeyConstraint(['tenant_id', 'merchant_id'], ['core.merchant.tenant_id', 'core.merchant.id'], name=op.f('fk_statement_merchant_merchant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_statement_merchant')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_statement_merchant_number', 'statement_merchant', ['tenant_id', 'channel', 'number'], unique=True, schema='core')
    op.create_table('statement_piece',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('statement_id', sa.Uuid(), nullable=False),
    sa.Column('piece_no', sa.Integer(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'statement_id'], ['core.statement.tenant_id', 'core.statement.id'], name=op.f('fk_statement_piece_statement_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'statement_id', 'piece_no', name=op.f('pk_statement_piece')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_table('statement_refusal',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('statement_id', sa.Uuid(), nullable=False),
    sa.Column('row_no', sa.Integer(), nullable=False),
    sa.Column('line_no', sa.Integer(), nullable=False),
    sa.Column('number', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('column_name', sa.Text(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'statement_id'], ['core.statement.tenant_id', 'core.statement.id'], name=op.f('fk_statement_refusal_statement_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'statement_id', 'row_no', name=op.f('pk_statement_refusal')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_table('client_equation',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('bills_count', sa.Integer(), nullable=False),
    sa.Column('payments_count', sa.Integer(), nullable=False),
    sa.Column('channel_count', sa.Integer(), nullable=False),
    sa.Column('ledger_count', sa.Integer(), nullable=False),
    sa.Column('settlement_count', sa.Integer(), nullable=False),
    sa.Column('bank_count', sa.Integer(), nullable=False),
    sa.Column('bills_fen', sa.BigInteger(), nullable=False),
    sa.Column('payments_fen', sa.BigInteger(), nullable=False),
    sa.Column('channel_fen', sa.BigInteger(), nullable=False),
    sa.Column('ledger_fen', sa.BigInteger(), nullable=False),
    sa.Column('settlement_fen', sa.BigInteger(), nullable=False),
    sa.Column('bank_fen', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('run_status', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('open_count', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('open_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('waiting_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('open', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('written_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("state IN ('closed', 'waiting', 'open')", name=op.f('ck_client_equation_state')),
    sa.ForeignKeyConstraint(['tenant_id', 'client_id'], ['core.client.tenant_id', 'core.client.id'], name=op.f('fk_client_equation_client_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'client_id', 'day', name=op.f('pk_client_equation')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_client_equation_day', 'client_equation', ['tenant_id', 'day'], unique=False, schema='core')
    op.create_table('payout',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('batch_id', sa.Uuid(), nullable=False),
    sa.Column('attempt', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('account_name', sa.Text(), nullable=False),
    sa.Column('account_masked', sa.Text(), nullable=False),
    sa.Column('clearing_number', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('journal_id', sa.Uuid(), nullable=True),
    sa.Column('bank_reference', sa.Text(), nullable=True),
    sa.Column('bank_serial', sa.Text(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('tries', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('next_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('sent_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('finished_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('created', 'sent', 'paid', 'failed', 'returned')", name=op.f('ck_payout_status')),
    sa.CheckConstraint('amount_fen > 0', name=op.f('ck_payout_amount')),
    sa.ForeignKeyConstraint(['tenant_id', 'batch_id'], ['core.settlement_batch.tenant_id', 'core.settlement_batch.id'], name=op.f('fk_payout_batch_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_payout')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_payout_bank_serial', 'payout', ['tenant_id', 'bank_serial'], unique=False, schema='core', postgresql_where=sa.text('bank_serial IS NOT NULL'))
    op.create_index('ix_payout_due', 'payout', ['tenant_id', 'next_at'], unique=False, schema='core', postgresql_where=sa.text('next_at IS NOT NULL'))
    op.create_index('uq_payout_attempt', 'payout', ['tenant_id', 'batch_id', 'attempt'], unique=True, schema='core')
    op.create_index('uq_payout_number', 'payout', ['tenant_id', 'number'], unique=True, schema='core')
    op.create_table('settlement_adjustment',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('difference_id', sa.Uuid(), nullable=True),
    sa.Column('journal_id', sa.Uuid(), nullable=False),
    sa.Column('batch_id', sa.Uuid(), nullable=True),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('checked_by', sa.Text(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('amount_fen <> 0', name=op.f('ck_settlement_adjustment_amount')),
    sa.ForeignKeyConstraint(['tenant_id', 'batch_id'], ['core.settlement_batch.tenant_id', 'core.settlement_batch.id'], name=op.f('fk_settlement_adjustment_batch_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'merchant_id'], ['core.merchant.tenant_id', 'core.merchant.id'], name=op.f('fk_settlement_adjustment_merchant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_settlement_adjustment')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_settlement_adjustment_open', 'settlement_adjustment', ['tenant_id', 'merchant_id'], unique=False, schema='core', postgresql_where=sa.text('batch_id IS NULL'))
    op.create_table('settlement_item',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('batch_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('ref_id', sa.Uuid(), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=False),
    sa.Column('payment_id', sa.Uuid(), nullable=True),
    sa.Column('allocations', postgresql.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('merchant_number', sa.Text(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('fee_fen', sa.BigInteger(), nullable=False),
    sa.Column('bill_on', sa.Date(), nullable=False),
    sa.CheckConstraint("kind IN ('pay', 'refund', 'adjust', 'split', 'partner')", name=op.f('ck_settlement_item_kind')),
    sa.ForeignKeyConstraint(['tenant_id', 'batch_id'], ['core.settlement_batch.tenant_id', 'core.settlement_batch.id'], name=op.f('fk_settlement_item_batch_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'batch_id', 'kind', 'ref_id', name=op.f('pk_settlement_item')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_settlement_item_payment_id', 'settlement_item', ['tenant_id', 'payment_id'], unique=False, schema='core')
    op.create_index('ix_settlement_item_ref_id', 'settlement_item', ['tenant_id', 'ref_id'], unique=False, schema='core')
    op.create_index('ix_counter_entry_payment_id', 'counter_entry', ['tenant_id', 'payment_id'], unique=False, schema='core')
    op.create_index('ix_payment_order_number', 'payment', ['tenant_id', 'order_number'], unique=False, schema='core')
    op.add_column('rate', sa.Column('fixed_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False), schema='core')
    op.create_index('ix_refund_item_reference', 'refund_item', ['tenant_id', 'reference'], unique=False, schema='core', postgresql_where=sa.text('reference IS NOT NULL'))
    op.execute('ALTER TABLE core.rate ADD CONSTRAINT ck_rate_fixed CHECK (((fixed_fen >= 0) AND (fixed_fen <= 10000)))')
    for statement in security.protect_table('core', 'bank_connection', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'channel_arrival', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'equation_day', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'field_map', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'match_rule', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'recon_assignment', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'recon_difference', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'recon_remedy_batch', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'recon_run', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'saved_view', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'settlement_day', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'settlement_month', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'statement', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'statement_fetch', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'statement_line', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'bank_entry', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'field_map_version', tenant=True, append_only=True):
        op.execute(statement)
    for statement in security.protect_table('core', 'recon_event', tenant=True, append_only=True):
        op.execute(statement)
    for statement in security.protect_table('core', 'recon_remedy', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'settlement_batch', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'settlement_split', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'statement_merchant', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'statement_piece', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'statement_refusal', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'client_equation', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'payout', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'settlement_adjustment', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'settlement_item', tenant=True, append_only=False):
        op.execute(statement)


def downgrade() -> None:
    op.drop_index('ix_refund_item_reference', table_name='refund_item', schema='core', postgresql_where=sa.text('reference IS NOT NULL'))
    op.drop_column('rate', 'fixed_fen', schema='core')
    op.drop_index('ix_payment_order_number', table_name='payment', schema='core')
    op.drop_index('ix_counter_entry_payment_id', table_name='counter_entry', schema='core')
    op.drop_index('ix_settlement_item_ref_id', table_name='settlement_item', schema='core')
    op.drop_index('ix_settlement_item_payment_id', table_name='settlement_item', schema='core')
    op.drop_table('settlement_item', schema='core')
    op.drop_index('ix_settlement_adjustment_open', table_name='settlement_adjustment', schema='core', postgresql_where=sa.text('batch_id IS NULL'))
    op.drop_table('settlement_adjustment', schema='core')
    op.drop_index('uq_payout_number', table_name='payout', schema='core')
    op.drop_index('uq_payout_attempt', table_name='payout', schema='core')
    op.drop_index('ix_payout_due', table_name='payout', schema='core', postgresql_where=sa.text('next_at IS NOT NULL'))
    op.drop_index('ix_payout_bank_serial', table_name='payout', schema='core', postgresql_where=sa.text('bank_serial IS NOT NULL'))
    op.drop_table('payout', schema='core')
    op.drop_index('ix_client_equation_day', table_name='client_equation', schema='core')
    op.drop_table('client_equation', schema='core')
    op.drop_table('statement_refusal', schema='core')
    op.drop_table('statement_piece', schema='core')
    op.drop_index('uq_statement_merchant_number', table_name='statement_merchant', schema='core')
    op.drop_table('statement_merchant', schema='core')
    op.drop_index('ix_settlement_split_merchant_id', table_name='settlement_split', schema='core')
    op.drop_table('settlement_split', schema='core')
    op.drop_index('uq_settlement_batch_number', table_name='settlement_batch', schema='core')
    op.drop_index('uq_settlement_batch_day', table_name='settlement_batch', schema='core')
    op.drop_index('ix_settlement_batch_settle_on', table_name='settlement_batch', schema='core')
    op.drop_table('settlement_batch', schema='core')
    op.drop_index('uq_recon_remedy_live', table_name='recon_remedy', schema='core', postgresql_where=sa.text("status IN ('proposed', 'approved', 'running')"))
    op.drop_index('ix_recon_remedy_difference_id', table_name='recon_remedy', schema='core')
    op.drop_index('ix_recon_remedy_batch', table_name='recon_remedy', schema='core')
    op.drop_table('recon_remedy', schema='core')
    op.drop_index('ix_recon_event_difference_id', table_name='recon_event', schema='core')
    op.drop_table('recon_event', schema='core')
    op.drop_table('field_map_version', schema='core')
    op.drop_index('uq_bank_entry_serial', table_name='bank_entry', schema='core')
    op.drop_index('ix_bank_entry_serial', table_name='bank_entry', schema='core')
    op.drop_index('ix_bank_entry_payout_id', table_name='bank_entry', schema='core', postgresql_where=sa.text('payout_id IS NOT NULL'))
    op.drop_index('ix_bank_entry_booked_on', table_name='bank_entry', schema='core')
    op.drop_index('ix_bank_entry_arrival_id', table_name='bank_entry', schema='core', postgresql_where=sa.text('arrival_id IS NOT NULL'))
    op.drop_table('bank_entry', schema='core')
    op.drop_index('ix_statement_line_serial', table_name='statement_line', schema='core', postgresql_where=sa.text('serial IS NOT NULL'))
    op.drop_index('ix_statement_line_number', table_name='statement_line', schema='core')
    op.drop_index('ix_statement_line_channel_number', table_name='statement_line', schema='core')
    op.drop_table('statement_line', schema='core')
    op.drop_index('ix_statement_fetch_due', table_name='statement_fetch', schema='core', postgresql_where=sa.text('next_at IS NOT NULL'))
    op.drop_index('ix_statement_fetch_bill_on', table_name='statement_fetch', schema='core')
    op.drop_table('statement_fetch', schema='core')
    op.drop_index('uq_statement_loaded', table_name='statement', schema='core', postgresql_where=sa.text("status = 'loaded'"))
    op.drop_index('ix_statement_sha256', table_name='statement', schema='core')
    op.drop_index('ix_statement_created', table_name='statement', schema='core')
    op.drop_index('ix_statement_bill_on', table_name='statement', schema='core')
    op.drop_table('statement', schema='core')
    op.drop_index('uq_settlement_month_month', table_name='settlement_month', schema='core')
    op.drop_table('settlement_month', schema='core')
    op.drop_table('settlement_day', schema='core')
    op.drop_index('ix_saved_view_page', table_name='saved_view', schema='core')
    op.drop_table('saved_view', schema='core')
    op.drop_index('uq_recon_run_bill_on', table_name='recon_run', schema='core')
    op.drop_table('recon_run', schema='core')
    op.drop_index('uq_recon_remedy_batch_code', table_name='recon_remedy_batch', schema='core')
    op.drop_index('ix_recon_remedy_batch_created', table_name='recon_remedy_batch', schema='core')
    op.drop_table('recon_remedy_batch', schema='core')
    op.drop_index('uq_recon_difference_key', table_name='recon_difference', schema='core')
    op.drop_index('uq_recon_difference_code', table_name='recon_difference', schema='core')
    op.drop_index('ix_recon_difference_status', table_name='recon_difference', schema='core')
    op.drop_index('ix_recon_difference_payment_id', table_name='recon_difference', schema='core')
    op.drop_index('ix_recon_difference_number', table_name='recon_difference', schema='core')
    op.drop_index('ix_recon_difference_channel_number', table_name='recon_difference', schema='core')
    op.drop_table('recon_difference', schema='core')
    op.drop_index('ix_recon_assignment_position', table_name='recon_assignment', schema='core')
    op.drop_table('recon_assignment', schema='core')
    op.drop_index('ix_match_rule_position', table_name='match_rule', schema='core')
    op.drop_table('match_rule', schema='core')
    op.drop_index('uq_field_map_code', table_name='field_map', schema='core')
    op.drop_table('field_map', schema='core')
    op.drop_table('equation_day', schema='core')
    op.drop_index('uq_channel_arrival_day', table_name='channel_arrival', schema='core')
    op.drop_index('ix_channel_arrival_due', table_name='channel_arrival', schema='core')
    op.drop_index('ix_channel_arrival_bank_serial', table_name='channel_arrival', schema='core', postgresql_where=sa.text('bank_serial IS NOT NULL'))
    op.drop_table('channel_arrival', schema='core')
    op.drop_index('uq_bank_connection_account', table_name='bank_connection', schema='core')
    op.drop_table('bank_connection', schema='core')
