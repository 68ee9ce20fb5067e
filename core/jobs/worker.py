"""A worker: beats the pulse of every tenant that is due, does jobs, and survives that Redis or PostgreSQL are away.

Three loops. The sweep reads `core.tenant_due` every second and needs no Redis. The listener hears through arq that a tenant has work
and hurries. Jobs run beside both, each under its own lease. Any number of workers may run anywhere.
"""

import asyncio
import contextlib
import datetime as dt
from collections.abc import Iterable
from uuid import UUID

import arq
import structlog
from arq.connections import RedisSettings
from redis.exceptions import RedisError

from core import clock
from core.errors import Unavailable
from core.jobs import due_repository, pulse, runner
from core.jobs.wake import QUEUE, decode, encode
from core.logs import Presence
from core.platform import Platform

log = structlog.get_logger()
SWEEP_SECONDS = 1.0
LEASE = dt.timedelta(seconds=60)
FORGET_AFTER = dt.timedelta(minutes=10)
"""No transaction lives longer than this, so a last look after it misses nothing."""
STOP_SECONDS = 5.0
NIGHT_RETRY = dt.timedelta(minutes=10)
PAUSES = ((dt.timedelta(minutes=1), 2), (dt.timedelta(minutes=3), 5), (FORGET_AFTER, 10))
"""Idle for less than …: look again after … seconds."""


