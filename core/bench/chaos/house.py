"""The house of a drill: our servers and processes under their supervisor, the outside world on a server of its own, and the ways to hurt them."""

import asyncio
import contextlib
import datetime as dt
import os
import resource
import secrets
import signal
import sys
import tempfile
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import msgspec
import psutil

from core import clock
from core.app import branches, load_plugins, make_platform
from core.database import migrate
from core.platform import Platform
from core.sandbox import schema
from core.settings import Settings
from core.supervisor import Child, EmbeddedPostgres, EmbeddedRedis, Supervisor, kept_alive
from core.supervisor.guarded import free_port

ORDER_SECONDS = 65
"""The shortest life that WeChat Pay allows an order, and a little."""
CLOCKS = {"worker-ahead": 45, "worker-behind": -45}
PROCESSES = ("web", "worker", "redis", "postgres")


class House:
    """Everything that runs during a drill."""

    def __init__(self, settings: Settings, platform: Platform, postgres: EmbeddedPostgres, outside: EmbeddedPostgres, redis_port: int) -> None:
        self.settings = settings
        self.platform = platform
        self.postgres = postgres
        self.outside = outside
        self.kills: Counter[str] = Counter()
        self.lines: list[str] = []
        self._redis_port = redis_port
        self._supervisor = Supervisor(write=self._note)

    def _note(self, line: str) -> None:
        self.lines.append(line)
        del self.lines[:-2000]

    def start(self) -> None:
        """Start web, worker and sandbox; each comes back when it dies."""
        given = {f"BANYAN_{name.upper()}": _plain(getattr(self.settings, name)) for name in Settings.__struct_fields__}
        banyan = [sys.executable, "-m", "core.cli"]
        ours = [Child("web", [*banyan, "web"], env=given), Child("worker", [*banyan, "worker"], env=given)]
        self._supervisor.start([*ours, self._sandbox()])

    def _sandbox(self, step_seconds: int = 0) -> Child:
        given = {
            "BANYAN_SANDBOX_DATABASE_URL": self.outside.app_url,
            "BANYAN_SANDBOX_PORT": str(self.settings.sandbox_port),
            "BANYAN_SANDBOX_PUBLIC_URL": self.settings.sandbox_url,
            "BANYAN_SANDBOX_TIME_SCALE": "0.05",
            "CLOCK_STEP_SECONDS": str(step_seconds),
        }
        return Child("sandbox", [sys.executable, "-m", "core.sandbox"], env=given)

    async def sleep_until(self, at: dt.datetime) -> None:
        """It is that moment: our processes have ended, the outside world's clock and this process's stand there."""
        self._supervisor.stop()
        self._supervisor = Supervisor(write=self._note)
        self._supervisor.start([self._sandbox(clock.leap_to(at))])
        await self._until_answers(f"{self.settings.sandbox_url}/health", 60)

    def add_wrong_clocks(self) -> None:
        """Let workers join whose clocks are ahead and behind."""
        given = {f"BANYAN_{name.upper()}": _plain(getattr(self.settings, name)) for name in Settings.__struct_fields__}
        worker = [sys.executable, "-m", "core.cli", "worker"]
        self._supervisor.start([Child(name, worker, env=given | {"CLOCK_STEP_SECONDS": str(step)}) for name, step in CLOCKS.items()])

    def stop(self) -> None:
        """Stop the processes."""
        self._supervisor.stop()

    def kill(self, name: str) -> bool:
        """Kill -9 one of PROCESSES; False when it is not there at this moment."""
        try:
            if name in ("web", "worker"):
                guard = self._supervisor.pid_of(name)
                [victim] = psutil.Process(guard).children() if guard else []
                os.killpg(victim.pid, signal.SIGKILL)
            else:
                _listener(self.postgres.port if name == "postgres" else self._redis_port).kill()
        except (ValueError, psutil.Error, ProcessLookupError, PermissionError):
            return False
        self.kills[name] += 1
        return True

    async def fill_disk(self, seconds: float) -> None:
        """Let the database write nothing for a while, as on a full disk: every write of a file fails."""
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        with contextlib.suppress(psutil.Error, ValueError):
            master = _listener(self.postgres.port)
            family = [master, *master.children(recursive=True)]
            for process in family:
                with contextlib.suppress(psutil.Error):
                    process.rlimit(psutil.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
            self.kills["disk_full"] += 1
            await asyncio.sleep(seconds)
            for process in [master, *master.children(recursive=True)]:
                with contextlib.suppress(psutil.Error):
                    process.rlimit(psutil.RLIMIT_FSIZE, unlimited)

    async def until_ready(self, seconds: float = 60) -> None:
        """Wait until application and sandbox answer."""
        for url in (f"{self.settings.public_url}/readyz", f"{self.settings.sandbox_url}/health"):
            await self._until_answers(url, seconds)

    async def _until_answers(self, url: str, seconds: float) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=2) as http:
            deadline = asyncio.get_running_loop().time() + seconds
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    if (await http.get(url)).status_code == 200:
                        return
                if asyncio.get_running_loop().time() > deadline:
                    raise RuntimeError(f"{url} does not answer:\n" + "\n".join(self.lines[-60:]))
                await asyncio.sleep(0.1)


def _listener(port: int) -> psutil.Process:
    [pid] = {c.pid for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN and c.laddr.port == port and c.pid}
    return psutil.Process(pid)


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@contextlib.asynccontextmanager
async def opened() -> AsyncIterator[House]:
    """Start everything in a temporary folder; nothing is left afterwards."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="banyan-chaos-")))
        postgres = stack.enter_context(EmbeddedPostgres(folder / "postgres"))
        outside = stack.enter_context(EmbeddedPostgres(folder / "outside", fast=True))
        redis = stack.enter_context(EmbeddedRedis(folder / "redis"))
        plugins = load_plugins()
        await migrate.upgrade(postgres.owner_url, branches(plugins))
        await schema.install(outside.owner_url)
        port, sandbox_port = free_port(), free_port()
        settings = Settings(
            data_dir=folder, database_url=postgres.app_url, owner_database_url=postgres.owner_url, redis_url=redis.url,
            master_keys="chaos:" + b64encode(secrets.token_bytes(32)).decode(), port=port, public_url=f"http://127.0.0.1:{port}",
            sandbox_port=sandbox_port, sandbox_url=f"http://127.0.0.1:{sandbox_port}", log_level="error", order_seconds=ORDER_SECONDS,
        )  # fmt: skip
        platform = await make_platform(msgspec.structs.replace(settings, redis_url=""), plugins)
        house = House(settings, platform, postgres, outside, redis.port)
        stack.enter_context(kept_alive(postgres, redis, write=house.lines.append))
        try:
            house.start()
            await house.until_ready()
            yield house
        finally:
            clock.leap_to(None)
            house.stop()
            await platform.close()
