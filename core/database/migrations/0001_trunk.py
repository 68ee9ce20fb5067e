"""The trunk (2026-11-22)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import core.database.tables
from core.database import security

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table('allocation',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('payment_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('bill_id', sa.Uuid(), nullable=True),
    sa.Column('line_no', sa.Integer(), nullable=True),
    sa.Column('party_id', sa.Uuid(), nullable=True),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('journal_id', sa.Uuid(), nullable=False),
    sa.Column('allocated_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.CheckConstraint("(kind = 'bill') = (bill_id IS NOT NULL AND line_no IS NOT NULL)", name=op.f('ck_allocation_bill')),
    sa.CheckConstraint("(kind = 'credit') = (party_id IS NOT NULL)", name=op.f('ck_allocation_credit')),
    sa.CheckConstraint("kind IN ('bill', 'credit', 'suspense')", name=op.f('ck_allocation_kind')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_allocation')),
    schema='core',
    info={'tenant': True, 'append_only': True}
    )
    op.create_index('ix_allocation_bill_id', 'allocation', ['tenant_id', 'bill_id'], unique=False, schema='core')
    op.create_index('ix_allocation_credit', 'allocation', ['tenant_id', 'party_id'], unique=False, schema='core', postgresql_where=sa.text("kind = 'credit'"))
    op.create_index('ix_allocation_payment_id', 'allocation', ['tenant_id', 'payment_id'], unique=False, schema='core')
    op.create_table('api_key',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('tail', sa.Text(), nullable=False),
    sa.Column('roles', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('expires_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('ended_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_api_key')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_api_key_token_hash', 'api_key', ['tenant_id', 'token_hash'], unique=True, schema='core')
    op.create_table('approval',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.Uuid(), nullable=False),
    sa.Column('org_id', sa.Uuid(), nullable=True),
    sa.Column('amount_fen', sa.BigInteger(), nullable=True),
    sa.Column('proposal', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('made_by_id', sa.Text(), nullable=False),
    sa.Column('decided_by', sa.Text(), nullable=True),
    sa.Column('decided_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('remark', sa.Text(), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('waiting', 'approved', 'rejected', 'withdrawn')", name=op.f('ck_approval_status')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_approval')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_approval_created', 'approval', ['tenant_id', 'created_at', 'id'], unique=False, schema='core')
    op.create_index('uq_approval_waiting', 'approval', ['tenant_id', 'kind', 'subject_id'], unique=True, schema='core', postgresql_where=sa.text("status = 'waiting'"))
    op.create_table('audit_log',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('actor_kind', sa.Text(), nullable=False),
    sa.Column('actor_id', sa.Text(), nullable=False),
    sa.Column('actor_name', sa.Text(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('object_type', sa.Text(), nullable=False),
    sa.Column('object_id', sa.Text(), nullable=False),
    sa.Column('before', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('after', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('ip', sa.Text(), nullable=True),
    sa.Column('request_id', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_audit_log')),
    schema='core',
    info={'tenant': True, 'append_only': True}
    )
    op.create_index('ix_audit_log_at', 'audit_log', ['tenant_id', 'at'], unique=False, schema='core')
    op.create_index('ix_audit_log_object', 'audit_log', ['tenant_id', 'object_type', 'object_id'], unique=False, schema='core')
    op.create_table('audit_seal',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('audit_id', sa.Uuid(), nullable=False),
    sa.Column('chain_hash', sa.LargeBinary(), nullable=False),
    sa.Column('sealed_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'seq', name=op.f('pk_audit_seal')),
    schema='core',
    info={'tenant': True, 'append_only': True}
    )
    op.create_index('uq_audit_seal_audit_id', 'audit_seal', ['tenant_id', 'audit_id'], unique=True, schema='core')
    op.create_table('branch',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('parent_id', sa.Uuid(), nullable=True),
    sa.Column('path', core.database.tables.Ltree(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.CheckConstraint("kind IN ('hq', 'branch', 'sub_branch')", name=op.f('ck_branch_kind')),
    sa.ForeignKeyConstraint(['tenant_id', 'parent_id'], ['core.branch.tenant_id', 'core.branch.id'], name=op.f('fk_branch_parent_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_branch')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_branch_code', 'branch', ['tenant_id', 'code'], unique=True, schema='core')
    op.create_table('channel_account',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('mchid', sa.Text(), nullable=False),
    sa.Column('appid', sa.Text(), nullable=False),
    sa.Column('mode', sa.Text(), server_default=sa.text("'direct'"), nullable=False),
    sa.Column('base_url', sa.Text(), nullable=False),
    sa.Column('credentials_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('settings', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('status', sa.Text(), server_default=sa.text("'active'"), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('active', 'suspended')", name=op.f('ck_channel_account_status')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_channel_account')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_channel_account_mchid', 'channel_account', ['tenant_id', 'channel', 'mchid'], unique=True, schema='core')
    op.create_table('channel_notice',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('order_number', sa.Text(), nullable=True),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('headers', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('received_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_channel_notice')),
    schema='core',
    info={'tenant': True, 'append_only': True}
    )
    op.create_index('ix_channel_notice_order', 'channel_notice', ['tenant_id', 'order_number'], unique=False, schema='core')
    op.create_index('ix_channel_notice_received', 'channel_notice', ['tenant_id', 'received_at'], unique=False, schema='core')
    op.create_table('failed_try',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('mark', sa.LargeBinary(), nullable=False),
    sa.Column('at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_failed_try')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_failed_try_at', 'failed_try', ['tenant_id', 'at'], unique=False, schema='core')
    op.create_index('ix_failed_try_mark', 'failed_try', ['tenant_id', 'purpose', 'mark', 'at'], unique=False, schema='core')
    op.create_table('idempotency',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('scope', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('body_hash', sa.LargeBinary(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('answer', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'scope', 'key', name=op.f('pk_idempotency')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_table('import_batch',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('filename', sa.Text(), nullable=False),
    sa.Column('file_id', sa.Uuid(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('verdicts_id', sa.Uuid(), nullable=True),
    sa.Column('totals', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('applied_totals', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('error_code', sa.Text(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('job_id', sa.Uuid(), nullable=True),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('made_by_name', sa.Text(), nullable=False),
    sa.Column('applied_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('checking', 'checked', 'refused', 'cancelled', 'applying', 'applied', 'failed')", name=op.f('ck_import_batch_status')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_import_batch')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_import_batch_created', 'import_batch', ['tenant_id', 'created_at'], unique=False, schema='core')
    op.create_table('job',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('params', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('done', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('total', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('result', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('error_code', sa.Text(), nullable=True),
    sa.Column('attempts', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('lease_id', sa.Uuid(), nullable=True),
    sa.Column('lease_until', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('stop_asked', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('file_id', sa.Uuid(), nullable=True),
    sa.Column('started_by', sa.Text(), nullable=False),
    sa.Column('started_by_kind', sa.Text(), nullable=False),
    sa.Column('started_by_name', sa.Text(), nullable=False),
    sa.Column('finished_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('queued', 'running', 'cancelled', 'done', 'failed')", name=op.f('ck_job_status')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_job')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_job_open', 'job', ['tenant_id', 'created_at'], unique=False, schema='core', postgresql_where=sa.text("status IN ('queued','running')"))
    op.create_index('ix_job_recent', 'job', ['tenant_id', 'created_at'], unique=False, schema='core')
    op.create_table('ledger_account',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('floor_fen', sa.BigInteger(), nullable=True),
    sa.Column('opened_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("kind IN ('asset', 'liability', 'income', 'expense')", name=op.f('ck_ledger_account_kind')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_ledger_account')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_ledger_account_code', 'ledger_account', ['tenant_id', 'code'], unique=True, schema='core')
    op.create_table('ledger_journal',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('event', sa.Text(), nullable=False),
    sa.Column('biz_type', sa.Text(), nullable=False),
    sa.Column('biz_id', sa.Text(), nullable=False),
    sa.Column('currency', sa.Text(), server_default=sa.text("'CNY'"), nullable=False),
    sa.Column('accounting_on', sa.Date(), nullable=False),
    sa.Column('memo', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('reverses_id', sa.Uuid(), nullable=True),
    sa.Column('posted_by', sa.Text(), nullable=False),
    sa.Column('posted_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_ledger_journal')),
    schema='core',
    info={'tenant': True, 'append_only': True}
    )
    op.create_index('ix_ledger_journal_biz', 'ledger_journal', ['tenant_id', 'biz_type', 'biz_id'], unique=False, schema='core')
    op.create_index('uq_ledger_journal_key', 'ledger_journal', ['tenant_id', 'key'], unique=True, schema='core')
    op.create_index('uq_ledger_journal_reverses_id', 'ledger_journal', ['tenant_id', 'reverses_id'], unique=True, schema='core', postgresql_where=sa.text('reverses_id IS NOT NULL'))
    op.create_table('ledger_snapshot',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('horizon', sa.BigInteger(), nullable=False),
    sa.Column('balance_fen', sa.BigInteger(), nullable=False),
    sa.Column('entries', sa.BigInteger(), nullable=False),
    sa.Column('taken_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'account_id', 'horizon', name=op.f('pk_ledger_snapshot')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_table('login_failure',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('subject', sa.LargeBinary(), nullable=False),
    sa.Column('at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_login_failure')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_login_failure_subject', 'login_failure', ['tenant_id', 'subject', 'at'], unique=False, schema='core')
    op.create_table('merchant',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('legal_name', sa.Text(), nullable=False),
    sa.Column('uscc', sa.Text(), nullable=True),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('draft', 'submitted', 'bank_review', 'rejected', 'channel_review', 'signing', 'active', 'suspended', 'closed')", name=op.f('ck_merchant_status')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_merchant')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_merchant_code', 'merchant', ['tenant_id', 'code'], unique=True, schema='core')
    op.create_table('message',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('template', sa.Text(), nullable=False),
    sa.Column('means', sa.Text(), nullable=False),
    sa.Column('party_id', sa.Uuid(), nullable=True),
    sa.Column('to_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('to_masked', sa.Text(), nullable=False),
    sa.Column('body_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('attempts', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('due_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('sent_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('waiting', 'sent', 'failed')", name=op.f('ck_message_status')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_message')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_message_due', 'message', ['tenant_id', 'due_at'], unique=False, schema='core', postgresql_where=sa.text("status = 'waiting'"))
    op.create_index('uq_message_key', 'message', ['tenant_id', 'key'], unique=True, schema='core')
    op.create_table('one_time_code',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('device', sa.LargeBinary(), nullable=False),
    sa.Column('phone_index', sa.LargeBinary(), nullable=True),
    sa.Column('code_hash', sa.LargeBinary(), nullable=False),
    sa.Column('subject', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('attempts', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('expires_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('used_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_one_time_code')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_one_time_code_device', 'one_time_code', ['tenant_id', 'device', 'created_at'], unique=False, schema='core')
    op.create_index('ix_one_time_code_phone', 'one_time_code', ['tenant_id', 'phone_index', 'created_at'], unique=False, schema='core')
    op.create_table('org_unit',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('parent_id', sa.Uuid(), nullable=True),
    sa.Column('path', core.database.tables.Ltree(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('code', sa.Text(), nullable=True),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('attributes', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'parent_id'], ['core.org_unit.tenant_id', 'core.org_unit.id'], name=op.f('fk_org_unit_parent_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_org_unit')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_org_unit_name', 'org_unit', ['tenant_id', 'parent_id', 'name'], unique=True, schema='core', postgresql_nulls_not_distinct=True)
    op.create_table('outbox_event',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('payload', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('due_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('delivered_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('only_plugin', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_outbox_event')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_outbox_event_held', 'outbox_event', ['tenant_id', 'only_plugin'], unique=False, schema='core', postgresql_where=sa.text('only_plugin IS NOT NULL AND delivered_at IS NULL'))
    op.create_index('ix_outbox_event_pending', 'outbox_event', ['tenant_id', 'due_at'], unique=False, schema='core', postgresql_where=sa.text('delivered_at IS NULL'))
    op.create_table('payer',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('phone_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('phone_index', sa.LargeBinary(), nullable=False),
    sa.Column('phone_masked', sa.Text(), nullable=False),
    sa.Column('openids', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_payer')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_payer_phone_index', 'payer', ['tenant_id', 'phone_index'], unique=True, schema='core')
    op.create_table('payment',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=True),
    sa.Column('order_number', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('mchid', sa.Text(), nullable=False),
    sa.Column('channel_txn_id', sa.Text(), nullable=False),
    sa.Column('scene', sa.Text(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('refunded_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('payer_id', sa.Uuid(), nullable=True),
    sa.Column('journal_id', sa.Uuid(), nullable=False),
    sa.Column('paid_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('booked_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.CheckConstraint('amount_fen > 0 AND refunded_fen >= 0 AND refunded_fen <= amount_fen', name=op.f('ck_payment_amounts')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_payment')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_payment_booked', 'payment', ['tenant_id', 'booked_at', 'id'], unique=False, schema='core')
    op.create_index('ix_payment_order_id', 'payment', ['tenant_id', 'order_id'], unique=False, schema='core')
    op.create_index('uq_payment_channel_txn_id', 'payment', ['tenant_id', 'channel', 'channel_txn_id'], unique=True, schema='core')
    op.create_table('payment_order',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('channel_account_id', sa.Uuid(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('mchid', sa.Text(), nullable=False),
    sa.Column('scene', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.Text(), server_default=sa.text("'CNY'"), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('payer_id', sa.Uuid(), nullable=True),
    sa.Column('payer_session_id', sa.Uuid(), nullable=True),
    sa.Column('idempotency_key', sa.Text(), nullable=False),
    sa.Column('payer_ip', sa.Text(), nullable=False),
    sa.Column('openid', sa.Text(), nullable=True),
    sa.Column('return_url', sa.Text(), nullable=True),
    sa.Column('prepared', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('channel_txn_id', sa.Text(), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('expires_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('next_query_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('queries', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('decided_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('created', 'pending', 'closed', 'failed', 'succeeded')", name=op.f('ck_payment_order_status')),
    sa.CheckConstraint('amount_fen > 0', name=op.f('ck_payment_order_amount')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_payment_order')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_payment_order_created', 'payment_order', ['tenant_id', 'created_at', 'id'], unique=False, schema='core')
    op.create_index('ix_payment_order_due', 'payment_order', ['tenant_id', 'next_query_at'], unique=False, schema='core', postgresql_where=sa.text('next_query_at IS NOT NULL'))
    op.create_index('ix_payment_order_payer', 'payment_order', ['tenant_id', 'payer_id', 'created_at'], unique=False, schema='core')
    op.create_index('uq_payment_order_idempotency_key', 'payment_order', ['tenant_id', 'idempotency_key'], unique=True, schema='core')
    op.create_index('uq_payment_order_number', 'payment_order', ['tenant_id', 'number'], unique=True, schema='core')
    op.create_table('plugin_default',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('plugin', sa.Text(), nullable=False),
    sa.Column('client_kind', sa.Text(), nullable=False),
    sa.Column('on_by_default', sa.Boolean(), nullable=False),
    sa.Column('visible', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'plugin', 'client_kind', name=op.f('pk_plugin_default')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_table('route',
    sa.Column('key_hash', sa.LargeBinary(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('key_hash', name=op.f('pk_route')),
    schema='core',
    info={'tenant': False, 'append_only': False}
    )
    op.create_index('ix_route_tenant_id', 'route', ['tenant_id'], unique=False, schema='core')
    op.create_table('stored_file',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('media_type', sa.Text(), nullable=False),
    sa.Column('sha256', sa.LargeBinary(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=True),
    sa.Column('contains_personal', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('permission', sa.Text(), nullable=True),
    sa.Column('expires_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_stored_file')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_stored_file_expires_at', 'stored_file', ['tenant_id', 'expires_at'], unique=False, schema='core', postgresql_where=sa.text('sealed IS NOT NULL'))
    op.create_table('suspense_item',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('payment_id', sa.Uuid(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('left_fen', sa.BigInteger(), nullable=False),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('resolution', sa.Text(), nullable=True),
    sa.Column('resolved_by', sa.Text(), nullable=True),
    sa.Column('resolved_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('open', 'resolved')", name=op.f('ck_suspense_item_status')),
    sa.CheckConstraint('left_fen >= 0 AND left_fen <= amount_fen', name=op.f('ck_suspense_item_amounts')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_suspense_item')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_suspense_item_open', 'suspense_item', ['tenant_id', 'created_at'], unique=False, schema='core', postgresql_where=sa.text("status = 'open'"))
    op.create_index('uq_suspense_item_key', 'suspense_item', ['tenant_id', 'key'], unique=True, schema='core')
    op.create_table('tenant_due',
    sa.Column('tenant_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('due_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('idle_since', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('tenant_id', 'kind', name=op.f('pk_tenant_due')),
    schema='core',
    info={'tenant': False, 'append_only': False}
    )
    op.create_index('ix_tenant_due_due_at', 'tenant_due', ['due_at'], unique=False, schema='core')
    op.create_table('tenant_key',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('master_key_id', sa.Text(), nullable=False),
    sa.Column('wrapped', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('tenant_id', 'purpose', 'version', name=op.f('pk_tenant_key')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_table('user',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('login', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('totp_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('totp_last_step', sa.BigInteger(), nullable=True),
    sa.Column('must_change_password', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('status', sa.Text(), server_default=sa.text("'active'"), nullable=False),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('active', 'disabled')", name=op.f('ck_user_status')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_user')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_user_login', 'user', ['tenant_id', 'login'], unique=True, schema='core')
    op.create_table('client',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('branch_id', sa.Uuid(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('branding', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('settings', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('draft', 'active', 'suspended', 'closed')", name=op.f('ck_client_status')),
    sa.ForeignKeyConstraint(['tenant_id', 'branch_id'], ['core.branch.tenant_id', 'core.branch.id'], name=op.f('fk_client_branch_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_client')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_client_branch_id', 'client', ['tenant_id', 'branch_id'], unique=False, schema='core')
    op.create_index('uq_client_code', 'client', ['tenant_id', 'code'], unique=True, schema='core')
    op.create_table('consent',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('payer_id', sa.Uuid(), nullable=False),
    sa.Column('party_id', sa.Uuid(), nullable=True),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('version', sa.Text(), nullable=False),
    sa.Column('text_hash', sa.LargeBinary(), nullable=False),
    sa.Column('scope', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('channel', sa.Text(), server_default=sa.text("'h5'"), nullable=False),
    sa.Column('given_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('withdrawn_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['tenant_id', 'payer_id'], ['core.payer.tenant_id', 'core.payer.id'], name=op.f('fk_consent_payer_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_consent')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_consent_payer_id', 'consent', ['tenant_id', 'payer_id'], unique=False, schema='core')
    op.create_table('fee_item',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('plugin', sa.Text(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('category', sa.Text(), nullable=False),
    sa.Column('period', sa.Text(), nullable=False),
    sa.Column('mandatory', sa.Boolean(), nullable=False),
    sa.Column('discountable', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=False),
    sa.Column('refundable_policy', sa.Text(), server_default=sa.text("'none'"), nullable=False),
    sa.Column('ticket_type', sa.Text(), server_default=sa.text("'receipt'"), nullable=False),
    sa.Column('position', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'merchant_id'], ['core.merchant.tenant_id', 'core.merchant.id'], name=op.f('fk_fee_item_merchant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_fee_item')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_fee_item_code', 'fee_item', ['tenant_id', 'plugin', 'code'], unique=True, schema='core')
    op.create_table('ledger_entry',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('journal_id', sa.Uuid(), nullable=False),
    sa.Column('line_no', sa.BigInteger(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=True),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('accounting_on', sa.Date(), nullable=False),
    sa.Column('settle_on', sa.Date(), nullable=True),
    sa.Column('posted_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('xid', sa.BigInteger(), server_default=sa.text('(pg_current_xact_id()::text)::bigint'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'journal_id'], ['core.ledger_journal.tenant_id', 'core.ledger_journal.id'], name=op.f('fk_ledger_entry_journal_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'journal_id', 'line_no', name=op.f('pk_ledger_entry')),
    schema='core',
    info={'tenant': True, 'append_only': True}
    )
    op.create_index('ix_ledger_entry_account', 'ledger_entry', ['tenant_id', 'account_id', 'xid'], unique=False, schema='core')
    op.create_index('ix_ledger_entry_posted', 'ledger_entry', ['tenant_id', 'account_id', 'posted_at'], unique=False, schema='core')
    op.create_table('party',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('plugin', sa.Text(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('name_pinyin', sa.Text(), nullable=False),
    sa.Column('family_index', sa.LargeBinary(), nullable=True),
    sa.Column('org_id', sa.Uuid(), nullable=True),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'org_id'], ['core.org_unit.tenant_id', 'core.org_unit.id'], name=op.f('fk_party_org_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_party')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_party_family_index', 'party', ['tenant_id', 'family_index'], unique=False, schema='core')
    op.create_index('ix_party_org_id', 'party', ['tenant_id', 'org_id'], unique=False, schema='core')
    op.create_index('uq_party_number', 'party', ['tenant_id', 'plugin', 'number'], unique=True, schema='core')
    op.create_table('payer_session',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('payer_id', sa.Uuid(), nullable=True),
    sa.Column('csrf', sa.Text(), nullable=False),
    sa.Column('device', sa.LargeBinary(), nullable=False),
    sa.Column('openids', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('bill_ids', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('expires_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('ended_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'payer_id'], ['core.payer.tenant_id', 'core.payer.id'], name=op.f('fk_payer_session_payer_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_payer_session')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_payer_session_token_hash', 'payer_session', ['tenant_id', 'token_hash'], unique=True, schema='core')
    op.create_table('payment_order_item',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('bill_id', sa.Uuid(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('amount_fen > 0', name=op.f('ck_payment_order_item_amount')),
    sa.ForeignKeyConstraint(['tenant_id', 'order_id'], ['core.payment_order.tenant_id', 'core.payment_order.id'], name=op.f('fk_payment_order_item_order_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'order_id', 'position', name=op.f('pk_payment_order_item')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_payment_order_item_bill_id', 'payment_order_item', ['tenant_id', 'bill_id'], unique=False, schema='core')
    op.create_table('role_grant',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('org_id', sa.Uuid(), nullable=True),
    sa.Column('granted_by', sa.Text(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'user_id'], ['core.user.tenant_id', 'core.user.id'], name=op.f('fk_role_grant_user_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_role_grant')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_role_grant', 'role_grant', ['tenant_id', 'user_id', 'role', 'org_id'], unique=True, schema='core', postgresql_nulls_not_distinct=True)
    op.create_table('session',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('csrf', sa.Text(), nullable=False),
    sa.Column('second_factor', sa.Boolean(), nullable=False),
    sa.Column('ip', sa.Text(), nullable=False),
    sa.Column('agent', sa.Text(), nullable=False),
    sa.Column('seen_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('expires_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('ended_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'user_id'], ['core.user.tenant_id', 'core.user.id'], name=op.f('fk_session_user_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_session')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_session_user_id', 'session', ['tenant_id', 'user_id'], unique=False, schema='core')
    op.create_index('uq_session_token_hash', 'session', ['tenant_id', 'token_hash'], unique=True, schema='core')
    op.create_table('settlement_account',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=False),
    sa.Column('holder', sa.Text(), nullable=False),
    sa.Column('bank_name', sa.Text(), nullable=False),
    sa.Column('number_sealed', sa.LargeBinary(), nullable=False),
    sa.Column('number_index', sa.LargeBinary(), nullable=False),
    sa.Column('number_masked', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('made_by_name', sa.Text(), nullable=False),
    sa.Column('checked_by', sa.Text(), nullable=True),
    sa.Column('checked_by_name', sa.Text(), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('pending', 'active', 'rejected', 'retired')", name=op.f('ck_settlement_account_status')),
    sa.ForeignKeyConstraint(['tenant_id', 'merchant_id'], ['core.merchant.tenant_id', 'core.merchant.id'], name=op.f('fk_settlement_account_merchant_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_settlement_account')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('uq_settlement_account_number', 'settlement_account', ['tenant_id', 'merchant_id', 'number_index'], unique=True, schema='core')
    op.create_table('bill',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('pay_code', sa.Text(), nullable=False),
    sa.Column('plugin', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('party_id', sa.Uuid(), nullable=False),
    sa.Column('org_id', sa.Uuid(), nullable=True),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('period', sa.Text(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('visible_from', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('discount_fen', sa.BigInteger(), nullable=False),
    sa.Column('paid_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('refunded_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('allow_partial', sa.Boolean(), nullable=False),
    sa.Column('allow_merge', sa.Boolean(), nullable=False),
    sa.Column('instalments', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('issued_at', postgresql.TIMESTAMP(timezone=True), nullable=False),
    sa.CheckConstraint("status IN ('draft', 'issued', 'void', 'partially_paid', 'paid', 'written_off', 'partially_refunded', 'refunded')", name=op.f('ck_bill_status')),
    sa.CheckConstraint('amount_fen >= 0 AND paid_fen >= 0 AND refunded_fen >= 0 AND refunded_fen <= paid_fen', name=op.f('ck_bill_amounts')),
    sa.ForeignKeyConstraint(['tenant_id', 'party_id'], ['core.party.tenant_id', 'core.party.id'], name=op.f('fk_bill_party_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_bill')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_bill_issued', 'bill', ['tenant_id', 'issued_at', 'id'], unique=False, schema='core')
    op.create_index('ix_bill_org_id', 'bill', ['tenant_id', 'org_id', 'status'], unique=False, schema='core')
    op.create_index('ix_bill_party_id', 'bill', ['tenant_id', 'party_id'], unique=False, schema='core')
    op.create_index('uq_bill_number', 'bill', ['tenant_id', 'number'], unique=True, schema='core')
    op.create_index('uq_bill_pay_code', 'bill', ['tenant_id', 'pay_code'], unique=True, schema='core')
    op.create_index('uq_bill_source', 'bill', ['tenant_id', 'source', 'party_id'], unique=True, schema='core', postgresql_where=sa.text("status <> 'void'"))
    op.create_table('binding',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('payer_id', sa.Uuid(), nullable=False),
    sa.Column('party_id', sa.Uuid(), nullable=False),
    sa.Column('relation', sa.Text(), nullable=False),
    sa.Column('method', sa.Text(), nullable=False),
    sa.Column('is_primary', sa.Boolean(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('matched', 'bound', 'manual_review', 'rejected', 'ended')", name=op.f('ck_binding_status')),
    sa.ForeignKeyConstraint(['tenant_id', 'party_id'], ['core.party.tenant_id', 'core.party.id'], name=op.f('fk_binding_party_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'payer_id'], ['core.payer.tenant_id', 'core.payer.id'], name=op.f('fk_binding_payer_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_binding')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_binding_party_id', 'binding', ['tenant_id', 'party_id'], unique=False, schema='core')
    op.create_index('uq_binding', 'binding', ['tenant_id', 'payer_id', 'party_id'], unique=True, schema='core')
    op.create_table('branch_task',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('object_id', sa.Uuid(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("kind IN ('account_check', 'merchant_activate')", name=op.f('ck_branch_task_kind')),
    sa.ForeignKeyConstraint(['tenant_id', 'client_id'], ['core.client.tenant_id', 'core.client.id'], name=op.f('fk_branch_task_client_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'client_id', 'kind', 'object_id', name=op.f('pk_branch_task')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_table('client_day',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('billed_fen', sa.BigInteger(), nullable=False),
    sa.Column('paid_fen', sa.BigInteger(), nullable=False),
    sa.Column('open_fen', sa.BigInteger(), nullable=False),
    sa.Column('bills', sa.Integer(), nullable=False),
    sa.Column('paid_bills', sa.Integer(), nullable=False),
    sa.Column('active_payers', sa.Integer(), nullable=False),
    sa.Column('written_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'client_id'], ['core.client.tenant_id', 'core.client.id'], name=op.f('fk_client_day_client_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'client_id', 'day', name=op.f('pk_client_day')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_table('client_plugin',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('client_id', sa.Uuid(), nullable=False),
    sa.Column('plugin', sa.Text(), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('changed_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('changed_by', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'client_id'], ['core.client.tenant_id', 'core.client.id'], name=op.f('fk_client_plugin_client_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'client_id', 'plugin', name=op.f('pk_client_plugin')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_table('bill_line',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('bill_id', sa.Uuid(), nullable=False),
    sa.Column('line_no', sa.Integer(), nullable=False),
    sa.Column('item_code', sa.Text(), nullable=False),
    sa.Column('item_name', sa.Text(), nullable=False),
    sa.Column('category', sa.Text(), nullable=False),
    sa.Column('merchant_id', sa.Uuid(), nullable=False),
    sa.Column('quantity', sa.Numeric(precision=14, scale=4), nullable=False),
    sa.Column('unit_price_fen', sa.BigInteger(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('discount_fen', sa.BigInteger(), nullable=False),
    sa.Column('net_fen', sa.BigInteger(), nullable=False),
    sa.Column('paid_fen', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('mandatory', sa.Boolean(), nullable=False),
    sa.Column('chosen', sa.Boolean(), nullable=False),
    sa.Column('rule', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.CheckConstraint('net_fen = amount_fen - discount_fen AND net_fen >= 0 AND paid_fen >= 0', name=op.f('ck_bill_line_amounts')),
    sa.ForeignKeyConstraint(['tenant_id', 'bill_id'], ['core.bill.tenant_id', 'core.bill.id'], name=op.f('fk_bill_line_bill_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'bill_id', 'line_no', name=op.f('pk_bill_line')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_table('bill_version',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('bill_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('lines', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('checked_by', sa.Text(), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['tenant_id', 'bill_id'], ['core.bill.tenant_id', 'core.bill.id'], name=op.f('fk_bill_version_bill_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'bill_id', 'version', name=op.f('pk_bill_version')),
    schema='core',
    info={'tenant': True, 'append_only': True}
    )
    op.create_table('receipt',
    sa.Column('tenant_id', sa.Uuid(), server_default=sa.text("current_setting('app.tenant_id')::uuid"), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('payment_id', sa.Uuid(), nullable=False),
    sa.Column('bill_id', sa.Uuid(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=True),
    sa.Column('seq', sa.Integer(), nullable=True),
    sa.Column('number', sa.Text(), nullable=True),
    sa.Column('verify_code', sa.Text(), nullable=False),
    sa.Column('amount_fen', sa.BigInteger(), nullable=False),
    sa.Column('content', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('issued_at', postgresql.TIMESTAMP(timezone=True), nullable=True),
    sa.Column('created_at', postgresql.TIMESTAMP(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("status IN ('to_issue', 'issued', 'red_flushed', 'voided')", name=op.f('ck_receipt_status')),
    sa.ForeignKeyConstraint(['tenant_id', 'bill_id'], ['core.bill.tenant_id', 'core.bill.id'], name=op.f('fk_receipt_bill_id')),
    sa.ForeignKeyConstraint(['tenant_id', 'payment_id'], ['core.payment.tenant_id', 'core.payment.id'], name=op.f('fk_receipt_payment_id')),
    sa.PrimaryKeyConstraint('tenant_id', 'id', name=op.f('pk_receipt')),
    schema='core',
    info={'tenant': True, 'append_only': False}
    )
    op.create_index('ix_receipt_bill_id', 'receipt', ['tenant_id', 'bill_id'], unique=False, schema='core')
    op.create_index('ix_receipt_to_issue', 'receipt', ['tenant_id', 'created_at'], unique=False, schema='core', postgresql_where=sa.text("status = 'to_issue'"))
    op.create_index('uq_receipt_payment_bill', 'receipt', ['tenant_id', 'payment_id', 'bill_id'], unique=True, schema='core')
    op.create_index('uq_receipt_seq', 'receipt', ['tenant_id', 'year', 'seq'], unique=True, schema='core')
    for statement in security.protect_table('core', 'allocation', tenant=True, append_only=True):
        op.execute(statement)
    for statement in security.protect_table('core', 'api_key', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'approval', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'audit_log', tenant=True, append_only=True):
        op.execute(statement)
    for statement in security.protect_table('core', 'audit_seal', tenant=True, append_only=True):
        op.execute(statement)
    for statement in security.protect_table('core', 'branch', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'channel_account', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'channel_notice', tenant=True, append_only=True):
        op.execute(statement)
    for statement in security.protect_table('core', 'failed_try', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'idempotency', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'import_batch', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'job', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'ledger_account', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'ledger_journal', tenant=True, append_only=True):
        op.execute(statement)
    for statement in security.protect_table('core', 'ledger_snapshot', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'login_failure', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'merchant', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'message', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'one_time_code', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'org_unit', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'outbox_event', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'payer', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'payment', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'payment_order', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'plugin_default', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'route', tenant=False, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'stored_file', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'suspense_item', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'tenant_due', tenant=False, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'tenant_key', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'user', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'client', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'consent', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'fee_item', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'ledger_entry', tenant=True, append_only=True):
        op.execute(statement)
    for statement in security.protect_table('core', 'party', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'payer_session', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'payment_order_item', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'role_grant', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'session', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'settlement_account', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'bill', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'binding', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'branch_task', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'client_day', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'client_plugin', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'bill_line', tenant=True, append_only=False):
        op.execute(statement)
    for statement in security.protect_table('core', 'bill_version', tenant=True, append_only=True):
        op.execute(statement)
    for statement in security.protect_table('core', 'receipt', tenant=True, append_only=False):
        op.execute(statement)


def downgrade() -> None:
    op.drop_index('uq_receipt_seq', table_name='receipt', schema='core')
    op.drop_index('uq_receipt_payment_bill', table_name='receipt', schema='core')
    op.drop_index('ix_receipt_to_issue', table_name='receipt', schema='core', postgresql_where=sa.text("status = 'to_issue'"))
    op.drop_index('ix_receipt_bill_id', table_name='receipt', schema='core')
    op.drop_table('receipt', schema='core')
    op.drop_table('bill_version', schema='core')
    op.drop_table('bill_line', schema='core')
    op.drop_table('client_plugin', schema='core')
    op.drop_table('client_day', schema='core')
    op.drop_table('branch_task', schema='core')
    op.drop_index('uq_binding', table_name='binding', schema='core')
    op.drop_index('ix_binding_party_id', table_name='binding', schema='core')
    op.drop_table('binding', schema='core')
    op.drop_index('uq_bill_source', table_name='bill', schema='core', postgresql_where=sa.text("status <> 'void'"))
    op.drop_index('uq_bill_pay_code', table_name='bill', schema='core')
    op.drop_index('uq_bill_number', table_name='bill', schema='core')
    op.drop_index('ix_bill_party_id', table_name='bill', schema='core')
    op.drop_index('ix_bill_org_id', table_name='bill', schema='core')
    op.drop_index('ix_bill_issued', table_name='bill', schema='core')
    op.drop_table('bill', schema='core')
    op.drop_index('uq_settlement_account_number', table_name='settlement_account', schema='core')
    op.drop_table('settlement_account', schema='core')
    op.drop_index('uq_session_token_hash', table_name='session', schema='core')
    op.drop_index('ix_session_user_id', table_name='session', schema='core')
    op.drop_table('session', schema='core')
    op.drop_index('uq_role_grant', table_name='role_grant', schema='core', postgresql_nulls_not_distinct=True)
    op.drop_table('role_grant', schema='core')
    op.drop_index('ix_payment_order_item_bill_id', table_name='payment_order_item', schema='core')
    op.drop_table('payment_order_item', schema='core')
    op.drop_index('uq_payer_session_token_hash', table_name='payer_session', schema='core')
    op.drop_table('payer_session', schema='core')
    op.drop_index('uq_party_number', table_name='party', schema='core')
    op.drop_index('ix_party_org_id', table_name='party', schema='core')
    op.drop_index('ix_party_family_index', table_name='party', schema='core')
    op.drop_table('party', schema='core')
    op.drop_index('ix_ledger_entry_posted', table_name='ledger_entry', schema='core')
    op.drop_index('ix_ledger_entry_account', table_name='ledger_entry', schema='core')
    op.drop_table('ledger_entry', schema='core')
    op.drop_index('uq_fee_item_code', table_name='fee_item', schema='core')
    op.drop_table('fee_item', schema='core')
    op.drop_index('ix_consent_payer_id', table_name='consent', schema='core')
    op.drop_table('consent', schema='core')
    op.drop_index('uq_client_code', table_name='client', schema='core')
    op.drop_index('ix_client_branch_id', table_name='client', schema='core')
    op.drop_table('client', schema='core')
    op.drop_index('uq_user_login', table_name='user', schema='core')
    op.drop_table('user', schema='core')
    op.drop_table('tenant_key', schema='core')
    op.drop_index('ix_tenant_due_due_at', table_name='tenant_due', schema='core')
    op.drop_table('tenant_due', schema='core')
    op.drop_index('uq_suspense_item_key', table_name='suspense_item', schema='core')
    op.drop_index('ix_suspense_item_open', table_name='suspense_item', schema='core', postgresql_where=sa.text("status = 'open'"))
    op.drop_table('suspense_item', schema='core')
    op.drop_index('ix_stored_file_expires_at', table_name='stored_file', schema='core', postgresql_where=sa.text('sealed IS NOT NULL'))
    op.drop_table('stored_file', schema='core')
    op.drop_index('ix_route_tenant_id', table_name='route', schema='core')
    op.drop_table('route', schema='core')
    op.drop_table('plugin_default', schema='core')
    op.drop_index('uq_payment_order_number', table_name='payment_order', schema='core')
    op.drop_index('uq_payment_order_idempotency_key', table_name='payment_order', schema='core')
    op.drop_index('ix_payment_order_payer', table_name='payment_order', schema='core')
    op.drop_index('ix_payment_order_due', table_name='payment_order', schema='core', postgresql_where=sa.text('next_query_at IS NOT NULL'))
    op.drop_index('ix_payment_order_created', table_name='payment_order', schema='core')
    op.drop_table('payment_order', schema='core')
    op.drop_index('uq_payment_channel_txn_id', table_name='payment', schema='core')
    op.drop_index('ix_payment_order_id', table_name='payment', schema='core')
    op.drop_index('ix_payment_booked', table_name='payment', schema='core')
    op.drop_table('payment', schema='core')
    op.drop_index('uq_payer_phone_index', table_name='payer', schema='core')
    op.drop_table('payer', schema='core')
    op.drop_index('ix_outbox_event_pending', table_name='outbox_event', schema='core', postgresql_where=sa.text('delivered_at IS NULL'))
    op.drop_index('ix_outbox_event_held', table_name='outbox_event', schema='core', postgresql_where=sa.text('only_plugin IS NOT NULL AND delivered_at IS NULL'))
    op.drop_table('outbox_event', schema='core')
    op.drop_index('uq_org_unit_name', table_name='org_unit', schema='core', postgresql_nulls_not_distinct=True)
    op.drop_table('org_unit', schema='core')
    op.drop_index('ix_one_time_code_phone', table_name='one_time_code', schema='core')
    op.drop_index('ix_one_time_code_device', table_name='one_time_code', schema='core')
    op.drop_table('one_time_code', schema='core')
    op.drop_index('uq_message_key', table_name='message', schema='core')
    op.drop_index('ix_message_due', table_name='message', schema='core', postgresql_where=sa.text("status = 'waiting'"))
    op.drop_table('message', schema='core')
    op.drop_index('uq_merchant_code', table_name='merchant', schema='core')
    op.drop_table('merchant', schema='core')
    op.drop_index('ix_login_failure_subject', table_name='login_failure', schema='core')
    op.drop_table('login_failure', schema='core')
    op.drop_table('ledger_snapshot', schema='core')
    op.drop_index('uq_ledger_journal_reverses_id', table_name='ledger_journal', schema='core', postgresql_where=sa.text('reverses_id IS NOT NULL'))
    op.drop_index('uq_ledger_journal_key', table_name='ledger_journal', schema='core')
    op.drop_index('ix_ledger_journal_biz', table_name='ledger_journal', schema='core')
    op.drop_table('ledger_journal', schema='core')
    op.drop_index('uq_ledger_account_code', table_name='ledger_account', schema='core')
    op.drop_table('ledger_account', schema='core')
    op.drop_index('ix_job_recent', table_name='job', schema='core')
    op.drop_index('ix_job_open', table_name='job', schema='core', postgresql_where=sa.text("status IN ('queued','running')"))
    op.drop_table('job', schema='core')
    op.drop_index('ix_import_batch_created', table_name='import_batch', schema='core')
    op.drop_table('import_batch', schema='core')
    op.drop_table('idempotency', schema='core')
    op.drop_index('ix_failed_try_mark', table_name='failed_try', schema='core')
    op.drop_index('ix_failed_try_at', table_name='failed_try', schema='core')
    op.drop_table('failed_try', schema='core')
    op.drop_index('ix_channel_notice_received', table_name='channel_notice', schema='core')
    op.drop_index('ix_channel_notice_order', table_name='channel_notice', schema='core')
    op.drop_table('channel_notice', schema='core')
    op.drop_index('uq_channel_account_mchid', table_name='channel_account', schema='core')
    op.drop_table('channel_account', schema='core')
    op.drop_index('uq_branch_code', table_name='branch', schema='core')
    op.drop_table('branch', schema='core')
    op.drop_index('uq_audit_seal_audit_id', table_name='audit_seal', schema='core')
    op.drop_table('audit_seal', schema='core')
    op.drop_index('ix_audit_log_object', table_name='audit_log', schema='core')
    op.drop_index('ix_audit_log_at', table_name='audit_log', schema='core')
    op.drop_table('audit_log', schema='core')
    op.drop_index('uq_approval_waiting', table_name='approval', schema='core', postgresql_where=sa.text("status = 'waiting'"))
    op.drop_index('ix_approval_created', table_name='approval', schema='core')
    op.drop_table('approval', schema='core')
    op.drop_index('uq_api_key_token_hash', table_name='api_key', schema='core')
    op.drop_table('api_key', schema='core')
    op.drop_index('ix_allocation_payment_id', table_name='allocation', schema='core')
    op.drop_index('ix_allocation_credit', table_name='allocation', schema='core', postgresql_where=sa.text("kind = 'credit'"))
    op.drop_index('ix_allocation_bill_id', table_name='allocation', schema='core')
    op.drop_table('allocation', schema='core')
