"""A tiny process between a holder and its server: when the holder is gone, even by kill -9, the server is stopped.

Started as ``python guard.py SIGNAL GRACE_SECONDS COMMAND…`` with a pipe from the holder as standard input. The end of
that pipe (or a new parent, or SIGTERM) means *stop*: SIGNAL to the command, after the grace SIGKILL to its whole
process group; SIGINT means *without grace*. It needs nothing but the standard library, so that it starts in a few
milliseconds and holds little memory.
"""

import os
import select
import signal
import subprocess
import sys
import time

LOOK_SECONDS = 0.5


def main(stop_signal: int, grace_seconds: float, command: list[str]) -> int:
    """Run `command` until it ends or the holder does; returns the command's exit code."""
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    stop_asked = False

    def on_signal(number: int, _: object) -> None:
        nonlocal stop_asked, grace_seconds
        stop_asked = True
        grace_seconds = 0 if number == signal.SIGINT else grace_seconds

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, on_signal)
    signal.signal(signal.SIGCHLD, lambda *_: None)  # only to wake the select below
    holder = os.getppid()
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)

    while server.poll() is None and not stop_asked:
        ready, _, _ = select.select([0, wake_read], [], [], LOOK_SECONDS)
        if wake_read in ready:
            os.read(wake_read, 512)
        if (0 in ready and not os.read(0, 512)) or os.getppid() != holder:
            stop_asked = True
    if server.poll() is None:
        server.send_signal(stop_signal)
        asked_at = time.monotonic()
        while server.poll() is None and time.monotonic() < asked_at + grace_seconds:
            time.sleep(0.02)
    end_group(server.pid)
    return server.wait()


def end_group(group: int) -> None:
    """Kill what is left of the server's process group, the server itself included."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # nothing left (a zombie of another user counts as nothing)
        return


if __name__ == "__main__":
    code = main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:])
    sys.exit(code if code >= 0 else 128 - code)
