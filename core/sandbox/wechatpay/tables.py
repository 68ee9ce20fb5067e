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

ALTER TABLE sandbox.wechat_merchant ADD COLUMN IF NOT EXISTS sp_mchid text REFERENCES sandbox.wechat_merchant;
ALTER TABLE sandbox.wechat_order ADD COLUMN IF NOT EXISTS sp_mchid text;
ALTER TABLE sandbox.wechat_order ADD COLUMN IF NOT EXISTS sp_appid text;
ALTER TABLE sandbox.wechat_order ADD COLUMN IF NOT EXISTS profit_sharing boolean NOT NULL DEFAULT false;
ALTER TABLE sandbox.wechat_order ADD COLUMN IF NOT EXISTS refunded boolean NOT NULL DEFAULT false;
CREATE INDEX IF NOT EXISTS wechat_order_paid ON sandbox.wechat_order (mchid, paid_at) WHERE paid_at IS NOT NULL;

CREATE TABLE IF NOT EXISTS sandbox.wechat_refund (
    mchid         text NOT NULL,
    out_refund_no text NOT NULL,
    out_trade_no  text NOT NULL,
    refund_id     text NOT NULL UNIQUE,
    amount_fen    bigint NOT NULL CHECK (amount_fen > 0),
    notify_url    text,
    parameters    text NOT NULL,
    state         text NOT NULL DEFAULT 'PROCESSING' CHECK (state IN ('PROCESSING', 'SUCCESS', 'CLOSED', 'ABNORMAL')),
    fails         boolean NOT NULL DEFAULT false,
    due_at        timestamptz,
    accepted_at   timestamptz NOT NULL,
    succeeded_at  timestamptz,
    PRIMARY KEY (mchid, out_refund_no),
    FOREIGN KEY (mchid, out_trade_no) REFERENCES sandbox.wechat_order
);
ALTER TABLE sandbox.wechat_refund ADD COLUMN IF NOT EXISTS received text NOT NULL DEFAULT '支付用户零钱';
CREATE INDEX IF NOT EXISTS wechat_refund_due ON sandbox.wechat_refund (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS wechat_refund_order ON sandbox.wechat_refund (mchid, out_trade_no);
CREATE INDEX IF NOT EXISTS wechat_refund_accepted ON sandbox.wechat_refund (mchid, accepted_at);

CREATE TABLE IF NOT EXISTS sandbox.wechat_bill (
    token      text PRIMARY KEY,
    mchid      text NOT NULL REFERENCES sandbox.wechat_merchant,
    content    bytea NOT NULL,
    packed     boolean NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS sandbox.wechat_receiver (
    mchid    text NOT NULL REFERENCES sandbox.wechat_merchant,
    kind     text NOT NULL,
    account  text NOT NULL,
    name     text,
    relation text NOT NULL,
    PRIMARY KEY (mchid, kind, account)
);

CREATE TABLE IF NOT EXISTS sandbox.wechat_split (
    mchid          text NOT NULL REFERENCES sandbox.wechat_merchant,
    out_order_no   text NOT NULL,
    order_id       text NOT NULL UNIQUE,
    transaction_id text NOT NULL,
    parameters     text NOT NULL,
    receivers      text NOT NULL,
    amount_fen     bigint NOT NULL,
    done_at        timestamptz NOT NULL,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (mchid, out_order_no)
);
CREATE INDEX IF NOT EXISTS wechat_split_transaction ON sandbox.wechat_split (transaction_id);

CREATE TABLE IF NOT EXISTS sandbox.wechat_split_return (
    mchid         text NOT NULL REFERENCES sandbox.wechat_merchant,
    out_return_no text NOT NULL,
    return_no     text NOT NULL,
    out_order_no  text NOT NULL,
    parameters    text NOT NULL,
    return_mchid  text NOT NULL,
    amount_fen    bigint NOT NULL,
    description   text NOT NULL,
    created_at    timestamptz NOT NULL,
    PRIMARY KEY (mchid, out_return_no)
);

ALTER TABLE sandbox.wechat_app ADD COLUMN IF NOT EXISTS message_url text;
ALTER TABLE sandbox.wechat_app ADD COLUMN IF NOT EXISTS message_token text;

CREATE TABLE IF NOT EXISTS sandbox.wechat_message (
    msgid         bigint GENERATED ALWAYS AS IDENTITY (START WITH 200228332) PRIMARY KEY,
    appid         text NOT NULL REFERENCES sandbox.wechat_app,
    openid        text NOT NULL,
    template_id   text NOT NULL,
    url           text,
    fields        jsonb NOT NULL,
    client_msg_id text,
    state         text NOT NULL,
    sent_at       timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX IF NOT EXISTS wechat_message_own ON sandbox.wechat_message (appid, client_msg_id);
"""
