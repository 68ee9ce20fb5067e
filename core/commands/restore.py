"""`banyan restore FILE`: a backup into a fresh database, then every invariant proven on it.

With embedded servers a new database is made beside the present one, which stays untouched; with servers of your own `--into` names an
empty one by its owner's address. Ledger entries carry transaction ids of the cluster that wrote them, which mean nothing in another:
they are set to 0 (older than everything) and the balance snapshots, which count by them, are made anew.
"""

import argparse
import re
import subprocess
from pathlib import Path

import msgspec
from sqlalchemy import text
from sqlalchemy.engine import make_url

from core import checks, clock
from core.app import make_platform
from core.commands.surroundings import Running, servers
from core.commands.terminal import add_json, say, say_json
from core.database.migrate import owner_connection
from core.errors import Conflict, InvalidRequest, Unavailable
from core.platform import Platform
from core.settings import Settings
from core.supervisor.programs import bin_dir
from core.supervisor.roles import APP, BACKUP, OWNER


class NotABackup(InvalidRequest):
    code = "NOT_A_BACKUP"
    message = "{file} 不是可以恢复的备份：{reason}"


class DatabaseInUse(Conflict):
    code = "DATABASE_NOT_EMPTY"
    message = "目标数据库不是空的；恢复只写入全新的数据库，以免覆盖现有数据"


class RestoreFailed(Unavailable):
    code = "RESTORE_FAILED"
    message = "恢复没有完成：{reason}"


def configure(parser: argparse.ArgumentParser) -> None:
    """What, and where to."""
    add_json(parser)
    parser.add_argument("file", type=Path)
    parser.add_argument("--into", metavar="URL", help="an empty database, as its owner (needed unless the servers are embedded)")


async def run(args: argparse.Namespace) -> int:
    """Restore and audit; exit code 1 when an invariant does not hold."""
    settings = Settings.load()
    with servers(settings) as running:
        owner_url = args.into or make_database(running)
        await restore(args.file, owner_url)
        report = await prove(settings, running, owner_url)
    answer = {
        "database": make_url(owner_url).database,
        "ok": report.ok,
        "checks": len(report.checks),
        "faults": [c for c in report.checks if not c.ok],
    }
    if args.json:
        say_json(answer)
    else:
        say(f"restored into {answer['database']}; {'every invariant holds' if report.ok else 'AN INVARIANT FAILS, see `banyan audit`'}")
    return 0 if report.ok else 1


def make_database(running: Running) -> str:
    """A new, empty database on the embedded server; answers its owner's address."""
    if not running.superuser_url:
        raise InvalidRequest("外部数据库请用 --into 指定一个空数据库（以其所有者的地址）")
    name = f"banyan_restored_{clock.now():%Y%m%d%H%M%S}"
    sql = f"""
        CREATE DATABASE {name} OWNER {OWNER};
        REVOKE ALL ON DATABASE {name} FROM PUBLIC;
        GRANT CONNECT, TEMPORARY ON DATABASE {name} TO {APP};
        GRANT CONNECT ON DATABASE {name} TO {BACKUP};
    """
    done = subprocess.run(
        [bin_dir() / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", running.superuser_url], input=sql, capture_output=True, text=True
    )
    if done.returncode:
        raise RestoreFailed(reason=_braceless(done.stderr.strip()))
    return make_url(running.owner_database_url).set(database=name).render_as_string(hide_password=False)


async def restore(file: Path, owner_url: str) -> None:
    """Tables and rows, then the other cluster's transaction ids away, then keys, indexes and row-level security."""
    async with owner_connection(owner_url) as connection:
        if await connection.scalar(text("SELECT count(*) FROM pg_namespace WHERE nspname = 'core'")):
            raise DatabaseInUse()
    _pg_restore(file, owner_url, "pre-data")
    _pg_restore(file, owner_url, "data")
    async with owner_connection(owner_url) as connection:
        await connection.execute(text("UPDATE core.ledger_entry SET xid = 0"))
        await connection.execute(text("DELETE FROM core.ledger_snapshot"))
    _pg_restore(file, owner_url, "post-data")


async def prove(settings: Settings, running: Running, owner_url: str) -> checks.Report:
    """`banyan audit` on the restored database, as the application."""
    name = make_url(owner_url).database
    app_url = make_url(running.database_url).set(database=name) if running.superuser_url else make_url(running.database_url)
    there = msgspec.structs.replace(settings, database_url=app_url.render_as_string(hide_password=False), redis_url="")
    platform: Platform = await make_platform(there)
    try:
        return await checks.audit(platform)
    finally:
        await platform.close()


def _pg_restore(file: Path, owner_url: str, section: str) -> None:
    command = [
        bin_dir() / "pg_restore",
        "--no-owner",
        "--exit-on-error",
        "--single-transaction",
        f"--section={section}",
        f"--dbname={owner_url}",
        file,
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        reason = _braceless(done.stderr.strip())
        if re.search("not appear to be a valid (?:tar )?archive|could not open input file|input file is too short", reason):
            raise NotABackup(file=file.name, reason=reason.splitlines()[-1])
        raise RestoreFailed(reason=reason)


def _braceless(words: str) -> str:
    return words.replace("{", "(").replace("}", ")")
