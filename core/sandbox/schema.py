"""The sandbox's own tables, in its own schema: the platform never reads them, and they know no tenant."""

import asyncpg

from core.sandbox.delivery import queue
from core.sandbox.worlds import worlds

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
ALTER TABLE sandbox.sms ADD COLUMN IF NOT EXISTS number text;
ALTER TABLE sandbox.sms ADD COLUMN IF NOT EXISTS state text NOT NULL DEFAULT 'delivered';
ALTER TABLE sandbox.sms ADD COLUMN IF NOT EXISTS reason text;
ALTER TABLE sandbox.sms ADD COLUMN IF NOT EXISTS known_at timestamptz NOT NULL DEFAULT now();
CREATE UNIQUE INDEX IF NOT EXISTS sms_number ON sandbox.sms (number);

CREATE TABLE IF NOT EXISTS sandbox.fault (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         text NOT NULL,
    percent      integer NOT NULL CHECK (percent BETWEEN 1 AND 100),
    seconds      double precision,
    remaining    integer,
    mchid        text,
    out_trade_no text
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
            await connection.execute(_TABLES + queue.TABLES)
            for world in worlds():
                await connection.execute(world.tables)
            await connection.execute(
                f"GRANT USAGE ON SCHEMA sandbox TO {name};GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA sandbox TO {name}"
            )
    finally:
        await connection.close()
