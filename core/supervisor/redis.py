"""The embedded Redis: it only wakes workers, so it keeps nothing and may vanish at any moment."""

import os
import secrets
import socket
from pathlib import Path

from core.supervisor.errors import ServerDidNotStart
from core.supervisor.guarded import GuardedProcess, folder_lock, free_port, fresh_log, listens, wait_until_ready
from core.supervisor.programs import redis_server

CONFIGURATION = """
bind 127.0.0.1
port {port}
requirepass {password}
dir "{folder}"
daemonize no
save ""
appendonly no
maxmemory 256mb
maxmemory-policy noeviction
"""


class EmbeddedRedis:
    """One Redis server on loopback behind a password; jobs are pickled, so whoever may write here may run code."""

    def __init__(self, data_dir: Path, *, port: int | None = None, start_seconds: float = 20) -> None:
        self.data_dir = Path(data_dir).resolve()
        self.port = port or 0
        self.log = self.data_dir / "redis.log"
        self._fixed_port = port
        self._start_seconds = start_seconds
        self._process: GuardedProcess | None = None
        self._password = ""

    def __enter__(self) -> "EmbeddedRedis":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """`redis://:password@127.0.0.1:port/0`"""
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    def start(self) -> "EmbeddedRedis":
        """Start and wait until it answers; nothing happens when it runs. Address and password outlast a restart."""
        if self._process is not None:
            return self
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._fixed_port and listens(self._fixed_port):
            raise ServerDidNotStart(server="Redis", reason=f"端口 {self._fixed_port} 已被占用", log="")
        self.port = self.port or free_port()
        self._password = self._password or secrets.token_urlsafe(24)
        configuration = self.data_dir / "redis.conf"
        with open(os.open(configuration, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(CONFIGURATION.format(port=self.port, password=self._password, folder=self.data_dir))
        with folder_lock(self.data_dir, self._start_seconds) as lock, fresh_log(self.log) as log:
            command = [str(redis_server()), str(configuration)]
            self._process = GuardedProcess(command, output=log, grace_seconds=5, keep_open=(lock,))
        try:
            wait_until_ready("Redis", self._process, self._answers, self.log, self._start_seconds)
        except BaseException:
            self.stop()
            raise
        return self

    def died(self) -> bool:
        """Whether it was started and has ended without being told to."""
        return self._process is not None and self._process.exit_code() is not None

    def revive(self) -> None:
        """Start again on the same port, empty."""
        self.stop()
        self.start()

    def stop(self) -> None:
        """End it. Safe to call twice; `start()` brings it back on the same port."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                line.sendall(f"AUTH {self._password}\r\n".encode())
                return line.recv(64).startswith(b"+OK")
        except OSError:
            return False
