"""Alive and ready, for whoever watches the processes: `/healthz` asks nobody, `/readyz` asks the database and Redis."""

import asyncio

import structlog
from litestar import Response, get
from litestar.di import NamedDependency
from redis.exceptions import RedisError
from sqlalchemy import text

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
    """The database and Redis answer: 200, otherwise 503 with the one that is away."""
    parts = await look(platform)
    ready = all(answer in ("ok", "none") for answer in parts.values())
    return Response({"status": "ready" if ready else "not_ready", **parts}, status_code=200 if ready else 503)


async def look(platform: Platform) -> dict[str, str]:
    """What each server says: `ok`, `away`, or `none` where the platform runs without it."""
    database, redis = await asyncio.gather(_database(platform), _redis(platform))
    return {"database": database, "redis": redis}


async def _database(platform: Platform) -> str:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), platform.database.reference() as session:
            await session.scalar(text("SELECT 1"))
    except (Unavailable, TimeoutError):
        return "away"
    return "ok"


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
