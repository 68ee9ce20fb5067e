"""What a server that was killed together with its guard left on its folder: processes and a stale lock file."""

import contextlib
import signal
from pathlib import Path

import psutil

PATIENCE_SECONDS = 20


def clear_leftovers(cluster: Path) -> None:
    """End every PostgreSQL process that still works on this folder, then forget the process id it had written down.

    PostgreSQL itself would refuse to start when that id, long free, now belongs to anything else. Removing the file is
    safe only because no process works on the folder any more and the caller holds the folder's lock.
    """
    left = workers_on(cluster)
    for number in (signal.SIGINT, signal.SIGKILL):
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        _, left = psutil.wait_procs(left, timeout=PATIENCE_SECONDS)
    (cluster / "postmaster.pid").unlink(missing_ok=True)


def workers_on(cluster: Path) -> list[psutil.Process]:
    """The living processes whose working folder is this cluster: PostgreSQL's, and only PostgreSQL's, stand there."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            alive = process.status() != psutil.STATUS_ZOMBIE
            if alive and process.name() == "postgres" and process.cwd() == str(cluster):
                found.append(process)
    return found
