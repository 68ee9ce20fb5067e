"""`banyan bench [FIGURE…]`: measure on servers of its own, print a table, write bench.json; leaves nothing else behind."""

import argparse
import sys
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from core.app import load_plugins
from core.bench import batch_refund, capture, growth, ordering, pages, publish, reconciling, refunding, statements, tracing, verifying
from core.bench.chaos import drill
from core.bench.figures import Benchmark, Figure
from core.bench.ground import prepared
from core.errors import InvalidRequest

OWN = (
    Benchmark("capture", "verified notifications over HTTP until committed ÷ the bare transaction", capture.capture),
    Benchmark("hot_account", "captures on one client ÷ spread over fifty", capture.hot_account),
    Benchmark("refund", "refunds from held to arrived ÷ captures over HTTP", refunding.refund),
    Benchmark("publish", "bills issued ÷ COPY of the same rows", publish.publish),
    Benchmark("order_p99", "a payment order with a channel that takes 200 ms, fifty in flight", ordering.order_p99),
    *(Benchmark(figure, "verify and open one notification", measure) for figure, measure in verifying.MEASURES.items()),
    Benchmark("reconcile_million", "a million payments × a million lines of a file ÷ COPY of both and one full outer join", reconciling.reconcile_million),
    Benchmark("six_sources", "six statements of 50,000 lines, from file to classified", reconciling.six_sources),
    Benchmark("import_memory", "memory of a process that imports 100,000 and 1,000,000 lines", statements.import_memory),
    Benchmark("batch_refund", "200 longs refunded in one batch, worker killed twice on the way", batch_refund.batch_refund),
    Benchmark("penny_trace", "the penny trace page, 95th percentile, with 500,000 payments", tracing.penny_trace),
    Benchmark("list_pages", "the slowest list of the console, 95th percentile of server time, with 100,000 bills", pages.list_pages),
    Benchmark("h5_pages", "the slowest phone page, 95th percentile of server time, with 100,000 bills", pages.h5_pages),
    Benchmark("growth", "bill page with 1,000 clients ÷ with 10", growth.growth),
)


class UnknownFigure(InvalidRequest):
    code = "UNKNOWN_FIGURE"
    message = "没有名为 {figure} 的指标，可选：{known}"


def configure(parser: argparse.ArgumentParser) -> None:
    """Which figures, and where they go."""
    named = [f"  {name:<16} {each.summary}" for name, each in offered().items()]
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "\n".join(["figures:", *named])
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help="all when none is named")
    parser.add_argument("--output", type=Path, default=Path("bench.json"))
    parser.add_argument("--chaos", action="store_true", help="run the long chaos drill instead of the figures")
    parser.add_argument("--payments", type=int, default=10_000, help="payments of the drill (10000)")
    parser.add_argument("--refunds", type=int, default=2_000, help="refunds of the drill (2000)")
    parser.add_argument("--seed", type=int, default=1, help="the drill's dice (1)")
    parser.add_argument("--json", action="store_true", help="print the list instead of a table")


def offered() -> dict[str, Benchmark]:
    """Every figure that core and the installed plugins measure, by name."""
    return {each.figure: each for each in (*OWN, *(found for _, found in load_plugins().collect_all("register_benchmarks")))}


async def run(args: argparse.Namespace) -> int:
    """Measure one figure after the other, each on a fresh database; exit code 1 when one misses its reach."""
    if args.chaos:
        return await _chaos(args)
    known = offered()
    for figure in args.figures:
        if figure not in known:
            raise UnknownFigure(figure=figure, known="、".join(known))
    found: list[Figure] = []
    terminal = Console(stderr=True)
    for each in (known[name] for name in args.figures or known):
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


async def _chaos(args: argparse.Namespace) -> int:
    """The drill's figures; exit code 1 when a fen is not where it belongs."""
    plan = drill.Plan(payments=args.payments, refunds=args.refunds, seed=args.seed, kills_each=max(4, args.payments // 250))
    found = await drill.run(plan)
    if args.json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
    else:
        table = Table("", "ours", "theirs")
        for name, value in found.ours.items():
            table.add_row(name, f"{value:,}", f"{found.theirs[name]:,}" if name in found.theirs else "")
        for name, fen in found.equation.items():
            table.add_row(f"equation: {name}, fen", f"{fen:,}", "")
        Console().print(table, f"kills {found.kills}", f"payers {found.payers}", *(f"[red]{fault}[/]" for fault in found.faults), sep="\n")
    return 1 if found.faults else 0


def _show(figures: list[Figure]) -> None:
    table = Table("figure", "value", "unit", "reach", "", "note")
    for each in figures:
        holds = {True: "[green]holds[/]", False: "[red]misses[/]", None: ""}[each.holds]
        table.add_row(each.figure, f"{each.value:g}", each.unit, each.reach, holds, each.note)
    Console().print(table)
