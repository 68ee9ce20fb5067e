"""Alipay's tables in the sandbox."""

TABLES = """
CREATE TABLE IF NOT EXISTS sandbox.alipay_root (
    one             boolean PRIMARY KEY DEFAULT true CHECK (one),
    private_pem     text NOT NULL,
    certificate_pem text NOT NULL
);

CREATE TABLE IF NOT EXISTS sandbox.alipay_app (
    appid           text PRIMARY KEY,
    signing         text NOT NULL CHECK (signing IN ('public_key', 'certificate')),
    app_private     text NOT NULL,
    app_public      text NOT NULL,
    app_cert        text NOT NULL,
    alipay_private  text NOT NULL,
    alipay_public   text NOT NULL,
    alipay_cert     text NOT NULL
);

CREATE TABLE IF NOT EXISTS sandbox.alipay_merchant (
    mchid          text PRIMARY KEY,
    appid          text NOT NULL REFERENCES sandbox.alipay_app,
    name           text NOT NULL,
    app_auth_token text UNIQUE,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX IF NOT EXISTS alipay_merchant_own ON sandbox.alipay_merchant (appid) WHERE app_auth_token IS NULL;

CREATE TABLE IF NOT EXISTS sandbox.alipay_trade (
    mchid           text NOT NULL REFERENCES sandbox.alipay_merchant,
    out_trade_no    text NOT NULL,
    appid           text NOT NULL,
    product         text NOT NULL CHECK (product IN ('wap', 'page', 'app', 'precreate', 'create', 'pay')),
    subject         text NOT NULL,
    passback_params text,
    total_fen       bigint NOT NULL,
    notify_url      text NOT NULL,
    return_url      text NOT NULL,
    buyer           text,
    canonical       text NOT NULL,
    state           text NOT NULL DEFAULT 'NEW'
                    CHECK (state IN ('NEW', 'WAIT_BUYER_PAY', 'TRADE_SUCCESS', 'TRADE_FINISHED', 'TRADE_CLOSED')),
    expires_at      timestamptz NOT NULL,
    trade_no        text UNIQUE,
    asked_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_at      timestamptz,
    payer           text,
    paid_at         timestamptz,
    closed_at       timestamptz,
    pay_due_at      timestamptz,
    refunded_fen    bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (mchid, out_trade_no)
);
CREATE INDEX IF NOT EXISTS alipay_trade_late ON sandbox.alipay_trade (pay_due_at) WHERE pay_due_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS alipay_trade_open ON sandbox.alipay_trade (expires_at) WHERE state = 'WAIT_BUYER_PAY';
CREATE INDEX IF NOT EXISTS alipay_trade_asked ON sandbox.alipay_trade (asked_at DESC);
CREATE INDEX IF NOT EXISTS alipay_trade_paid ON sandbox.alipay_trade (mchid, paid_at);

CREATE TABLE IF NOT EXISTS sandbox.alipay_ticket (
    ticket       text PRIMARY KEY,
    mchid        text NOT NULL,
    out_trade_no text NOT NULL,
    expires_at   timestamptz NOT NULL,
    FOREIGN KEY (mchid, out_trade_no) REFERENCES sandbox.alipay_trade
);

CREATE TABLE IF NOT EXISTS sandbox.alipay_auth_code (
    auth_code    text PRIMARY KEY,
    mchid        text NOT NULL,
    out_trade_no text NOT NULL
);

CREATE TABLE IF NOT EXISTS sandbox.alipay_refund (
    mchid          text NOT NULL,
    out_trade_no   text NOT NULL,
    out_request_no text NOT NULL,
    amount_fen     bigint NOT NULL,
    reason         text NOT NULL,
    state          text NOT NULL CHECK (state IN ('PROCESSING', 'SUCCESS', 'FAILED')),
    due_at         timestamptz,
    refunded_at    timestamptz,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (mchid, out_trade_no, out_request_no),
    FOREIGN KEY (mchid, out_trade_no) REFERENCES sandbox.alipay_trade
);
CREATE INDEX IF NOT EXISTS alipay_refund_due ON sandbox.alipay_refund (due_at) WHERE state = 'PROCESSING';
CREATE INDEX IF NOT EXISTS alipay_refund_done ON sandbox.alipay_refund (mchid, refunded_at);

CREATE TABLE IF NOT EXISTS sandbox.alipay_bill_cut (
    mchid text NOT NULL REFERENCES sandbox.alipay_merchant,
    day   date NOT NULL,
    PRIMARY KEY (mchid, day)
);

CREATE TABLE IF NOT EXISTS sandbox.alipay_bill_link (
    token      text PRIMARY KEY,
    mchid      text NOT NULL REFERENCES sandbox.alipay_merchant,
    day        date NOT NULL,
    expires_at timestamptz NOT NULL
);
"""
