"""`banyan run`: servers, migrations, demo clients, application, worker and sandbox on this machine; Ctrl-C stops all of it."""

import argparse
import asyncio
import sys
import time

import httpx
import msgspec

from core.app import branches, load_plugins, make_platform
from core.commands import demonstration
from core.commands.demo import show_log_ins
from core.commands.surroundings import Running, announced, find_running, joined, servers
from core.commands.terminal import say
from core.database import drift, migrate
from core.errors import Unavailable
from core.sandbox import schema
from core.settings import Settings
from core.supervisor import Child, Supervisor
from core.supervisor.guarded import listens

PATIENCE_SECONDS = 60


class AlreadyRunning(Unavailable):
    code = "ALREADY_RUNNING"
    message = "这个数据目录上的 Banyan 已在运行（进程 {pid}，{url}）；请先停止它，或用 BANYAN_DATA_DIR 另选目录"


class PortTaken(Unavailable):
    code = "PORT_TAKEN"
    message = "端口 {port} 已被占用，请停止占用它的程序，或设置 {name} 换一个端口"


class NotUp(Unavailable):
    code = "NOT_UP"
    message = "{what} 在 {seconds} 秒内没有应答，请查看上面的日志"


def configure(parser: argparse.ArgumentParser) -> None:
    """With or without the demo."""
    parser.add_argument("--no-demo", action="store_true", help="no demo clients, no printed log-ins, no sandbox")


def run(args: argparse.Namespace) -> int:
    """Start everything and stay."""
    settings = _settings(demo=not args.no_demo)
    _check_free(settings)
    say("· servers")
    with servers(settings, redis=True) as started:
        running = msgspec.structs.replace(started, public_url=settings.public_url, sandbox_url=settings.sandbox_url)
        settings = joined(settings, running)
        asyncio.run(_prepare(settings, running))
        with announced(settings.data_dir, running):
            return Supervisor().run(_children(settings), started=lambda: _welcome(settings))


def _settings(demo: bool) -> Settings:
    """The environment's settings; addresses follow the ports unless they were given."""
    settings = Settings.load(demo=demo)
    default = Settings()
    if settings.public_url == default.public_url:
        settings = msgspec.structs.replace(settings, public_url=f"http://{settings.host}:{settings.port}")
    if settings.sandbox_url == default.sandbox_url:
        settings = msgspec.structs.replace(settings, sandbox_url=f"http://127.0.0.1:{settings.sandbox_port}")
    return settings


def _check_free(settings: Settings) -> None:
    if found := find_running(settings.data_dir):
        raise AlreadyRunning(pid=found.pid, url=found.public_url)
    for name, port in (("BANYAN_PORT", settings.port), ("BANYAN_SANDBOX_PORT", settings.sandbox_port)):
        if listens(port):
            raise PortTaken(port=port, name=name)


async def _prepare(settings: Settings, running: Running) -> None:
    found = branches(load_plugins())
    applied = await migrate.upgrade(running.owner_database_url, found)
    say(f"· migrations: {', '.join(applied) or 'nothing new'}")
    await drift.check(running.owner_database_url, [branch.metadata for branch in found])
    if settings.demo:
        await schema.install(running.owner_database_url)


def _children(settings: Settings) -> list[Child]:
    given = {f"BANYAN_{name.upper()}": _plain(getattr(settings, name)) for name in Settings.__struct_fields__}
    banyan = [sys.executable, "-m", "core.cli"]
    found = [Child("web", [*banyan, "web"], env=given), Child("worker", [*banyan, "worker"], env=given)]
    return [*found, Child("sandbox", [*banyan, "sandbox"], env=given)] if settings.demo else found


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _welcome(settings: Settings) -> None:
    """Load the demo once its sandbox answers, then say where everything is."""
    _wait_for("web", f"{settings.public_url}/readyz")
    if settings.demo:
        _wait_for("sandbox", f"{settings.sandbox_url}/health")
        say("· demo clients (the first time takes a moment)")
        asyncio.run(_load_demo(settings))
    say("\n榕 Banyan is running; Ctrl-C stops it.\n")
    say(f"  console, bank and clients   {settings.public_url}/login")
    say(f"  open API                    {settings.public_url}/schema")
    if settings.demo:
        for code in sorted(demonstration.declared_clients(settings.tenants_dir)):
            say(f"  payers of {code:<17} {settings.public_url}/h5/{code}")
        say(f"  sandbox: pay, SMS, faults   {settings.sandbox_url}/\n")
        show_log_ins(demonstration.log_ins(settings.tenants_dir))
        say("one-time codes change every half minute: `banyan demo --logins` shows the present ones\n")


def _wait_for(what: str, url: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            if httpx.get(url, trust_env=False, timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            pass
        if time.monotonic() > deadline:
            raise NotUp(what=what, seconds=PATIENCE_SECONDS)
        time.sleep(0.1)


async def _load_demo(settings: Settings) -> None:
    platform = await make_platform(settings)
    try:
        await demonstration.load(platform, settings.tenants_dir)
    finally:
        await platform.close()
