"""`banyan bench [FIGURE…]`: measure on servers of its own, print a table, write bench.json; leaves nothing else behind."""

import argparse
import sys
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from core.app import load_plugins
from core.bench import capture, growth, publish
from core.bench.figures import Figure
from core.bench.ground import prepared
from core.errors import InvalidRequest
from core.hookspecs import Benchmark

OWN = (
    Benchmark("capture", "verified notifications over HTTP until committed ÷ the bare transaction", capture.capture),
    Benchmark("hot_account", "captures on one client ÷ spread over fifty", capture.hot_account),
    Benchmark("publish", "bills issued ÷ COPY of the same rows", publish.publish),
    Benchmark("growth", "bill page with 1,000 clients ÷ with 10", growth.growth),
)


class UnknownFigure(InvalidRequest):
    code = "UNKNOWN_FIGURE"
    message = "没有名为 {figure} 的指标，可选：{known}"


def configure(parser: argparse.ArgumentParser) -> None:
    """Which figures, and where they go."""
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help="all when none is named")
    parser.add_argument("--output", type=Path, default=Path("bench.json"))
    parser.add_argument("--json", action="store_true", help="print the list instead of a table")


async def run(args: argparse.Namespace) -> int:
    """Measure one figure after the other, each on a fresh database; exit code 1 when one misses its reach."""
    offered = {each.figure: each for each in (*OWN, *(found for _, found in load_plugins().collect_all("register_benchmarks")))}
    for figure in args.figures:
        if figure not in offered:
            raise UnknownFigure(figure=figure, known="、".join(offered))
    found: list[Figure] = []
    terminal = Console(stderr=True)
    for each in (offered[name] for name in args.figures or offered):
        with terminal.status(f"{each.figure}: {each.summary}"):
            found += await _measure(each)
    args.output.write_bytes(msgspec.json.format(msgspec.json.encode(found)) + b"\n")
    if args.json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
    else:
        _show(found)
    return 0 if all(figure.holds is not False for figure in found) else 1


async def _measure(benchmark: Benchmark) -> list[Figure]:
    async with prepared() as ground:
        return list(await benchmark.measure(ground))


def _show(figures: list[Figure]) -> None:
    table = Table("figure", "value", "unit", "reach", "", "note")
    for each in figures:
        holds = {True: "[green]holds[/]", False: "[red]misses[/]", None: ""}[each.holds]
        table.add_row(each.figure, f"{each.value:g}", each.unit, each.reach, holds, each.note)
    Console().print(table)
