"""Telling the workers that a tenant has work, through Redis: it only hurries what the sweep would find by itself a second or so later.

Waking never waits for Redis: tenants are collected for a moment and sent behind the request's back. With Redis away, the tenant is
noted in `core.tenant_due` instead.
"""

import asyncio
import contextlib
from typing import Any
from uuid import UUID

import msgspec
from arq.connections import ArqRedis
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from core import clock
from core.database import Database
from core.jobs import due_repository
from core.logs import Presence

QUEUE = "banyan:wake"
GATHER_SECONDS = 0.01
REDIS_SECONDS = 0.5
encode = msgspec.json.encode
decode = msgspec.json.decode
"""What goes through Redis is JSON: with arq's own choice, pickle, whoever may write to Redis could run code here."""


def redis_pool(url: str) -> ArqRedis:
    """A connection pool to Redis that gives up quickly."""
    pool = ConnectionPool.from_url(url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS)
    redis = ArqRedis(pool, job_serializer=encode, job_deserializer=decode, default_queue_name=QUEUE)
    redis.auto_close_connection_pool = True
    return redis


async def connect(platform: Any) -> None:
    """Give the platform its Redis and its way to wake workers; without a Redis address everything still works, a little later."""
    if platform.settings.redis_url:
        platform.redis = redis_pool(platform.settings.redis_url)
        platform.database.wake = Waker(platform.redis, platform.database)


class Waker:
    """`await waker(tenant_id)` returns at once."""

    def __init__(self, redis: ArqRedis, database: Database) -> None:
        self._redis = redis
        self._database = database
        self._tenants: set[UUID] = set()
        self._sending: asyncio.Task | None = None
        self._presence = Presence("redis_away", "redis_back")

    async def __call__(self, tenant_id: UUID) -> None:
        self._tenants.add(tenant_id)
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send())

    async def _send(self) -> None:
        while self._tenants:
            await asyncio.sleep(GATHER_SECONDS)
            tenants, self._tenants = self._tenants, set()
            for tenant_id in tenants:
                await self._send_one(tenant_id)

    async def _send_one(self, tenant_id: UUID) -> None:
        try:
            await self._redis.enqueue_job("pulse", str(tenant_id), _job_id=f"pulse:{tenant_id}")
            self._presence.found()
        except (RedisError, OSError) as error:
            self._presence.lost(error)
            with contextlib.suppress(Exception):
                await due_repository.add(self._database, tenant_id, "pulse", clock.now())
