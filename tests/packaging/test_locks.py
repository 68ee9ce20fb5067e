"""The lock files pin everything by hash, name no host, and agree with each other; the wheel ships the product only."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("runtime.txt", "dev.txt", "node.txt")


def pins(name: str) -> dict[str, str]:
    """Each package of a lock with its pinned version."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^ \\;]+)", (ROOT / "locks" / name).read_text(), re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_pinned_by_hash_and_no_host_is_named(name):
    text = (ROOT / "locks" / name).read_text()
    entries = re.split(r"^(?=[a-z0-9-]+==)", text, flags=re.MULTILINE)
    named = [entry for entry in entries if "==" in entry.split("\n")[0]]
    assert len(named) == len(pins(name)) > 0
    assert [entry.split("\n")[0] for entry in named if "--hash=sha256:" not in entry] == []
    assert re.findall(r"https?://|index-url|find-links", text) == []


def test_the_development_lock_holds_exactly_the_runtime_versions():
    runtime, development = pins("runtime.txt"), pins("dev.txt")
    assert {name: development.get(name) for name in runtime} == runtime


def test_the_front_end_lock_has_hashes_and_no_addresses():
    packages = json.loads((ROOT / "core/web/package-lock.json").read_text())["packages"]
    fetched = {path: entry for path, entry in packages.items() if path}
    assert [path for path, entry in fetched.items() if "resolved" in entry or "integrity" not in entry] == []
    assert fetched


def test_the_wheel_ships_core_and_plugins_with_the_front_end_and_no_tests(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    [wheel] = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} <= {"core", "plugins", "banyan-0.1.0.dist-info"}
    assert "core/web/static/vendor/htmx.min.js" in names
    assert [name for name in names if "node_modules" in name or "/test" in name or name.endswith(".copied")] == []


def test_make_help_lists_every_command():
    makefile = (ROOT / "Makefile").read_text()
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True).stdout
    public = {"help", "setup", "run", "test", "test-all", "check", "bench", "lock", "clean-data"}
    assert public <= set(re.findall(r"make ([a-z-]+)", said))
    assert set(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split()) >= public


def clean(folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run(["make", "clean-data"], cwd=ROOT, env={**os.environ, "BANYAN_DATA_DIR": str(folder)}, capture_output=True, text=True)


def test_clean_data_removes_the_folder_that_the_setting_names_with_what_lies_elsewhere(tmp_path):
    mine, elsewhere = tmp_path / "my data", tmp_path / "elsewhere"
    (mine / "postgres").mkdir(parents=True)
    elsewhere.mkdir()
    (mine / "postgres" / "elsewhere").symlink_to(elsewhere)
    (mine / "master.key").write_text("x")
    done = clean(mine)
    assert (done.returncode, mine.exists(), elsewhere.exists()) == (0, False, False), done.stdout + done.stderr
    assert clean(mine).returncode == 0, "again there is nothing to do"


def test_clean_data_leaves_a_folder_that_is_not_ours(tmp_path):
    (tmp_path / "thesis.doc").write_text("x")
    done = clean(tmp_path)
    assert (done.returncode != 0, (tmp_path / "thesis.doc").exists()) == (True, True)
    assert "nothing was removed" in done.stdout
