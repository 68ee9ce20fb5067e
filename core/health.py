"""Alive and ready, for whoever watches the processes: `/healthz` asks nobody, `/readyz` asks the database and Redis."""

import asyncio

import structlog
from litestar import Response, get
from litestar.di import NamedDependency
from redis.exceptions import RedisError
from sqlalchemy import text

from core.database import drift
from core.database.tables import metadata
from core.errors import Unavailable
from core.platform import Platform

log = structlog.get_logger()
PATIENCE_SECONDS = 2.0
OPEN = {"permission": "public"}


@get("/healthz", opt=OPEN, include_in_schema=False)
async def healthz() -> dict[str, str]:
    """This process answers."""
    return {"status": "alive"}


@get("/readyz", opt=OPEN, include_in_schema=False)
async def readyz(platform: NamedDependency[Platform]) -> Response[dict[str, str]]:
    """The database and Redis answer and every declared table is there: 200, otherwise 503 with what is wrong."""
    parts = await look(platform)
    ready = all(answer in ("ok", "none") for answer in parts.values())
    return Response({"status": "ready" if ready else "not_ready", **parts}, status_code=200 if ready else 503)


async def look(platform: Platform) -> dict[str, str]:
    """What each server says: `ok`, `away`, or `none` where the platform runs without it; the tables are `behind` when some are missing."""
    (database, tables), redis = await asyncio.gather(_database(platform), _redis(platform))
    return {"database": database, "tables": tables, "redis": redis}


async def _database(platform: Platform) -> tuple[str, str]:
    """The server, and whether its tables are those that the code declares (looked at until they were once)."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), platform.database.reference() as session:
            await session.scalar(text("SELECT 1"))
            if not platform.tables_known:
                declared = [metadata, *(own for _, own in platform.plugins.collect("register_metadata"))]
                if lacking := await drift.missing(session, declared):
                    log.error("tables_behind", missing=drift.told(lacking))
                    return "ok", "behind"
                platform.tables_known = True
    except (Unavailable, TimeoutError):
        return "away", "ok" if platform.tables_known else "unknown"
    return "ok", "ok"


async def _redis(platform: Platform) -> str:
    if platform.redis is None:
        return "none"
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await platform.redis.ping()
    except (RedisError, OSError, TimeoutError):
        return "away"
    return "ok"


ROUTES = [healthz, readyz]
