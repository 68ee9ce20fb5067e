"""A hospital that hands in statement files, and the samples' answers."""

import datetime as dt
import json
from pathlib import Path

import pytest

from core.commands.imports import operator
from core.statements import receiving
from tests.samples import SAMPLES

STATEMENTS = SAMPLES / "statements"


def answers(name: str) -> dict:
    """One of the samples' expected.json files."""
    return json.loads((STATEMENTS / name).read_bytes())


@pytest.fixture
async def hospital(client):
    """A hospital with the medical plugin and no merchant numbers yet."""
    return await client(kind="hospital", plugins=("medical",))


@pytest.fixture
def hand_in(platform):
    """`await hand_in(client, "wechatpay-trade", "2026-03-01", path or bytes, …)` answers the verdict."""

    async def give(client, source: str, day: str, content: Path | bytes, name: str = "", **given):
        by = operator(platform, client.id)
        name = name or (content.name if isinstance(content, Path) else "file.csv")
        return await receiving.receive(
            platform, client.id, source=source, day=dt.date.fromisoformat(day), file_name=name, path_or_stream=content, by=by,
            origin="cli", **given,
        )  # fmt: skip

    return give
