"""The tables of the simulated HIS."""

TABLES = """
CREATE TABLE IF NOT EXISTS sandbox.his_hospital (
    app_id     text PRIMARY KEY,
    name       text NOT NULL,
    secret     text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS sandbox.his_booking (
    app_id     text NOT NULL REFERENCES sandbox.his_hospital,
    kind       text NOT NULL CHECK (kind IN ('payment', 'refund', 'reversal')),
    key        text NOT NULL,
    serial     text NOT NULL,
    state      text NOT NULL CHECK (state IN ('posted', 'cancelled')),
    amount_fen bigint NOT NULL,
    payload    jsonb NOT NULL,
    booked_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (app_id, serial)
);
CREATE INDEX IF NOT EXISTS his_booking_key ON sandbox.his_booking (app_id, kind, key);
CREATE INDEX IF NOT EXISTS his_booking_booked ON sandbox.his_booking (app_id, booked_at);
"""
