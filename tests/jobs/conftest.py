"""A platform that knows long work, and worker processes that can be killed."""

import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.app import make_platform
from core.database.tables import new_tenant_id

HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location("long_work", HERE / "work.py")
work = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(work)


@pytest.fixture
async def working(addresses, bank, make_settings):
    """A platform on the shared database with the long work of `work.py`."""
    platform = await make_platform(make_settings(addresses), work.plugins())
    yield platform
    await platform.close()


class Workers:
    """Worker processes of one test; what is left of them ends with it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[subprocess.Popen] = []

    def start(self, settings) -> subprocess.Popen:
        names = ("data_dir", "database_url", "master_keys", "redis_url")
        env = os.environ | {f"BANYAN_{name.upper()}": str(getattr(settings, name)) for name in names}
        with (self._folder / f"worker-{len(self._started)}.log").open("wb") as log:
            process = subprocess.Popen([sys.executable, str(HERE / "work.py")], env=env, stdout=log, stderr=log)
        self._started.append(process)
        return process

    def said(self) -> str:
        return "\n".join(path.read_text() for path in sorted(self._folder.glob("worker-*.log")))

    def end(self) -> None:
        for process in self._started:
            if process.poll() is None:
                process.terminate()
                process.wait(20)


@pytest.fixture
def workers(tmp_path):
    found = Workers(tmp_path)
    yield found
    found.end()


@pytest.fixture
def tenant():
    """A fresh tenant; jobs need no more."""
    return new_tenant_id()


@pytest.fixture
def eventually():
    """`await eventually(ask, within=…)`: asks again and again until the answer is true."""
    import asyncio

    async def wait(ask, within: float = 30):
        deadline = time.monotonic() + within
        while True:
            answer = await ask()
            if answer or time.monotonic() > deadline:
                return answer
            await asyncio.sleep(0.05)

    return wait
