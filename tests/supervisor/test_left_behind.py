"""Killed with -9: nothing stays, and the next start finds everything it needs."""

import os
import signal
import subprocess
import sys

import asyncpg
import psutil
import pytest

from core.supervisor import EmbeddedPostgres
from core.supervisor.leftovers import workers_on

pytestmark = pytest.mark.long

PATIENCE_SECONDS = 30

HOLDER = r"""
import sys, time
from pathlib import Path
from core.supervisor import Child, EmbeddedPostgres, EmbeddedRedis, Supervisor
folder = Path(sys.argv[1])
postgres = EmbeddedPostgres(folder / "postgres", fast=True).start()
redis = EmbeddedRedis(folder / "redis").start()
sleeper = [sys.executable, "-c", "import os, time; os.fork(); os.write(1, b'asleep\\n'); time.sleep(600)"]
Supervisor().start([Child("sleeper", sleeper)])
while True:
    time.sleep(1)
"""


@pytest.fixture
def holder(tmp_path):
    """A process that holds both servers and a forking child; yields it once all of them run."""
    command = [sys.executable, "-c", HOLDER, tmp_path]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        lines = [process.stdout.readline(), process.stdout.readline()]
        assert all("asleep" in line for line in lines), lines
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.fixture
def server(tmp_path):
    server = EmbeddedPostgres(tmp_path / "data", fast=True).start()
    server.psql("CREATE TABLE kept (fen bigint); INSERT INTO kept VALUES (77)", "banyan")
    yield server
    server.stop()


def cluster_of(server: EmbeddedPostgres):
    [found] = server.data_dir.rglob("postmaster.pid")
    return found.parent


def kill_now(*processes: psutil.Process) -> None:
    for process in processes:
        process.send_signal(signal.SIGKILL)
    psutil.wait_procs(processes, timeout=PATIENCE_SECONDS)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["kill -9", "kill"])
def test_nothing_outlives_its_holder(holder, number):
    family = psutil.Process(holder.pid).children(recursive=True)
    names = {process.name() for process in family}
    assert {"postgres", "redis-server"} <= names
    holder.send_signal(number)
    holder.wait(PATIENCE_SECONDS)
    _, alive = psutil.wait_procs(family, timeout=PATIENCE_SECONDS)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


def test_the_folder_of_a_killed_holder_can_be_used_at_once(holder, tmp_path):
    holder.kill()
    with EmbeddedPostgres(tmp_path / "postgres", fast=True) as server:
        assert server.psql("SELECT 1") == "1"


def test_a_stale_process_id_that_now_belongs_to_another_does_not_prevent_a_start(server):
    cluster = cluster_of(server)
    postmasters = workers_on(cluster)
    kill_now(*(process for process in psutil.Process().children() if postmasters[0].ppid() == process.pid), *postmasters)
    pid_file = cluster / "postmaster.pid"
    pid_file.write_text(pid_file.read_text().replace(pid_file.read_text().split()[0], str(os.getpid()), 1))
    with EmbeddedPostgres(server.data_dir, fast=True) as again:
        assert again.psql("SELECT fen FROM kept", "banyan") == "77"


async def test_a_server_that_lost_its_guard_is_ended_before_the_next_one_starts(server):
    orphans = workers_on(cluster_of(server))
    connection = await asyncpg.connect(server.app_url)
    kill_now(*(process for process in psutil.Process().children() if orphans[0].ppid() == process.pid))
    assert all(process.is_running() for process in orphans)
    with EmbeddedPostgres(server.data_dir, fast=True) as again:
        assert again.psql("SELECT fen FROM kept", "banyan") == "77"
        assert not any(process.is_running() for process in orphans)
    connection.terminate()
