"""What happens for every tenant at 02:00: the books must balance, the audit chain's head leaves the database."""

import datetime as dt
import os
from pathlib import Path
from uuid import UUID

import msgspec
import structlog

from core import clock
from core.identity import audit
from core.jobs import nightly_repository as repository
from core.ledger import service as ledger
from core.outbox import repository as outbox_repository
from core.platform import Platform

log = structlog.get_logger()
KEEP_EVENTS = dt.timedelta(days=90)
HEADS = "audit-heads"


async def balance_books(platform: Platform, tenant_id: UUID) -> None:
    """The nightly trial balance: anything but zero is an alarm. Balances are shortened on the way."""
    async with platform.database.tenant(tenant_id) as session:
        await ledger.take_snapshots(session)
        accounts, difference = await ledger.trial_balance(session)
    if difference:
        log.error("trial_balance_not_zero", tenant_id=str(tenant_id), difference_fen=difference)
    else:
        log.info("trial_balance_zero", tenant_id=str(tenant_id), accounts=len(accounts))


async def keep_head(platform: Platform, tenant_id: UUID) -> None:
    """Write the head of the audit chain to a file outside the database, so that nobody can rewrite the whole chain unseen."""
    async with platform.database.tenant(tenant_id) as session:
        head = await audit.head_hash(session)
    if head:
        line = msgspec.json.encode({"at": clock.now().isoformat(), "seq": head[0], "hash": head[1]})
        append_line(heads_file(platform.settings.data_dir, tenant_id), line)


def heads_file(data_dir: Path, tenant_id: UUID) -> Path:
    """Where a tenant's chain heads are kept, one JSON line a night."""
    return data_dir / HEADS / f"{tenant_id}.jsonl"


def append_line(path: Path, line: bytes) -> None:
    """Add a line to a file that only we may read, and see it on the disk."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
        file.write(line + b"\n")
        file.flush()
        os.fsync(file.fileno())


async def tidy(platform: Platform, tenant_id: UUID) -> None:
    """Forget events that were delivered long ago and the content of files that have had their time."""
    async with platform.database.tenant(tenant_id) as session:
        await outbox_repository.clean(session, clock.now() - KEEP_EVENTS)
        await repository.empty_expired_files(session, clock.now())
