"""`banyan backup FILE`: the whole database in PostgreSQL's own archive format, read by the backup role."""

import argparse
import hashlib
import os
import subprocess
from pathlib import Path

from core import clock
from core.commands.surroundings import servers
from core.commands.terminal import add_json, note, say, say_json
from core.errors import Unavailable
from core.settings import Settings
from core.supervisor.programs import bin_dir

LEFT_OUT = ("sandbox",)
"""Schemas that are no part of the bank: the simulated outside world."""


class BackupFailed(Unavailable):
    code = "BACKUP_FAILED"
    message = "备份没有完成：{reason}"


def configure(parser: argparse.ArgumentParser) -> None:
    """Where to."""
    add_json(parser)
    parser.add_argument("file", nargs="?", type=Path, help="default: <data dir>/backups/<date and time>.dump")


def run(args: argparse.Namespace) -> int:
    """Write it, answer its size and hash. The master key is not in it: keep that elsewhere."""
    settings = Settings.load()
    file = args.file or settings.data_dir / "backups" / f"{clock.now().astimezone(clock.SHANGHAI):%Y%m%d-%H%M%S}.dump"
    with servers(settings) as running:
        dump(running.backup_database_url, file)
    with file.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
    answer = {"file": str(file), "bytes": file.stat().st_size, "sha256": digest}
    if args.json:
        say_json(answer)
    else:
        say(f"{answer['file']}  {answer['bytes']:,} bytes  sha256 {digest}")
        note("personal data in it is sealed: a restore needs the same master key (BANYAN_MASTER_KEYS, or master.key of the data folder)")
    return 0


def dump(backup_url: str, file: Path) -> None:
    """pg_dump as the backup role, into a file that only we may read; an unfinished one never stands under the final name."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = file.with_name(file.name + ".new")
    os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    left_out = [f"--exclude-schema={schema}" for schema in LEFT_OUT]
    command = [bin_dir() / "pg_dump", "--format=custom", "--no-owner", "--lock-wait-timeout=60s", *left_out, f"--file={unfinished}"]
    done = subprocess.run([*command, f"--dbname={backup_url}"], capture_output=True, text=True)
    if done.returncode:
        unfinished.unlink(missing_ok=True)
        raise BackupFailed(reason=_braceless(done.stderr.strip()))
    unfinished.replace(file)


def _braceless(text: str) -> str:
    return text.replace("{", "(").replace("}", ")")
