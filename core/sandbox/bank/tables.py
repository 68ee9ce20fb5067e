"""The bank's tables in the sandbox."""

TABLES = """
CREATE TABLE IF NOT EXISTS sandbox.bank_key (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    private_pem text NOT NULL,
    public_pem  text NOT NULL,
    looked_at   timestamptz NOT NULL DEFAULT '-infinity'
);

CREATE TABLE IF NOT EXISTS sandbox.bank_customer (
    customer    text PRIMARY KEY,
    name        text NOT NULL,
    key_id      text NOT NULL UNIQUE,
    private_pem text NOT NULL,
    public_pem  text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE IF NOT EXISTS sandbox.bank_nonce (
    key_id  text NOT NULL,
    nonce   text NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (key_id, nonce)
);
CREATE INDEX IF NOT EXISTS bank_nonce_seen ON sandbox.bank_nonce (seen_at);

CREATE TABLE IF NOT EXISTS sandbox.bank_account (
    number     text PRIMARY KEY,
    name       text NOT NULL,
    bank_name  text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('clearing', 'settlement')),
    customer   text REFERENCES sandbox.bank_customer,
    closed     boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE IF NOT EXISTS sandbox.bank_entry (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    serial        text NOT NULL UNIQUE,
    account       text NOT NULL REFERENCES sandbox.bank_account,
    booked_at     timestamptz NOT NULL,
    amount_fen    bigint NOT NULL CHECK (amount_fen <> 0),
    other_name    text NOT NULL,
    other_account text NOT NULL,
    summary       text NOT NULL,
    reference     text NOT NULL,
    voucher       text NOT NULL
);
CREATE INDEX IF NOT EXISTS bank_entry_booked ON sandbox.bank_entry (account, booked_at, id);

CREATE TABLE IF NOT EXISTS sandbox.bank_payment (
    customer     text NOT NULL REFERENCES sandbox.bank_customer,
    number       text NOT NULL,
    asked        text NOT NULL,
    amount_fen   bigint NOT NULL CHECK (amount_fen > 0),
    from_account text NOT NULL REFERENCES sandbox.bank_account,
    to_account   text NOT NULL REFERENCES sandbox.bank_account,
    to_name      text NOT NULL,
    purpose      text NOT NULL,
    state        text NOT NULL DEFAULT 'accepted' CHECK (state IN ('accepted', 'paid', 'failed', 'returned')),
    fails_as     text NOT NULL DEFAULT '',
    reason       text NOT NULL DEFAULT '',
    serial       text,
    paid_at      timestamptz,
    returned_at  timestamptz,
    due_at       timestamptz,
    return_due_at timestamptz,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (customer, number)
);
CREATE INDEX IF NOT EXISTS bank_payment_due ON sandbox.bank_payment (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS bank_payment_return ON sandbox.bank_payment (return_due_at) WHERE return_due_at IS NOT NULL;

CREATE TABLE IF NOT EXISTS sandbox.bank_collecting (
    channel text NOT NULL,
    mchid   text NOT NULL,
    account text NOT NULL REFERENCES sandbox.bank_account,
    PRIMARY KEY (channel, mchid)
);

CREATE TABLE IF NOT EXISTS sandbox.bank_arrival (
    channel   text NOT NULL,
    mchid     text NOT NULL,
    bill_on   date NOT NULL,
    account   text NOT NULL REFERENCES sandbox.bank_account,
    gross_fen bigint NOT NULL DEFAULT 0,
    fee_fen   bigint NOT NULL DEFAULT 0,
    paid_fen  bigint NOT NULL DEFAULT 0,
    short_fen bigint NOT NULL DEFAULT 0,
    state     text NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'settled', 'short', 'missing')),
    due_at    timestamptz NOT NULL,
    PRIMARY KEY (channel, mchid, bill_on)
);
CREATE INDEX IF NOT EXISTS bank_arrival_due ON sandbox.bank_arrival (due_at) WHERE state = 'due';
"""
