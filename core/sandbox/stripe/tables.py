"""The card gateway's tables in the sandbox's schema."""

TABLES = """
CREATE TABLE IF NOT EXISTS sandbox.stripe_account (
    mchid                   text PRIMARY KEY,
    name                    text NOT NULL,
    secret_key              text NOT NULL UNIQUE,
    publishable_key         text NOT NULL UNIQUE,
    webhook_secret          text NOT NULL,
    previous_webhook_secret text,
    webhook_url             text NOT NULL DEFAULT '',
    webhook_events          text[] NOT NULL,
    created_at              timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE IF NOT EXISTS sandbox.stripe_method (
    id          text PRIMARY KEY,
    mchid       text NOT NULL REFERENCES sandbox.stripe_account,
    card        text NOT NULL,
    brand       text NOT NULL,
    last4       text NOT NULL,
    fingerprint text NOT NULL,
    exp_month   integer NOT NULL,
    exp_year    integer NOT NULL,
    created_at  timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS sandbox.stripe_intent (
    id                  text PRIMARY KEY,
    mchid               text NOT NULL REFERENCES sandbox.stripe_account,
    number              text NOT NULL,
    amount              bigint NOT NULL,
    amount_capturable   bigint NOT NULL DEFAULT 0,
    amount_received     bigint NOT NULL DEFAULT 0,
    currency            text NOT NULL,
    status              text NOT NULL,
    capture_method      text NOT NULL,
    client_secret       text NOT NULL,
    description         text,
    metadata            text NOT NULL,
    payment_method      text,
    latest_charge       text,
    next_action         text,
    last_payment_error  text,
    return_url          text,
    cancellation_reason text,
    canceled_at         timestamptz,
    pay_due_at          timestamptz,
    created_at          timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS stripe_intent_number ON sandbox.stripe_intent (mchid, number);
CREATE INDEX IF NOT EXISTS stripe_intent_created ON sandbox.stripe_intent (created_at DESC);
CREATE INDEX IF NOT EXISTS stripe_intent_due ON sandbox.stripe_intent (pay_due_at) WHERE pay_due_at IS NOT NULL;

CREATE TABLE IF NOT EXISTS sandbox.stripe_charge (
    id                  text PRIMARY KEY,
    mchid               text NOT NULL REFERENCES sandbox.stripe_account,
    payment_intent      text NOT NULL REFERENCES sandbox.stripe_intent,
    payment_method      text NOT NULL REFERENCES sandbox.stripe_method,
    amount              bigint NOT NULL,
    amount_captured     bigint NOT NULL DEFAULT 0,
    amount_refunded     bigint NOT NULL DEFAULT 0,
    currency            text NOT NULL,
    status              text NOT NULL,
    failure_code        text,
    failure_message     text,
    decline_code        text,
    balance_transaction text,
    created_at          timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS stripe_charge_intent ON sandbox.stripe_charge (payment_intent);

CREATE TABLE IF NOT EXISTS sandbox.stripe_refund (
    id                          text PRIMARY KEY,
    mchid                       text NOT NULL REFERENCES sandbox.stripe_account,
    charge                      text NOT NULL REFERENCES sandbox.stripe_charge,
    payment_intent              text NOT NULL REFERENCES sandbox.stripe_intent,
    amount                      bigint NOT NULL,
    currency                    text NOT NULL,
    status                      text NOT NULL,
    reason                      text,
    failure_reason              text,
    metadata                    text NOT NULL,
    balance_transaction         text,
    failure_balance_transaction text,
    ends_as                     text,
    due_at                      timestamptz,
    created_at                  timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS stripe_refund_intent ON sandbox.stripe_refund (payment_intent);
CREATE INDEX IF NOT EXISTS stripe_refund_due ON sandbox.stripe_refund (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE IF NOT EXISTS sandbox.stripe_movement (
    id                 text PRIMARY KEY,
    mchid              text NOT NULL REFERENCES sandbox.stripe_account,
    amount             bigint NOT NULL,
    fee                bigint NOT NULL,
    currency           text NOT NULL,
    type               text NOT NULL,
    reporting_category text NOT NULL,
    source             text NOT NULL,
    charge             text NOT NULL REFERENCES sandbox.stripe_charge,
    description        text,
    created_at         timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS stripe_movement_created ON sandbox.stripe_movement (mchid, created_at DESC, id DESC);

CREATE TABLE IF NOT EXISTS sandbox.stripe_key (
    mchid      text NOT NULL REFERENCES sandbox.stripe_account,
    key        text NOT NULL,
    asked      text NOT NULL,
    request_id text NOT NULL,
    status     integer,
    body       bytea,
    started_at timestamptz NOT NULL,
    PRIMARY KEY (mchid, key)
);

CREATE TABLE IF NOT EXISTS sandbox.stripe_report (
    id         text PRIMARY KEY,
    mchid      text NOT NULL REFERENCES sandbox.stripe_account,
    parameters text NOT NULL,
    ready_at   timestamptz NOT NULL,
    created_at timestamptz NOT NULL
);
"""
