"""What UnionPay keeps in the sandbox: its certificates, merchants, and every trade in one table."""

TABLES = """
CREATE TABLE IF NOT EXISTS sandbox.unionpay_certificate (
    kind            text PRIMARY KEY CHECK (kind IN ('root', 'middle', 'signer')),
    private_pem     text NOT NULL,
    certificate_pem text NOT NULL
);

CREATE TABLE IF NOT EXISTS sandbox.unionpay_merchant (
    mchid           text PRIMARY KEY,
    name            text NOT NULL,
    private_pem     text NOT NULL,
    certificate_pem text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS sandbox.unionpay_trade (
    mchid         text NOT NULL REFERENCES sandbox.unionpay_merchant,
    order_id      text NOT NULL,
    txn_time      text NOT NULL,
    txn_type      text NOT NULL CHECK (txn_type IN ('01', '04', '31')),
    way           text NOT NULL CHECK (way IN ('front', 'app', 'back')),
    channel_type  text NOT NULL,
    description   text NOT NULL DEFAULT '',
    amount_fen    bigint NOT NULL CHECK (amount_fen > 0),
    fee_fen       bigint NOT NULL DEFAULT 0,
    back_url      text NOT NULL,
    front_url     text NOT NULL DEFAULT '',
    req_reserved  text NOT NULL DEFAULT '',
    ticket        text UNIQUE,
    lapses_at     timestamptz,
    code          text NOT NULL DEFAULT '05',
    orig_order_id text,
    orig_query_id text,
    query_id      text UNIQUE,
    trace_no      text NOT NULL DEFAULT '',
    traced_at     timestamptz,
    settle_on     date,
    payer         text NOT NULL DEFAULT '',
    due_at        timestamptz,
    due_code      text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (mchid, order_id)
);
CREATE INDEX IF NOT EXISTS unionpay_trade_due ON sandbox.unionpay_trade (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS unionpay_trade_orig ON sandbox.unionpay_trade (mchid, orig_order_id) WHERE orig_order_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS unionpay_trade_settled ON sandbox.unionpay_trade (mchid, settle_on);
CREATE INDEX IF NOT EXISTS unionpay_trade_created ON sandbox.unionpay_trade (created_at DESC);
"""
