"""Embedded servers that come back when they die, as the children of `banyan run` do.

with kept_alive(postgres, redis):
    ...
"""

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Protocol

LOOK_SECONDS = 0.5
PAUSE_SECONDS = 2.0


class Revivable(Protocol):
    """A server on one address that can be started again there."""

    def died(self) -> bool:
        """Whether it was started and has ended without being told to."""

    def revive(self) -> None:
        """Start it again, same address and passwords."""


@contextlib.contextmanager
def kept_alive(*servers: Revivable, write: Callable[[str], None] | None = None) -> Iterator[None]:
    """Look after the servers for as long as the block lasts; one that cannot come back yet is tried again."""
    said = write or _to_terminal
    stopping = threading.Event()

    def look_after() -> None:
        away: set[Revivable] = set()
        while not stopping.wait(LOOK_SECONDS):
            for server in servers:
                if server not in away and not server.died():
                    continue
                name = type(server).__name__.removeprefix("Embedded").lower()
                said(f"{name:<8}│ ended; starts again")
                away.add(server)
                try:
                    server.revive()
                    away.discard(server)
                except Exception as error:  # a full disk, a taken port: the next look tries again
                    said(f"{name:<8}│ did not start: {error}")
                    stopping.wait(PAUSE_SECONDS)

    thread = threading.Thread(target=look_after, name="keep-servers", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def _to_terminal(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
