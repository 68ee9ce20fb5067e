"""Where the shared samples lie: beside the repository, in `../shared/samples`. A missing sample fails the test that wants it."""

import json
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples"


def education(name: str) -> bytes:
    """A file of the school samples."""
    return (SAMPLES / "education" / name).read_bytes()


def education_json(name: str) -> Any:
    """A JSON file of the school samples; amounts in it are whole fen."""
    return json.loads(education(name))


def statement(name: str) -> bytes:
    """A file of the statement samples."""
    return (SAMPLES / "statements" / name).read_bytes()
