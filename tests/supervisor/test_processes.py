"""The processes of `banyan run`: their lines, their returns, their end."""

import queue
import signal
import subprocess
import sys

import psutil
import pytest

from core.supervisor import Child, Supervisor, processes

pytestmark = pytest.mark.long

PATIENCE_SECONDS = 20
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
RUNNER = """
import sys
from core.supervisor import Child, Supervisor
command, grace = [sys.executable, "-c", sys.argv[1]], float(sys.argv[2])
children = [Child(f"c{number}", command, grace_seconds=grace) for number in range(2)]
sys.exit(Supervisor().run(children, started=lambda: sys.stdout.write("started\\n")))
"""


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@pytest.fixture
def watched():
    """A supervisor and the queue of its lines."""
    lines = queue.Queue()
    supervisor = Supervisor(write=lines.put)
    yield supervisor, lines
    supervisor.stop()


def next_line(lines: queue.Queue) -> str:
    return lines.get(timeout=PATIENCE_SECONDS)


def run_in_terminal(code: str, grace_seconds: float) -> tuple[subprocess.Popen, list[psutil.Process]]:
    """A real `Supervisor().run` in its own process, up to the moment both children have spoken."""
    command = [*python(RUNNER), code, str(grace_seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = sorted(process.stdout.readline().strip() for _ in range(3))
    family = psutil.Process(process.pid).children(recursive=True)
    assert said == ["c0      │ up", "c1      │ up", "started"]
    return process, family


def test_every_line_carries_its_childs_name(watched):
    supervisor, lines = watched
    supervisor.start([Child("web", python("print('你好'); print('second', flush=True); import time; time.sleep(600)"))])
    assert [next_line(lines), next_line(lines)] == ["web     │ 你好", "web     │ second"]


def test_a_child_that_dies_comes_back(watched):
    supervisor, lines = watched
    supervisor.start([Child("worker", python("print('born'); raise SystemExit(3)"))])
    said = [next_line(lines) for _ in range(3)]
    assert said == ["worker  │ born", "worker  │ ended with code 3; starts again in 1 s", "worker  │ born"]


def test_a_child_that_may_end_is_left_alone(watched):
    supervisor, lines = watched
    supervisor.start([Child("once", python("print('done')"), restart=False)])
    assert [next_line(lines), next_line(lines)] == ["once    │ done", "once    │ ended with code 0"]


def test_a_restart_on_request_gives_a_new_process_without_a_pause(watched):
    supervisor, lines = watched
    supervisor.start([Child("web", python("import os, time; print(os.getpid(), flush=True); time.sleep(600)"))])
    first = next_line(lines)
    supervisor.restart("web")
    second = next_line(lines)
    assert first != second
    assert "ended" not in second


def test_a_child_sees_the_environment_it_was_given(watched):
    supervisor, lines = watched
    told = python("import os; print(os.environ['BANYAN_PORT'])")
    supervisor.start([Child("web", told, env={"BANYAN_PORT": "8123"}, restart=False)])
    assert next_line(lines) == "web     │ 8123"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_ends_all_children_and_is_a_success(number):
    process, family = run_in_terminal("import time; print('up', flush=True); time.sleep(600)", grace_seconds=15)
    with process:
        process.send_signal(number)
        assert process.wait(PATIENCE_SECONDS) == 0
        assert [child for child in family if child.is_running()] == []


def test_a_child_deaf_to_polite_signals_is_killed_after_its_grace():
    process, family = run_in_terminal(DEAF, grace_seconds=0.2)
    with process:
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_SECONDS) == 0
        assert [child for child in family if child.is_running()] == []


def test_a_second_ctrl_c_does_not_wait_for_the_deaf():
    process, family = run_in_terminal(DEAF, grace_seconds=600)
    with process:
        process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.3)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_SECONDS) == 0
        assert [child for child in family if child.is_running()] == []


def test_something_that_slipped_away_with_the_output_does_not_keep_us_from_ending(watched, monkeypatch):
    monkeypatch.setattr(processes, "LATE_SECONDS", 0.3)
    slip_away = (
        "import subprocess, sys, time\n"
        "left = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)\n"
        "print(left.pid, flush=True)\n"
        "time.sleep(600)"
    )
    supervisor, lines = watched
    supervisor.start([Child("web", python(slip_away), grace_seconds=0.2)])
    left = psutil.Process(int(next_line(lines).split()[-1]))
    try:
        supervisor.stop()
        assert "did not end when it was told" in next_line(lines)
    finally:
        left.kill()
