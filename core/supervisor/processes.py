"""The processes of `banyan run`: their lines carry their names, one that dies comes back, Ctrl-C ends them all.

Supervisor().run([Child("web", [...]), Child("worker", [...]), Child("sandbox", [...])], started=print_addresses)
"""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from core.supervisor.guarded import GuardedProcess

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 30.0  # having run this long, a process starts again without a growing pause
LATE_SECONDS = 10.0  # beyond its grace; then a child is killed with all that it started
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
COLOURS = (36, 33, 35, 32, 34)


@dataclass(frozen=True)
class Child:
    """A command with a name; `env` is added to ours. A child with `restart=False` may end by itself."""

    name: str
    command: list[str]
    env: Mapping[str, str] = field(default_factory=dict)
    restart: bool = True
    grace_seconds: float = 15


class Supervisor:
    """Keeps children running until told to stop; `write` receives every finished line (default: standard output)."""

    def __init__(self, write: Callable[[str], None] | None = None) -> None:
        self._write_line = write or _to_terminal
        self._coloured = write is None and sys.stdout.isatty()
        self._writing = threading.Lock()
        self._stopping = threading.Event()
        self._kept: dict[str, _Kept] = {}

    def start(self, children: Iterable[Child]) -> None:
        """Start each child and return at once; more may join later."""
        joining = []
        for child in children:
            if child.name in self._kept:
                raise ValueError(f"two children are called {child.name}")
            self._kept[child.name] = _Kept(child, self._printer(child, len(self._kept)), self._stopping)
            joining.append(self._kept[child.name])
        for kept in joining:
            kept.start()

    def restart(self, name: str) -> None:
        """Stop one child and start it again without a pause."""
        self._kept[name].end_current()

    def pid_of(self, name: str) -> int | None:
        """The process id of the child's guard; None between two lives."""
        return self._kept[name].guard_pid()

    def stop(self) -> None:
        """Stop every child together and wait until nothing of them is left."""
        self._stopping.set()
        for kept in self._kept.values():
            kept.end_current()
        for kept in self._kept.values():
            kept.join()

    def run(self, children: Iterable[Child], started: Callable[[], None] | None = None) -> int:
        """Start the children, call `started`, stay until Ctrl-C, SIGTERM or SIGHUP; a second one waits for nobody."""
        asked = threading.Event()

        def on_signal(*_: object) -> None:
            if asked.is_set():
                for kept in self._kept.values():
                    kept.hurry()
            asked.set()

        before = {number: signal.signal(number, on_signal) for number in STOP_SIGNALS}
        try:
            self.start(children)
            if started is not None:
                started()
            asked.wait()
            return 0
        finally:
            self.stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _printer(self, child: Child, position: int) -> Callable[[str], None]:
        label = f"{child.name:<8}│"
        if self._coloured:
            label = f"\x1b[{COLOURS[position % len(COLOURS)]}m{label}\x1b[0m"

        def write(line: str) -> None:
            with self._writing:
                self._write_line(f"{label} {line}")

        return write


class _Kept:
    """One child over all its lives, in a thread of its own."""

    def __init__(self, child: Child, write: Callable[[str], None], stopping: threading.Event) -> None:
        self._child = child
        self._write = write
        self._stopping = stopping
        self._changing = threading.Lock()
        self._process: GuardedProcess | None = None
        self._wanted_end = False
        self._thread = threading.Thread(target=self._live, name=f"keep-{child.name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        if self._thread.ident is None:
            return
        self._thread.join(self._child.grace_seconds + LATE_SECONDS)
        if self._thread.is_alive():
            self._write("did not end when it was told, and is killed")
            process = self._process
            if process:
                process.kill()
            self._thread.join(LATE_SECONDS)

    def guard_pid(self) -> int | None:
        with self._changing:
            return self._process.pid if self._process else None

    def end_current(self) -> None:
        """End this life; another follows unless everything stops."""
        with self._changing:
            self._wanted_end = True
            if self._process:
                self._process.ask_stop()

    def hurry(self) -> None:
        process = self._process
        if process:
            process.hurry()

    def _live(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while self._begin():
            born = time.monotonic()
            for line in self._process.output:
                self._write(line.decode("utf-8", "replace").rstrip())
            code = self._process.stop()
            with self._changing:
                self._process, wanted, self._wanted_end = None, self._wanted_end, False
            if wanted:
                continue
            if not self._child.restart:
                return self._write(f"ended with code {code}")
            pause = FIRST_PAUSE_SECONDS if time.monotonic() - born > STEADY_SECONDS else pause
            self._write(f"ended with code {code}; starts again in {pause:g} s")
            self._stopping.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        return None

    def _begin(self) -> bool:
        with self._changing:
            if self._stopping.is_set():
                return False
            self._process = GuardedProcess(
                self._child.command,
                output=subprocess.PIPE,
                env={"PYTHONUNBUFFERED": "1", **self._child.env},
                grace_seconds=self._child.grace_seconds,
            )
            return True


def _to_terminal(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
