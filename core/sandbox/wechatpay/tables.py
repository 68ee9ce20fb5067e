"""WeChat Pay's tables in the sandbox."""

TABLES = """
CREATE TABLE IF NOT EXISTS sandbox.wechat_platform_key (
    serial      text PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('certificate', 'public_key')),
    private_pem text NOT NULL,
    public_pem  text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE IF NOT EXISTS sandbox.wechat_app (
    appid      text PRIMARY KEY,
    app_secret text NOT NULL
);

CREATE TABLE IF NOT EXISTS sandbox.wechat_merchant (
    mchid           text PRIMARY KEY,
    appid           text NOT NULL REFERENCES sandbox.wechat_app,
    name            text NOT NULL,
    serial          text NOT NULL,
    private_pem     text NOT NULL,
    certificate_pem text NOT NULL,
    apiv3_key       text NOT NULL,
    signing         text NOT NULL DEFAULT 'public_key' CHECK (signing IN ('public_key', 'certificate', 'mixed')),
    created_at      timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS sandbox.wechat_order (
    mchid          text NOT NULL REFERENCES sandbox.wechat_merchant,
    out_trade_no   text NOT NULL,
    appid          text NOT NULL,
    trade_type     text NOT NULL,
    description    text NOT NULL,
    attach         text,
    amount_fen     bigint NOT NULL,
    currency       text NOT NULL,
    notify_url     text NOT NULL,
    openid         text,
    parameters     text NOT NULL,
    state          text NOT NULL DEFAULT 'NOTPAY' CHECK (state IN ('NOTPAY', 'SUCCESS', 'CLOSED')),
    expires_at     timestamptz NOT NULL,
    transaction_id text UNIQUE,
    payer_openid   text,
    paid_at        timestamptz,
    pay_due_at     timestamptz,
    created_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (mchid, out_trade_no)
);
CREATE INDEX IF NOT EXISTS wechat_order_due ON sandbox.wechat_order (pay_due_at) WHERE pay_due_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS wechat_order_created ON sandbox.wechat_order (created_at DESC);

CREATE TABLE IF NOT EXISTS sandbox.wechat_ticket (
    ticket       text PRIMARY KEY,
    mchid        text NOT NULL,
    out_trade_no text NOT NULL,
    expires_at   timestamptz NOT NULL,
    FOREIGN KEY (mchid, out_trade_no) REFERENCES sandbox.wechat_order
);

CREATE TABLE IF NOT EXISTS sandbox.wechat_code (
    code         text PRIMARY KEY,
    appid        text NOT NULL REFERENCES sandbox.wechat_app,
    wallet_user  text NOT NULL,
    expires_at   timestamptz NOT NULL,
    used_at      timestamptz
);
"""
