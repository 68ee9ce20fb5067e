"""Start a process that cannot outlive us, wait until it serves, stop it, and show what it said when it failed."""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from core.supervisor import guard
from core.supervisor.errors import DataInUse, ServerDidNotStart

BARE_PYTHON = (sys.executable, "-I", "-S")
LOG_LINES = 25
LOOK_SECONDS = 0.05


class GuardedProcess:
    """One command under a guard of its own. `output` is an open file, or `subprocess.PIPE` to read it line by line."""

    def __init__(
        self,
        command: list[str],
        *,
        output: object,
        env: Mapping[str, str] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        grace_seconds: float = 15,
        keep_open: tuple[int, ...] = (),
    ) -> None:
        self.grace_seconds = grace_seconds
        self._guard = subprocess.Popen(
            [*BARE_PYTHON, guard.__file__, str(int(stop_signal)), str(grace_seconds), *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else {**os.environ, **env},
            start_new_session=True,  # Ctrl-C in the terminal reaches us, not the servers behind us
            pass_fds=keep_open,
        )

    @property
    def output(self):
        """What the command writes, as a binary stream; only when made with `output=subprocess.PIPE`."""
        return self._guard.stdout

    @property
    def pid(self) -> int:
        """The guard's process id; the command is its only child."""
        return self._guard.pid

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._guard.poll()

    def ask_stop(self) -> None:
        """Tell the guard to stop the command, without waiting."""
        with contextlib.suppress(BrokenPipeError):
            self._guard.stdin.close()

    def hurry(self) -> None:
        """End the command without grace."""
        self._guard.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """End the command's whole process group and the guard at once: for one that did not end when it was told."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        with contextlib.suppress(OSError):
            for group in children.read_text().split():
                guard.end_group(int(group))
        self._guard.kill()

    def stop(self) -> int:
        """Stop the command and wait until nothing of it is left; returns its exit code."""
        self.ask_stop()
        try:
            return self._guard.wait(self.grace_seconds + 5)
        except subprocess.TimeoutExpired:
            self._guard.kill()
            return self._guard.wait()
        finally:
            if self._guard.stdout:
                self._guard.stdout.close()


def wait_until_ready(server: str, process: GuardedProcess, ready: Callable[[], bool], log: Path, seconds: float) -> None:
    """Wait until `ready()`; an end of the process or of the patience stops it and raises with the log's last lines."""
    deadline = time.monotonic() + seconds
    while not ready():
        code = process.exit_code()
        if code is not None or time.monotonic() > deadline:
            process.stop()
            reason = f"已退出，代码 {code}" if code is not None else f"{seconds:g} 秒内没有就绪"
            raise ServerDidNotStart(server=server, reason=reason, log=tail(log))
        time.sleep(LOOK_SECONDS)


@contextlib.contextmanager
def folder_lock(folder: Path, seconds: float) -> Iterator[int]:
    """Hold `folder` for one server; whoever keeps the yielded file open (the guard does) goes on holding it.

    A holder killed a moment ago still has its guard stopping the server, hence the patience.
    """
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise DataInUse(folder=folder) from None
                time.sleep(LOOK_SECONDS)
        yield handle
    finally:
        os.close(handle)


def fresh_log(path: Path):
    """Open a new log and keep the one before it as `.1`."""
    if path.exists():
        path.replace(path.with_name(path.name + ".1"))
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def tail(path: Path, lines: int = LOG_LINES) -> str:
    """The last lines of a log, as far as it is there."""
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    return "\n".join(text.splitlines()[-lines:])


def free_port() -> int:
    """A loopback port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(port: int) -> bool:
    """Whether something accepts connections on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
