"""`publish`: 8,000 bills of four lines issued, against a bare COPY of the very same rows into tables of the same shape."""

import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from core.bench.figures import Figure, at_least
from core.bench.ground import Ground, Seat, add_people, drafts, seat
from core.billing.issuing import issue
from core.supervisor.programs import bin_dir

BILLS = 8_000
ROUNDS = 3
TABLES = ("bill", "bill_line")


async def publish(ground: Ground) -> list[Figure]:
    """The speed of issuing ÷ the speed of COPY, the median of three rounds."""
    made = await seat(ground)
    people = await add_people(ground, made, BILLS)
    await _issue(ground, made, people[:100], "bench:warm")
    ours, bare = [], []
    for number in range(ROUNDS):
        ours.append(await _issue(ground, made, people, f"bench:{number}"))
        bare.append(_copy(ground, f"bench:{number}"))
    ratio = statistics.median(b / a for a, b in zip(ours, bare, strict=True))
    note = f"{statistics.median(ours):.2f} s for {BILLS} bills × 4 lines, committed; COPY of the same rows {statistics.median(bare):.2f} s"
    return [at_least("publish", ratio, 0.25, "ratio", note)]


async def _issue(ground: Ground, made: Seat, people: list, source: str) -> float:
    wanted = drafts(made, people, source)
    began = time.perf_counter()
    async with ground.platform.database.tenant(made.id) as session:
        issued = await issue(session, wanted)
    assert issued.count == len(people)
    return time.perf_counter() - began


def _copy(ground: Ground, source: str) -> float:
    """COPY the rows of one issuing, from a file, into tables with the same columns, keys, indexes and checks, in one transaction."""
    which = {"bill": f"source = '{source}'", "bill_line": f"bill_id IN (SELECT id FROM core.bill WHERE source = '{source}')"}
    with tempfile.TemporaryDirectory() as folder:
        for table in TABLES:
            ground.postgres.psql(f"DROP TABLE IF EXISTS public.bare_{table}", "banyan")
            ground.postgres.psql(f"CREATE TABLE public.bare_{table} (LIKE core.{table} INCLUDING ALL)", "banyan")
            target = Path(folder) / table
            _psql(ground, f"\\copy (SELECT * FROM core.{table} WHERE {which[table]}) TO '{target}'")
        script = "BEGIN;\n" + "".join(f"\\copy public.bare_{table} FROM '{Path(folder) / table}'\n" for table in TABLES) + "COMMIT;\n"
        began = time.perf_counter()
        _psql(ground, script)
        return time.perf_counter() - began


def _psql(ground: Ground, script: str) -> None:
    url = ground.postgres.url("postgres", "banyan")
    done = subprocess.run([str(bin_dir() / "psql"), "-q", "-v", "ON_ERROR_STOP=1", url], input=script, text=True, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
