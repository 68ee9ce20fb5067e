"""A run after a fresh clone or a large change: the workers share the reading of the source, which each of them would do alone, all at once.

Two things are kept on the disk for the others and for later runs: the test files with their assertions rewritten (pytest's `__pycache__`), and the
words and numbers of the product's source that hypothesis likes to try (its `.hypothesis/constants`). Without this a run is slower, nothing else.
"""

import contextlib
import sys
import types
import warnings
from pathlib import Path

import pytest
from _pytest.assertion import rewrite
from hypothesis.internal.constants_ast import constants_from_module

ROOT = Path(__file__).parents[1]


def read_a_share(config: pytest.Config) -> None:
    """What this worker's number falls on; a file that cannot be read is left for the collection, which says why."""
    worker = getattr(config, "workerinput", None)
    if worker is None or sys.dont_write_bytecode:
        return
    number, of = int(worker["workerid"].removeprefix("gw")), worker["workercount"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for path in sorted((ROOT / "tests").rglob("test_*.py"))[number::of]:
            with contextlib.suppress(SyntaxError, ValueError, Warning):
                _rewrite(path, config)
    for path in sorted(path for package in ("core", "plugins") for path in (ROOT / package).rglob("*.py"))[number::of]:
        module = types.ModuleType(path.stem)
        module.__file__ = str(path)
        constants_from_module(module)


def _rewrite(path: Path, config: pytest.Config) -> None:
    folder = rewrite.get_cache_dir(path)
    kept = folder / (path.stem + rewrite.PYC_TAIL)
    if kept.exists() and kept.stat().st_mtime > path.stat().st_mtime:
        return
    digest, code = rewrite._rewrite_test(path, config)
    if rewrite.try_makedirs(folder):
        rewrite._write_pyc(config.stash[rewrite.assertstate_key], code, digest, kept)
