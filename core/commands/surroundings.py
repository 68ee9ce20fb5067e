"""The servers a command works with: those it was given, those of a running `banyan run`, or embedded ones for its own duration."""

import contextlib
import os
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from uuid import UUID

import msgspec
import psutil

from core.app import make_platform
from core.identity import audit
from core.platform import Platform
from core.settings import Settings
from core.supervisor import EmbeddedPostgres, EmbeddedRedis, kept_alive
from core.supervisor.guarded import listens

STATE = "run.json"


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """What `banyan run` writes down for other commands; readable by its owner alone, for it holds passwords."""

    pid: int
    born: float
    database_url: str
    owner_database_url: str
    backup_database_url: str
    redis_url: str
    superuser_url: str = ""
    sandbox_database_url: str = ""
    postgres_port: int = 0
    public_url: str = ""
    sandbox_url: str = ""

    def alive(self) -> bool:
        """Whether that very process still runs and its database listens."""
        try:
            same = psutil.Process(self.pid).create_time() == self.born
        except psutil.Error:
            return False
        return same and (not self.postgres_port or listens(self.postgres_port))


def find_running(data_dir: Path) -> Running | None:
    """The `banyan run` of this data folder, if it is alive."""
    try:
        found = msgspec.json.decode((data_dir / STATE).read_bytes(), type=Running)
    except (OSError, msgspec.MsgspecError):
        return None
    return found if found.alive() else None


@contextlib.contextmanager
def announced(data_dir: Path, running: Running) -> Iterator[None]:
    """Let other commands find us for as long as the block lasts."""
    path = data_dir / STATE
    unfinished = path.with_suffix(".new")
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.encode(running))
    unfinished.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def servers(settings: Settings, *, redis: bool = False) -> Iterator[Running]:
    """Addresses that work: given ones, a running `banyan run`'s, or embedded servers started for the block."""
    if not settings.database_url and (found := find_running(settings.data_dir)):
        yield found
        return
    with contextlib.ExitStack() as stack:
        embedded: list[EmbeddedPostgres | EmbeddedRedis] = []
        addresses = {
            "database_url": settings.database_url,
            "owner_database_url": settings.owner_database_url or settings.database_url,
            "backup_database_url": settings.backup_database_url or settings.database_url,
            "redis_url": settings.redis_url,
        }
        if not settings.database_url:
            settings.data_dir.mkdir(parents=True, exist_ok=True)
            postgres = stack.enter_context(EmbeddedPostgres(settings.data_dir / "postgres"))
            embedded.append(postgres)
            addresses |= {
                "database_url": postgres.app_url,
                "owner_database_url": postgres.owner_url,
                "backup_database_url": postgres.backup_url,
                "superuser_url": postgres.superuser_url,
                "postgres_port": postgres.port,
            }
        if redis and not settings.redis_url:
            settings.data_dir.mkdir(parents=True, exist_ok=True)
            embedded.append(stack.enter_context(EmbeddedRedis(settings.data_dir / "redis")))
            addresses["redis_url"] = embedded[-1].url
        stack.enter_context(kept_alive(*embedded))
        me = psutil.Process()
        yield Running(pid=me.pid, born=me.create_time(), **addresses)


def joined(settings: Settings, running: Running) -> Settings:
    """The settings with the addresses that work."""
    names = ("database_url", "owner_database_url", "backup_database_url", "redis_url")
    found = {name: getattr(running, name) for name in names}
    if running.public_url:
        found |= {"public_url": running.public_url, "sandbox_url": running.sandbox_url}
    return msgspec.structs.replace(settings, **found)


async def seal_trail(platform: Platform, tenant_ids: Iterable[UUID]) -> None:
    """Chain the audit rows a command has just written: no worker may be running, and an unchained row can be changed unseen."""
    for tenant_id in tenant_ids:
        async with platform.database.tenant(tenant_id) as session:
            while await audit.seal(session):
                pass


@contextlib.asynccontextmanager
async def platform_here(**overrides: object) -> AsyncIterator[Platform]:
    """The platform for one command. What it wrote to the audit trail is sealed before it ends: no worker need be there."""
    settings = Settings.load(**overrides)
    with servers(settings) as running:
        platform = await make_platform(joined(settings, running))
        touched: set[UUID] = set()
        wake = platform.database.wake

        async def remember(tenant_id: UUID) -> None:
            touched.add(tenant_id)
            if wake is not None:
                await wake(tenant_id)

        platform.database.wake = remember
        try:
            yield platform
            for tenant_id in sorted(touched):
                async with platform.database.tenant(tenant_id) as session:
                    await audit.seal(session)
        finally:
            await platform.close()
