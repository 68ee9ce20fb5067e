"""The sandbox's own tables, in its own schema: the platform never reads them, and they know no tenant."""

import asyncpg

ROLE = "banyan_app"

_LOCK = 7_318_002
_TABLES = """
CREATE SCHEMA IF NOT EXISTS sandbox;

CREATE TABLE IF NOT EXISTS sandbox.sms (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    phone      text NOT NULL,
    text       text NOT NULL,
    sent_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS sms_phone ON sandbox.sms (phone, id DESC);

CREATE TABLE IF NOT EXISTS sandbox.fault (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         text NOT NULL,
    percent      integer NOT NULL CHECK (percent BETWEEN 1 AND 100),
    seconds      double precision,
    remaining    integer,
    mchid        text,
    out_trade_no text
);

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

CREATE TABLE IF NOT EXISTS sandbox.wechat_notice (
    event_id     text PRIMARY KEY,
    mchid        text NOT NULL,
    out_trade_no text NOT NULL,
    url          text NOT NULL,
    body         bytea NOT NULL,
    twists       text[] NOT NULL DEFAULT '{}',
    state        text NOT NULL CHECK (state IN ('waiting', 'delivered', 'given_up', 'lost')),
    attempts     integer NOT NULL DEFAULT 0,
    due_at       timestamptz NOT NULL,
    claimed      boolean NOT NULL DEFAULT false,
    held         boolean NOT NULL DEFAULT false,
    created_at   timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (mchid, out_trade_no) REFERENCES sandbox.wechat_order
);
CREATE INDEX IF NOT EXISTS wechat_notice_due ON sandbox.wechat_notice (due_at) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS wechat_notice_order ON sandbox.wechat_notice (mchid, out_trade_no);

CREATE TABLE IF NOT EXISTS sandbox.wechat_delivery (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id text NOT NULL REFERENCES sandbox.wechat_notice,
    attempt  integer NOT NULL,
    twist    text,
    status   integer,
    note     text NOT NULL,
    sent_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS wechat_delivery_event ON sandbox.wechat_delivery (event_id, id);

CREATE TABLE IF NOT EXISTS sandbox.wechat_code (
    code         text PRIMARY KEY,
    appid        text NOT NULL REFERENCES sandbox.wechat_app,
    wallet_user  text NOT NULL,
    expires_at   timestamptz NOT NULL,
    used_at      timestamptz
);
"""


def plain_url(url: str) -> str:
    """A database address without SQLAlchemy's driver name."""
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)


async def install(owner_url: str, role: str = ROLE) -> None:
    """Make the sandbox's schema and tables, and let one role use them; run again, it changes nothing."""
    connection = await asyncpg.connect(plain_url(owner_url))
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            name = await connection.fetchval("SELECT quote_ident($1)", role)
            await connection.execute(_TABLES)
            await connection.execute(
                f"GRANT USAGE ON SCHEMA sandbox TO {name};GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA sandbox TO {name}"
            )
    finally:
        await connection.close()
