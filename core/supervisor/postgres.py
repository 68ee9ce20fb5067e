"""The embedded PostgreSQL: initialised once, started under a guard, ready with its roles, stopped without a trace.

with EmbeddedPostgres(Path(".banyan/postgres")) as server:
    Database(server.app_url)
"""

import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from core.supervisor import roles
from core.supervisor.cluster import PLAIN_LOCALE, initialise, socket_folder
from core.supervisor.errors import ServerDidNotStart
from core.supervisor.guarded import GuardedProcess, folder_lock, free_port, fresh_log, listens, tail, wait_until_ready
from core.supervisor.home import Home, find_home
from core.supervisor.leftovers import clear_leftovers
from core.supervisor.programs import bin_dir

SETTINGS = {
    "shared_buffers": "256MB",
    "autovacuum_naptime": "5s",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_connections": "100",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "max_parallel_workers_per_gather": "1",
    "jit": "off",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # a failed statement may carry names, ids and phones: the log keeps neither the statement nor the row
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
# commits stay synchronous: they must survive a kill -9 of the server also in tests, only not a power cut
FAST_SETTINGS = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "128MB"}


class EmbeddedPostgres:
    """One PostgreSQL server on one folder. `fast` gives up safety against power loss, for tests only."""

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int | None = None,
        fast: bool = False,
        settings: Mapping[str, str] | None = None,
        start_seconds: float = 60,
        account: str | None = None,
    ) -> None:
        self.data_dir = Path(data_dir).resolve()
        self.port = port or 0
        self.log = self.data_dir / "postgres.log"
        self.socket_dir: Path | None = None
        self._fixed_port = port
        self._settings = {**SETTINGS, **(FAST_SETTINGS if fast else {}), **(settings or {})}
        self._start_seconds = start_seconds
        self._account = account
        self._home: Home | None = None
        self._process: GuardedProcess | None = None

    def __enter__(self) -> "EmbeddedPostgres":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def superuser_url(self) -> str:
        return self.url(roles.SUPERUSER, "postgres")

    @property
    def owner_url(self) -> str:
        return self.url(roles.OWNER)

    @property
    def app_url(self) -> str:
        return self.url(roles.APP)

    @property
    def backup_url(self) -> str:
        return self.url(roles.BACKUP)

    def url(self, role: str, database: str = roles.DATABASE) -> str:
        """A libpq address: through the server's socket file, which costs half of what TCP does, else (a path too long) through 127.0.0.1."""
        person = f"{role}:{self._passwords()[role]}"
        if self.socket_dir is None:
            return f"postgresql://{person}@127.0.0.1:{self.port}/{database}"
        return f"postgresql://{person}@/{database}?host={quote(str(self.socket_dir))}&port={self.port}"

    def psql(self, script: str, database: str = "postgres") -> str:
        """Run SQL as the superuser and return its bare output; for creating databases, not for the application."""
        done = subprocess.run(
            [bin_dir() / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", self.url(roles.SUPERUSER, database)],
            input=script,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr.strip()}")
        return done.stdout.strip()

    def start(self) -> "EmbeddedPostgres":
        """Start and wait until the roles and the database are there; the first start of a folder initialises it.

        Nothing happens when it runs already.
        """
        if self._process is not None:
            return self
        self.data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)  # what is secret in it is closed by itself
        try:
            with folder_lock(self.data_dir, self._start_seconds) as lock:
                self._home = find_home(self.data_dir, self._account)
                clear_leftovers(self._cluster)
                if not self._cluster.exists():
                    initialise(self._home, self._cluster, self._passwords()[roles.SUPERUSER])
                self._launch(lock)
            self._prepare_once()
        except BaseException:
            self.stop()
            raise
        return self

    def died(self) -> bool:
        """Whether it was started and has ended without being told to."""
        return self._process is not None and self._process.exit_code() is not None

    def revive(self) -> None:
        """Start again on the same port after a death; what was committed is recovered."""
        if self._process is not None:
            self._process.stop()
            self._process = None
        self._fixed_port = self.port
        self.start()

    def stop(self) -> None:
        """Disconnect everybody, write everything, end. Safe to call twice."""
        if self._process is not None:
            self._process.stop()
            self._process = None
            clear_leftovers(self._cluster)

    @property
    def _cluster(self) -> Path:
        return self._home.folder / "cluster"

    def _passwords(self) -> dict[str, str]:
        return roles.passwords_of(self._home.folder / "passwords.json")

    def _launch(self, lock: int) -> None:
        """Start on the port we had, or else on a free one; should somebody take that in the same moment, on another."""
        self.socket_dir = socket_folder(self._home)
        if self._fixed_port and listens(self._fixed_port):
            raise ServerDidNotStart(server="PostgreSQL", reason=f"端口 {self._fixed_port} 已被占用", log="")
        for attempts_left in (2, 1, 0):
            try:
                self._launch_on(self.port or free_port(), lock)
                return
            except ServerDidNotStart:
                if self._fixed_port or attempts_left == 0 or "could not bind" not in tail(self.log):
                    raise
                self.port = 0

    def _launch_on(self, port: int, lock: int) -> None:
        self.port = port
        settings = {
            **self._settings,
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": str(self.socket_dir or ""),
        }
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with fresh_log(self.log) as log:
            self._process = GuardedProcess(
                self._home.command("postgres", "-D", self._cluster, *arguments),
                output=log,
                env=PLAIN_LOCALE,
                stop_signal=signal.SIGINT,  # "fast": disconnect, roll back, write everything, end
                grace_seconds=30,
                keep_open=(lock,),
            )
        wait_until_ready("PostgreSQL", self._process, self._answers, self.log, self._start_seconds)

    def _answers(self) -> bool:
        """Whether the server we started (not another one on the port) takes connections."""
        asked = [bin_dir() / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(asked, stdin=subprocess.DEVNULL).returncode == 0 and self._process.exit_code() is None

    def _prepare_once(self) -> None:
        done = self._home.folder / "prepared"
        if not done.exists():
            self.psql(roles.prepare_script(self._passwords()))
            done.touch()
