"""What a PostgreSQL server needs on disk before it starts: the initialised cluster, and a folder for its socket."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from core.supervisor import roles
from core.supervisor.errors import ServerDidNotStart
from core.supervisor.home import Home

SOCKET_PATH_MAX_BYTES = 100  # the kernel allows 107
# PostgreSQL's own C.UTF-8 sorts and folds case the same on every machine, whatever locales its system has
INITDB_OPTIONS = (
    f"--username={roles.SUPERUSER}",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--no-locale",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
)
PLAIN_LOCALE = {"LC_ALL": "C"}  # a language set in the terminal but not installed would stop it


def initialise(home: Home, cluster: Path, password: str) -> None:
    """Make the cluster beside its place and move it there whole: a kill in between leaves nothing half made."""
    unfinished = cluster.with_suffix(".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    with tempfile.NamedTemporaryFile("w", dir=home.folder, prefix="password-") as file:
        file.write(password)
        file.flush()
        _give_to_server(home, Path(file.name))
        command = home.command("initdb", "-D", unfinished, f"--pwfile={file.name}", *INITDB_OPTIONS)
        made = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=os.environ | PLAIN_LOCALE)
    if made.returncode != 0:
        raise ServerDidNotStart(server="PostgreSQL", reason="initdb", log=made.stderr.strip())
    unfinished.rename(cluster)


def socket_folder(home: Home) -> Path | None:
    """An empty folder for the Unix socket where its path is short enough for the kernel, else None (TCP only)."""
    folder = home.folder / "socket"
    if len(os.fsencode(folder)) + len("/.s.PGSQL.65535") > SOCKET_PATH_MAX_BYTES:
        return None
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    _give_to_server(home, folder)
    return folder


def _give_to_server(home: Home, path: Path) -> None:
    """Let the server's account own what we made for it."""
    if home.account == "nobody":
        owner = home.folder.stat()
        os.chown(path, owner.st_uid, owner.st_gid)
