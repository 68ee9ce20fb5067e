"""The tables of the ticket platforms."""

TABLES = """
CREATE TABLE IF NOT EXISTS sandbox.fiscal_unit (
    app_id       text PRIMARY KEY,
    kind         text NOT NULL CHECK (kind IN ('fiscal', 'einvoice')),
    name         text NOT NULL,
    unit_code    text NOT NULL,
    secret       text NOT NULL,
    items        text[] NOT NULL DEFAULT '{}',
    slow_seconds double precision NOT NULL DEFAULT 0,
    created_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS sandbox.fiscal_ticket (
    app_id     text NOT NULL REFERENCES sandbox.fiscal_unit,
    number     text NOT NULL,
    original   text,
    asked      text NOT NULL,
    payload    jsonb NOT NULL,
    amount     text NOT NULL,
    code       text NOT NULL,
    ticket_no  text NOT NULL,
    check_code text NOT NULL,
    ready_at   timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (app_id, number),
    UNIQUE (app_id, original)
);
CREATE UNIQUE INDEX IF NOT EXISTS fiscal_ticket_no ON sandbox.fiscal_ticket (ticket_no);
"""
