"""`banyan doctor`: look at everything this machine and installation need; each fault comes with its remedy."""

import argparse
import datetime as dt
import os
import shutil
import sys
from collections.abc import AsyncIterator

import httpx
import msgspec
from redis.exceptions import RedisError
from sqlalchemy import text

from core import checks, clock
from core.app import branches
from core.commands.surroundings import find_running, platform_here
from core.commands.terminal import add_json, say, say_json
from core.database import drift, migrate
from core.errors import NotFound, PlatformError
from core.platform import Platform
from core.settings import Settings
from core.supervisor.programs import bin_dir, redis_server
from core.web import static_files

MARKS = {"ok": "✓", "warn": "!", "fail": "✗"}
ENOUGH_DISK = 2 * 1024**3
CLOCK_SECONDS = 5
BEHIND = (
    "run `banyan migrate`; if it says nothing new, the data was made by migrations that were changed since: "
    "`make clean-data` for development data, else restore a backup under the version that made it"
)
OLDEST_EVENT = dt.timedelta(minutes=10)


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at: `ok`, `warn` or `fail`, what was seen, and what to do about it."""

    what: str
    state: str
    seen: str
    remedy: str = ""


def configure(parser: argparse.ArgumentParser) -> None:
    """Only how to answer."""
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Exit code 1 when something fails."""
    findings = _settings()
    for look in (_disk, _programs, _assets):
        if all(finding.state != "fail" for finding in findings):
            findings += look()
    if all(finding.state != "fail" for finding in findings):
        findings += await _system()
    if args.json:
        say_json({"ok": all(f.state != "fail" for f in findings), "findings": findings})
    else:
        for finding in findings:
            say(f"{MARKS[finding.state]} {finding.what:<22} {finding.seen}" + (f"\n  → {finding.remedy}" if finding.remedy else ""))
    return 1 if any(finding.state == "fail" for finding in findings) else 0


def _settings() -> list[Finding]:
    if sys.version_info < (3, 11) or sys.version_info >= (3, 14):
        return [Finding("python", "fail", sys.version.split()[0], "use Python 3.11, 3.12 or 3.13")]
    try:
        settings = Settings.load()
    except (ValueError, msgspec.ValidationError) as fault:
        return [Finding("settings", "fail", str(fault), "correct or remove that BANYAN_ variable")]
    mine = settings.master_keys or not settings.database_url
    keys = "from BANYAN_MASTER_KEYS" if settings.master_keys else f"a key file in {settings.data_dir} (development)"
    remedy = "" if mine else "give BANYAN_MASTER_KEYS (id:base64 of 32 bytes) in production and keep a copy elsewhere"
    return [
        Finding("settings", "ok", f"data in {settings.data_dir.resolve()}"),
        Finding("master key", "ok" if mine else "warn", keys, remedy),
    ]


def _disk() -> list[Finding]:
    folder = Settings.load().data_dir.resolve()
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK):
        return [Finding("disk", "fail", f"{folder} cannot be written", "set BANYAN_DATA_DIR to a folder of yours")]
    free = shutil.disk_usage(folder).free
    state, remedy = ("ok", "") if free > ENOUGH_DISK else ("warn", "free some space: PostgreSQL stops when the disk is full")
    return [Finding("disk", state, f"{free / 1024**3:.1f} GiB free", remedy)]


def _programs() -> list[Finding]:
    try:
        found = [bin_dir() / "postgres", bin_dir() / "pg_dump", redis_server()]
    except ModuleNotFoundError as fault:
        return [Finding("embedded programs", "fail", str(fault), "run `make setup`")]
    missing = [path.name for path in found if not path.is_file()]
    return [
        Finding(
            "embedded programs", "fail" if missing else "ok", ", ".join(missing) or "postgres, redis", "run `make setup`" if missing else ""
        )
    ]


