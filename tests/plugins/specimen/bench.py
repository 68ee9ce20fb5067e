"""`banyan bench club_members`: how fast a members' file is judged."""

import time
from collections.abc import Sequence
from typing import Any

from core.bench.figures import Benchmark, Figure
from core.imports import sheets
from tests.plugins.specimen import roster

ROWS = 500


async def judging(ground: Any) -> Sequence[Figure]:
    """Rows a second, on one core; the ground's servers are not needed."""
    header = ",".join(column.title for column in roster.COLUMNS)
    file = "\n".join([header, *(f"V{n:05d},会员,138{n:08d},1200.00,2026-03-01" for n in range(ROWS))])
    started = time.perf_counter()
    _, good, _ = roster.judge(sheets.read(file.encode(), "members.csv"))
    rate = len(good) / (time.perf_counter() - started)
    return [Figure(figure="club_members", value=round(rate), unit="rows/s", reach="", holds=None, note=f"{len(good)} rows")]


BENCHMARKS = (Benchmark("club_members", "rows of a members' file judged, per second", judging),)
