"""The `banyan` command: in this process for most tests, in one of its own where that is what is tested."""

import asyncio
import contextlib
import io
import logging
import os
import subprocess
import sys

import msgspec
import pytest
import structlog

from core import cli


class Answer(msgspec.Struct, frozen=True):
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return msgspec.json.decode(self.out.encode())


NAMES = ("data_dir", "database_url", "owner_database_url", "backup_database_url", "redis_url", "master_keys", "public_url")


def environment(settings) -> dict[str, str]:
    """The settings as a person would export them."""
    return {f"BANYAN_{name.upper()}": str(getattr(settings, name)) for name in NAMES if str(getattr(settings, name))}


@pytest.fixture
def quiet_logs():
    """Commands set up logging for their process; this one is shared."""
    before, handlers, level = structlog.get_config(), logging.root.handlers[:], logging.root.level
    yield
    structlog.configure(**before)
    logging.root.handlers[:], logging.root.level = handlers, level


@pytest.fixture
def banyan(platform, monkeypatch, quiet_logs):
    """`await banyan("audit", "--json")` runs on the shared database; `settings` names another."""

    def execute(words) -> Answer:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = cli.main([str(word) for word in words])
            except SystemExit as leaving:
                code = int(leaving.code or 0)
        return Answer(code, out.getvalue(), err.getvalue())

    async def run(*words: object, settings=None, env=None) -> Answer:
        for name in list(os.environ):
            if name.startswith("BANYAN_"):
                monkeypatch.delenv(name)
        for name, value in (environment(settings or platform.settings) | (env or {})).items():
            monkeypatch.setenv(name, value)
        return await asyncio.to_thread(execute, words)

    return run


@pytest.fixture
def banyan_process(platform):
    """The same in a process of its own."""

    def run(*words: object, settings=None, **env: str) -> Answer:
        given = {name: value for name, value in os.environ.items() if not name.startswith("BANYAN_")}
        done = subprocess.run(
            [sys.executable, "-m", "core.cli", *map(str, words)],
            env=given | environment(settings or platform.settings) | env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    return run