def _assets() -> list[Finding]:
    vendor = static_files.STATIC / "vendor"
    there = vendor.is_dir() and any(vendor.iterdir())
    return [
        Finding("front-end files", "ok" if there else "fail", str(vendor) if there else "not there", "" if there else "run `make setup`")
    ]


async def _system() -> list[Finding]:
    """What needs the database; embedded servers are started for the look when nothing runs."""
    settings = Settings.load()
    running = find_running(settings.data_dir)
    where = f"`banyan run`, process {running.pid}" if running else "given addresses" if settings.database_url else "not running"
    findings = [Finding("banyan run", "ok", where)]
    try:
        async with platform_here() as platform:
            findings += [finding async for finding in _looks(platform, bool(running or settings.redis_url))]
    except PlatformError as fault:
        findings.append(Finding("database", "fail", fault.message, "see the log named there, or the address in BANYAN_DATABASE_URL"))
    return findings


async def _looks(platform: Platform, with_redis: bool) -> AsyncIterator[Finding]:
    async with platform.database.reference() as session:
        version = int(str(await session.scalar(text("SHOW server_version_num")))) // 10000
        apart = abs((await session.scalar(text("SELECT clock_timestamp()")) - clock.now()).total_seconds())
    yield Finding(
        "database", "ok" if version >= 18 else "fail", f"PostgreSQL {version}", "" if version >= 18 else "PostgreSQL 18 or newer is needed"
    )
    close = apart < CLOCK_SECONDS
    yield Finding(
        "clocks",
        "ok" if close else "fail",
        f"database {apart:.1f} s apart",
        "" if close else "let NTP set both clocks; channels refuse ours",
    )
    if with_redis:
        yield await _redis(platform)
    found = branches(platform.plugins)
    owner_url = platform.settings.owner_database_url
    differences = await migrate.differences(owner_url, found)
    async with migrate.owner_connection(owner_url) as connection:
        missing = await drift.missing(connection, [branch.metadata for branch in found])
    seen = f"missing: {drift.told(missing)}" if missing else differences[0] if differences else "up to date"
    yield Finding("migrations", "fail" if differences or missing else "ok", seen, BEHIND if differences or missing else "")
    if differences or missing:
        return
    walls = [finding for finding in await checks.walls(platform) if not finding.ok]
    yield Finding(
        "row-level security",
        "fail" if walls else "ok",
        "; ".join(f.faults[0] for f in walls) or "every table",
        "" if not walls else "never run as this role or schema; see `banyan audit`",
    )
    async for finding in _work(platform):
        yield finding
    yield await _sandbox(platform)


async def _redis(platform: Platform) -> Finding:
    try:
        await platform.redis.ping()
    except (RedisError, OSError, AttributeError) as fault:
        return Finding("redis", "warn", repr(fault), "nothing is lost, work starts a second later; see BANYAN_REDIS_URL")
    return Finding("redis", "ok", "answers")


async def _work(platform: Platform) -> AsyncIterator[Finding]:
    try:
        await platform.directory.bank_id()
    except NotFound:
        yield Finding("bank", "warn", "no bank yet", "run `banyan tenants apply` or `banyan demo`")
        return
    async with platform.database.reference() as session:
        late = await session.scalar(text("SELECT now() - min(due_at) FROM core.tenant_due WHERE kind = 'pulse'")) or dt.timedelta()
    running = late < OLDEST_EVENT
    yield Finding(
        "workers",
        "ok" if running else "warn",
        f"oldest due work {max(late, dt.timedelta()).seconds} s",
        "" if running else "start one: `banyan worker`",
    )


async def _sandbox(platform: Platform) -> Finding:
    url = platform.settings.sandbox_url
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=2) as asking:
            answered = (await asking.get(f"{url}/health")).status_code == 200
    except httpx.HTTPError:
        answered = False
    return Finding(
        "sandbox",
        "ok" if answered else "warn",
        url if answered else "does not answer",
        "" if answered else "`banyan run` starts it; production needs none",
    )