class Worker:
    """`await Worker(platform).run()` until `stop()`; `slots` pulses and `job_slots` jobs at a time."""

    def __init__(self, platform: Platform, *, slots: int = 4, job_slots: int = 3, sweep_seconds: float = SWEEP_SECONDS) -> None:
        self._platform = platform
        self._sweep_seconds = sweep_seconds
        self._slots = asyncio.Semaphore(slots)
        self._job_slots = job_slots
        self._jobs: set[asyncio.Task] = set()
        self._tending: dict[UUID, bool] = {}
        self._tasks: set[asyncio.Task] = set()
        self._nights_known: set[UUID] = set()
        self._stopping = asyncio.Event()
        self._database = Presence("database_away", "database_back")
        self._redis = Presence("redis_away", "redis_back")

    async def run(self) -> None:
        """Work until stopped; running jobs are then handed back for another worker to go on with."""
        loops = [asyncio.create_task(self._sweep())]
        if self._platform.settings.redis_url:
            loops.append(asyncio.create_task(self._listen()))
        log.info("worker_ready", redis=bool(self._platform.settings.redis_url))
        await self._stopping.wait()
        await _cancelled(loops)
        if self._tasks:  # a pulse is short, and may be about to take up a job
            await asyncio.wait(self._tasks, timeout=STOP_SECONDS)
        await _cancelled((*self._tasks, *self._jobs))
        log.info("worker_stopped")

    def stop(self) -> None:
        """Come to an end soon."""
        self._stopping.set()

    def wake(self, tenant_id: UUID) -> None:
        """A tenant has work: beat its pulse now, or once more when that is going on."""
        if tenant_id in self._tending:
            self._tending[tenant_id] = True
        else:
            self._spawn(self._tasks, self._tend(tenant_id, None))

    async def _sweep(self) -> None:
        while True:
            try:
                now = clock.now()
                due = await due_repository.claim(self._platform.database, now, now + LEASE, 50)
                self._database.found()
                for row in due:
                    self._take(row.tenant_id, row.kind, row.idle_since)
            except Unavailable as error:
                self._database.lost(error)
            except Exception as error:
                log.error("sweep_failed", exc_info=error)
            await asyncio.sleep(self._sweep_seconds)

    async def _listen(self) -> None:
        """Hear wake-ups through arq; a Redis that went away is looked for until it is back."""
        where = RedisSettings.from_dsn(self._platform.settings.redis_url)
        where.conn_retries = 0  # we try again ourselves, without a line for each time
        while True:
            listener = arq.Worker(
                functions=[arq.func(self._woken, name="pulse", keep_result=0, timeout=5, max_tries=1)],
                queue_name=QUEUE, redis_settings=where, handle_signals=False, on_startup=self._hearing,
                poll_delay=0.1, job_serializer=encode, job_deserializer=decode, log_results=False, max_jobs=50, job_timeout=5,
            )  # fmt: skip
            try:
                await listener.async_run()
            except (RedisError, OSError) as error:
                self._redis.lost(error)
            finally:
                with contextlib.suppress(RedisError, OSError):
                    await listener.close()
            await asyncio.sleep(1)

    async def _hearing(self, _: dict) -> None:
        self._redis.found()

    async def _woken(self, _: dict, tenant_id: str) -> None:
        self.wake(UUID(tenant_id))

    def _take(self, tenant_id: UUID, kind: str, idle_since: dt.datetime | None) -> None:
        if kind == "nightly":
            self._spawn(self._tasks, self._night(tenant_id))
        elif kind == "recheck":
            self._spawn(self._tasks, self._last_look(tenant_id))
        elif tenant_id not in self._tending:
            self._spawn(self._tasks, self._tend(tenant_id, idle_since))

    def _spawn(self, into: set[asyncio.Task], work) -> None:
        task = asyncio.create_task(work)
        into.add(task)
        task.add_done_callback(into.discard)

    async def _tend(self, tenant_id: UUID, idle_since: dt.datetime | None) -> None:
        """Beat a tenant's pulse until nothing is due this moment, then say when to look again."""
        self._tending[tenant_id] = False
        try:
            again = True
            while again:
                async with self._slots:  # for one beat: whoever is woken all the time gives the others their turn
                    self._tending[tenant_id] = False
                    due_at = await pulse.pulse(self._platform, tenant_id)
                    jobs_at = await self._start_jobs(tenant_id)
                again = self._tending[tenant_id] or (due_at is not None and due_at <= clock.now())
                idle_since = None if again or due_at or jobs_at else idle_since or clock.now()
            await self._note(tenant_id, min(filter(None, (due_at, jobs_at)), default=None), idle_since)
        except Unavailable as error:
            self._database.lost(error)
        except Exception as error:
            log.error("pulse_failed", tenant_id=str(tenant_id), exc_info=error)
        finally:
            del self._tending[tenant_id]

    async def _note(self, tenant_id: UUID, due_at: dt.datetime | None, idle_since: dt.datetime | None) -> None:
        """Write down when the tenant is next due; one that has been idle for long is forgotten after a last look."""
        now, database = clock.now(), self._platform.database
        if idle_since and now - idle_since > FORGET_AFTER:
            await due_repository.retire(database, tenant_id, now + FORGET_AFTER)
            return
        idle = now - idle_since if idle_since else dt.timedelta()
        pause = next((seconds for limit, seconds in PAUSES if idle <= limit), PAUSES[-1][1])
        latest = now + dt.timedelta(seconds=pause)
        await due_repository.set_due(database, tenant_id, "pulse", min(due_at or latest, latest), idle_since)
        if tenant_id not in self._nights_known:
            await due_repository.add(database, tenant_id, "nightly", next_night(now))
            self._nights_known.add(tenant_id)

    async def _start_jobs(self, tenant_id: UUID) -> dt.datetime | None:
        """Take up the tenant's jobs as far as there is room; answers when to look for more."""
        while len(self._jobs) < self._job_slots and not self._stopping.is_set():
            job = await runner.claim(self._platform, tenant_id)
            if job is None:
                break
            self._spawn(self._jobs, self._do(tenant_id, job))
        return await pulse.jobs_due(self._platform, tenant_id)

    async def _do(self, tenant_id: UUID, job) -> None:
        await runner.run(self._platform, tenant_id, job)
        if not self._stopping.is_set():
            self.wake(tenant_id)

    async def _night(self, tenant_id: UUID) -> None:
        """A tenant's nightly work; a night that failed is tried again in ten minutes."""
        try:
            async with self._slots:
                good = await pulse.nightly(self._platform, tenant_id)
                at = next_night(clock.now()) if good else clock.now() + NIGHT_RETRY
                await due_repository.set_due(self._platform.database, tenant_id, "nightly", at)
        except Unavailable as error:
            self._database.lost(error)

    async def _last_look(self, tenant_id: UUID) -> None:
        """Beat a forgotten tenant's pulse once more; it is remembered again when it had work after all."""
        try:
            async with self._slots:
                due_at = await pulse.pulse(self._platform, tenant_id)
                if due_at or await pulse.jobs_due(self._platform, tenant_id):
                    await due_repository.add(self._platform.database, tenant_id, "pulse", clock.now())
                await due_repository.remove(self._platform.database, tenant_id, "recheck")
        except Unavailable as error:
            self._database.lost(error)


async def _cancelled(tasks: Iterable[asyncio.Task]) -> None:
    """Break tasks off and wait until they have tidied up."""
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def next_night(now: dt.datetime) -> dt.datetime:
    """The next 02:00 in Shanghai."""
    local = now.astimezone(clock.SHANGHAI)
    tonight = local.replace(hour=2, minute=0, second=0, microsecond=0)
    return tonight if tonight > local else tonight + dt.timedelta(days=1)
