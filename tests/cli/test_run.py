"""`banyan run`: everything up from nothing, found again the second time, and gone without a trace at Ctrl-C."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import msgspec
import psutil
import pytest

from core.commands.surroundings import find_running
from core.supervisor.guarded import free_port

pytestmark = pytest.mark.long

PATIENCE_SECONDS = 120
ROOT = Path(__file__).resolve().parents[2]


class Run:
    """One `banyan run` and what it says."""

    def __init__(self, env: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("wb") as out:
            command = [sys.executable, "-m", "core.cli", "run"]
            self.process = subprocess.Popen(command, env=env, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self.deadline = time.monotonic() + PATIENCE_SECONDS

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_until_up(self) -> str:
        while "code now" not in self.said() or "one-time codes change" not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < self.deadline, self.said()
            time.sleep(0.1)
        return self.said()

    def stop(self) -> list[psutil.Process]:
        """Ctrl-C; answers which of its processes are still there."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(60) == 0, self.said()
        _, left = psutil.wait_procs(family, timeout=20)
        return left


@pytest.fixture
def machine(tmp_path):
    """A machine that has never seen Banyan: its environment, and a way to start `banyan run` on it."""
    ports = {"BANYAN_PORT": str(free_port()), "BANYAN_SANDBOX_PORT": str(free_port())}
    bare = {name: value for name, value in os.environ.items() if not name.startswith("BANYAN_")}
    env = bare | ports | {"BANYAN_DATA_DIR": str(tmp_path / "data"), "HOME": str(tmp_path)}
    started: list[Run] = []

    def start() -> Run:
        started.append(Run(env, tmp_path / f"run-{len(started)}.log"))
        return started[-1]

    yield start, env
    for run in started:
        if run.process.poll() is None:
            run.process.terminate()
            run.process.wait(60)


def banyan(env, *words):
    done = subprocess.run([sys.executable, "-m", "core.cli", *words], env=env, cwd=ROOT, capture_output=True, timeout=120)
    return done.returncode, msgspec.json.decode(done.stdout)


def test_one_command_brings_everything_up_and_ctrl_c_takes_it_all_down(machine, tmp_path):
    start, env = machine
    first = start()
    said = first.wait_until_up()
    url = f"http://127.0.0.1:{env['BANYAN_PORT']}"
    assert f"{url}/login" in said
    assert re.search(r"branch\.zhou.*\d{6}", said)
    assert httpx.get(f"{url}/readyz").json() == {"status": "ready", "database": "ok", "redis": "ok", "tables": "ok"}
    assert httpx.get(f"{url}/login").status_code == 200
    assert httpx.get(f"{url}/h5/banyan-school", follow_redirects=True).status_code == 200
    assert httpx.get(f"http://127.0.0.1:{env['BANYAN_SANDBOX_PORT']}/health").status_code == 200

    code, clients = banyan(env, "tenants", "list", "--json")  # joins the running servers
    assert (code, len(clients)) == (0, 5)

    assert first.stop() == []
    assert find_running(tmp_path / "data") is None
    assert "pulse_step_failed" not in first.said()


@pytest.mark.slow
def test_what_runs_is_found_again_by_others_and_the_second_time(machine):
    start, env = machine
    first = start()
    first.wait_until_up()
    _, clients = banyan(env, "tenants", "list", "--json")
    refused, answer = banyan(env, "demo", "--logins", "--json")
    assert (refused, answer["running"]) == (0, True)
    twin = subprocess.run([sys.executable, "-m", "core.cli", "run"], env=env, cwd=ROOT, capture_output=True, timeout=60)
    assert twin.returncode == 2
    assert b"ALREADY_RUNNING" in twin.stderr
    assert first.stop() == []

    second = start()
    assert "nothing new" in second.wait_until_up()
    code, again = banyan(env, "tenants", "list", "--json")
    assert (code, again) == (0, clients)
    assert second.stop() == []

    code, report = banyan(env, "audit", "--json")  # nothing runs: embedded servers for its own duration
    assert (code, report["ok"]) == (0, True)
