"""What running work holds in its hands: transactions, progress, the person it works for — as long as its lease lasts."""

import contextlib
import time
from collections.abc import AsyncIterator
from uuid import UUID

from core.database import Session
from core.identity.actor import Actor
from core.jobs import repository
from core.jobs.errors import JobStopped, LeaseLost
from core.platform import Platform
from core.tenancy.directory import ClientProfile

REPORT_EVERY_SECONDS = 0.5


class JobContext:
    """Handed to `JobKind.run`; `client` is None when the bank itself works. `by` is the person who started it (without their rights)."""

    def __init__(self, platform: Platform, tenant_id: UUID, client: ClientProfile | None, by: Actor, job_id: UUID, lease_id: UUID) -> None:
        self.platform = platform
        self.tenant_id = tenant_id
        self.client = client
        self.by = by
        self.job_id = job_id
        self.lease_id = lease_id
        self.lease_ends = float("inf")
        """By this process's monotonic clock; moved by the heartbeat."""
        self.stop_asked = False
        self._reported_at = 0.0

    @contextlib.asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """One transaction of the tenant. Raises JobStopped when somebody asked to stop."""
        self._check()
        async with self.platform.database.tenant(self.tenant_id) as session:
            yield session

    async def progress(self, done: int, total: int) -> None:
        """Say how far the work is; written twice a second at most, so call it as often as you like. Raises JobStopped."""
        self._check()
        if done < total and time.monotonic() - self._reported_at < REPORT_EVERY_SECONDS:
            return
        self._reported_at = time.monotonic()
        async with self.platform.database.tenant(self.tenant_id) as session:
            await repository.set_progress(session, self.job_id, self.lease_id, done, total)

    async def attach_file(self, session: Session, file_id: UUID) -> None:
        """Name the file that came out of the work; the job's page offers it."""
        await repository.attach_file(session, self.job_id, file_id)

    def _check(self) -> None:
        if self.stop_asked:
            raise JobStopped()
        if time.monotonic() > self.lease_ends:
            raise LeaseLost()
