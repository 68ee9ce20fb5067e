"""`import_memory`: what the importing process holds at its peak for a file of a million lines, and for one a tenth as long."""

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from core.bench.figures import Figure, at_most
from core.bench.ground import Ground, Seat, seat
from core.bench.statement_files import DAY, make_wechat_file

FEW, MANY = 100_000, 1_000_000
KIBIBYTES = 1024
# A small process starts the import and waits for it: the kernel counts the memory of whoever starts a process as that process's own peak.
_MEASURED = """
import os, subprocess, sys
child = subprocess.Popen(sys.argv[2:])
_, status, usage = os.wait4(child.pid, 0)
with open(sys.argv[1], "w") as file:
    print([usage.ru_maxrss, usage.ru_utime + usage.ru_stime], file=file)
sys.exit(os.waitstatus_to_exitcode(status))
"""


async def import_memory(ground: Ground) -> list[Figure]:
    """Write both files, import each with `banyan statements import` in a process of its own, take the peaks as the kernel counted them."""
    made = await seat(ground)
    peaks, took = {}, {}
    with tempfile.TemporaryDirectory(prefix="banyan-bench-") as folder:
        for rows in (FEW, MANY):
            path = Path(folder) / f"wechatpay-trade-{rows}.csv"
            await asyncio.to_thread(make_wechat_file, path, rows, mchid=made.mchid, first=rows)
            peaks[rows], took[rows] = await asyncio.to_thread(_import, ground, made, path, rows)
    note = f"{peaks[FEW]:.0f} MiB for {FEW:,} lines ({took[FEW]:.1f} s), {peaks[MANY]:.0f} for {MANY:,} ({took[MANY]:.1f} s)"
    return [
        at_most("import_memory", peaks[MANY], 300, "MiB", note),
        at_most("import_memory_flat", peaks[MANY] / peaks[FEW], 1.1, "ratio", "a million lines ÷ a hundred thousand"),
    ]


def _import(ground: Ground, made: Seat, path: Path, rows: int) -> tuple[float, float]:
    """The peak of one import in MiB and the processor's seconds; the import must have loaded every row."""
    names = ("data_dir", "database_url", "owner_database_url", "master_keys")
    env = os.environ | {f"BANYAN_{name.upper()}": str(getattr(ground.settings, name)) for name in names}
    words = ["statements", "import", path, "--client", made.code, "--source", "wechatpay-trade", "--date", DAY, "--json"]
    usage = path.with_suffix(".usage")
    done = subprocess.run([sys.executable, "-c", _MEASURED, usage, sys.executable, "-m", "core.cli", *map(str, words)], stdout=subprocess.PIPE, env=env)
    verdict = msgspec.json.decode(done.stdout)
    assert done.returncode == 0 and verdict["rows_loaded"] == rows, verdict
    peak, seconds = msgspec.json.decode(usage.read_bytes())
    unit = 1 if sys.platform == "darwin" else KIBIBYTES
    return peak * unit / (KIBIBYTES * KIBIBYTES), seconds
