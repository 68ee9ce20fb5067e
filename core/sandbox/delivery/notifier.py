"""The sandbox's clockwork: delivers notifications until they are answered, and lets happen what happens by itself."""

import asyncio
import contextlib
import datetime as dt
from collections.abc import Sequence

import httpx
import structlog
from asyncpg import Pool, PostgresError
from asyncpg.exceptions import InterfaceError

from core import clock
from core.sandbox.delivery import queue
from core.sandbox.faults.kinds import TWISTS
from core.sandbox.settings import SandboxSettings
from core.sandbox.world import Post, Told, World

log = structlog.get_logger()
AT_ONCE = 32
LONGEST_NAP_SECONDS = 5.0


class Notifier:
    """A background task; everything it must remember is in the database, so a restart loses nothing."""

    def __init__(self, pool: Pool, settings: SandboxSettings, worlds: Sequence[World]) -> None:
        self._pool = pool
        self._settings = settings
        self._worlds = {world.code: world for world in worlds}
        self._woken = asyncio.Event()
        self._sending: set[asyncio.Task] = set()
        self._client = httpx.AsyncClient(timeout=settings.notify_timeout_seconds, trust_env=False)

    def wake(self) -> None:
        """Something may be due now."""
        self._woken.set()

    @contextlib.asynccontextmanager
    async def running(self):
        """Deliver in the background for as long as the block lasts."""
        async with self._pool.acquire() as connection:
            await queue.release_claims(connection)
        loop = asyncio.create_task(self._run())
        try:
            yield
        finally:
            for task in (loop, *self._sending):
                task.cancel()
            await asyncio.gather(loop, *self._sending, return_exceptions=True)
            await self._client.aclose()

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            try:
                nap = await self._round()
            except (PostgresError, InterfaceError, OSError) as error:
                log.warning("sandbox_notifier_database_away", error=repr(error))
                nap = 1.0
            # Not wait_for: in Python 3.11 it forgets a cancellation that comes together with the event, and the round would never end.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(nap):
                    await self._woken.wait()

    async def _round(self) -> float:
        """Start everything that is due; returns how long to sleep."""
        async with self._pool.acquire() as connection:
            due = [await world.tick(connection, self._settings.time_scale) for world in self._worlds.values()]
            for told in await queue.claim_due(connection, AT_ONCE - len(self._sending)):
                task = asyncio.create_task(self._deliver(told))
                self._sending.add(task)
                task.add_done_callback(self._finished)
            due.append(await queue.next_due(connection))
        next_at = min((at for at in due if at is not None), default=None)
        if next_at is None or len(self._sending) >= AT_ONCE:
            return LONGEST_NAP_SECONDS
        return min(max((next_at - clock.now()) / dt.timedelta(seconds=1), 0.0) + 0.001, LONGEST_NAP_SECONDS)

    def _finished(self, task: asyncio.Task) -> None:
        self._sending.discard(task)
        self.wake()
        if not task.cancelled() and task.exception() is not None:
            log.warning("sandbox_notice_failed", error=repr(task.exception()))

    async def _deliver(self, told: Told) -> None:
        """One attempt: the faulty copies first, then the genuine notification (twice where so told)."""
        world = self._worlds[told.channel]
        posts, copies = [], 0 if "notice_lose" in told.twists else 2 if "notice_duplicate" in told.twists else 1
        async with self._pool.acquire() as connection:
            for twist in TWISTS if told.attempts == 1 else ():
                if twist in told.twists and (post := await world.dress(connection, told, twist)):
                    posts.append(post)
            genuine = [await world.dress(connection, told, None) for _ in range(copies)]
        for post in posts:
            await self._post(world, told, post)
        delivered = bool(genuine) and all(await asyncio.gather(*(self._post(world, told, post) for post in genuine)))
        async with self._pool.acquire() as connection:
            await queue.settle(connection, told, delivered, world.ladder_seconds, self._settings.time_scale)

    async def _post(self, world: World, told: Told, post: Post) -> bool:
        """One POST; true when the merchant took it."""
        try:
            response = await self._client.post(told.url, content=post.body, headers=post.headers)
            status, note = response.status_code, response.text
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            status, note = None, repr(error)
        async with self._pool.acquire() as connection:
            await queue.record(connection, told, post.twist, status, note)
        return status is not None and world.accepted(status, note)
