"""Jobs that show themselves: one watcher per job and process reads its row once a second, however many people look on.

A stream holds no connection to the database: the watcher borrows one for each look. There is room for so many streams; who comes after
that is told to ask by itself (204), as a browser without server-sent events does.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from uuid import UUID

import msgspec

from core import clock
from core.errors import Unavailable
from core.identity import sessions_repository as sessions
from core.jobs import repository
from core.platform import Platform

LOOK_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0
"""A line that keeps proxies from closing a silent stream; at each the session is looked at again."""
LONGEST_SECONDS = 60.0
"""A stream ends by itself; the browser asks again, with a session that is looked at anew. Nothing forgotten stays open."""
MOST_STREAMS = 200
LIVE = ("queued", "running")


class Progress(msgspec.Struct, frozen=True):
    """How far a job is; `over` when nothing more will come."""

    status: str
    done: int
    total: int
    over: bool = False


class Watch:
    """One job that at least one stream looks at."""

    def __init__(self) -> None:
        self.now: Progress | None = None
        self.streams = 0
        self.news = asyncio.Condition()
        self.task: asyncio.Task | None = None


class Streams:
    """Every stream of this process."""

    def __init__(self, most: int = MOST_STREAMS, look_seconds: float = LOOK_SECONDS, heartbeat_seconds: float = HEARTBEAT_SECONDS) -> None:
        self.most = most
        self.look_seconds = look_seconds
        self.heartbeat_seconds = heartbeat_seconds
        self.open = 0
        self._watched: dict[tuple[UUID, UUID], Watch] = {}

    def has_room(self) -> bool:
        """Whether one more stream may begin."""
        return self.open < self.most

    async def follow(self, platform: Platform, tenant_id: UUID, job_id: UUID, session_id: UUID | None) -> AsyncIterator[Progress | None]:
        """What a job comes to, until it is over or the session has ended; None is a heartbeat."""
        key = (tenant_id, job_id)
        watch = self._watched.setdefault(key, Watch())
        self.open += 1
        watch.streams += 1
        if watch.task is None:
            watch.task = asyncio.create_task(self._look(platform, key, watch))
        try:
            told, ends_at = None, time.monotonic() + LONGEST_SECONDS
            while not (told and told.over) and time.monotonic() < ends_at:
                if await self._news(watch, told):
                    told = watch.now
                    yield told
                elif await _ended(platform, tenant_id, session_id):
                    return
                else:
                    yield None
        finally:
            self.open -= 1
            watch.streams -= 1
            if not watch.streams:
                self._watched.pop(key, None)
                watch.task.cancel()

    async def _news(self, watch: Watch, told: Progress | None) -> bool:
        """Wait for something new; False when only a heartbeat is due."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.heartbeat_seconds), watch.news:
                await watch.news.wait_for(lambda: watch.now is not None and watch.now != told)
                return True
        return False

    async def _look(self, platform: Platform, key: tuple[UUID, UUID], watch: Watch) -> None:
        """Read the job's row once a second; a database that is away for a moment is waited for."""
        tenant_id, job_id = key
        while watch.now is None or not watch.now.over:
            with contextlib.suppress(Unavailable):
                async with platform.database.tenant(tenant_id) as session:
                    job = await repository.find(session, job_id)
                seen = Progress(job.status, job.done, job.total, job.status not in LIVE) if job else Progress("cancelled", 0, 0, True)
                if seen != watch.now:
                    async with watch.news:
                        watch.now = seen
                        watch.news.notify_all()
            await asyncio.sleep(self.look_seconds)


async def _ended(platform: Platform, tenant_id: UUID, session_id: UUID | None) -> bool:
    """Whether who looks on has logged off meanwhile, or was."""
    if session_id is None:
        return True
    try:
        async with platform.database.tenant(tenant_id) as session:
            return not await sessions.is_open(session, session_id, clock.now())
    except Unavailable:
        return False
