"""The tables of the simulated merchant sites."""

TABLES = """
CREATE TABLE IF NOT EXISTS sandbox.shop (
    code       text PRIMARY KEY,
    platform   text NOT NULL CHECK (platform IN ('meituan', 'eleme', 'pdd')),
    name       text NOT NULL,
    login      text NOT NULL,
    password   text NOT NULL,
    switches   jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS sandbox.shop_order (
    code     text NOT NULL REFERENCES sandbox.shop,
    bill_on  date NOT NULL,
    order_no text NOT NULL,
    facts    jsonb NOT NULL,
    PRIMARY KEY (code, order_no)
);
CREATE INDEX IF NOT EXISTS shop_order_day ON sandbox.shop_order (code, bill_on);

CREATE TABLE IF NOT EXISTS sandbox.shop_session (
    token text PRIMARY KEY,
    code  text NOT NULL REFERENCES sandbox.shop,
    steps integer NOT NULL DEFAULT 0
);
"""
