"""The tables of the simulated mailboxes."""

TABLES = """
CREATE TABLE IF NOT EXISTS sandbox.mail_box (
    login      text PRIMARY KEY,
    password   text NOT NULL,
    name       text NOT NULL,
    hang_up    boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS sandbox.mail (
    uid        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login      text NOT NULL REFERENCES sandbox.mail_box,
    arrived_on date NOT NULL,
    raw        bytea NOT NULL
);
CREATE INDEX IF NOT EXISTS mail_login ON sandbox.mail (login, uid);

CREATE TABLE IF NOT EXISTS sandbox.mail_server (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    port integer NOT NULL
);
"""
