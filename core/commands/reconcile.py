"""`banyan reconcile --client CODE --date DATE`: a day's files side by side, here and now; what does not agree, by class."""

import argparse
import datetime as dt

from core.commands.imports import operator
from core.commands.surroundings import platform_here
from core.commands.terminal import add_json, say, say_json, show_table
from core.reconciliation.runs import service as runs
from core.reconciliation.runs import telling

SHOWN = 40


def configure(parser: argparse.ArgumentParser) -> None:
    """Whose day."""
    add_json(parser)
    parser.add_argument("--client", metavar="CODE", required=True)
    parser.add_argument("--date", metavar="DATE", type=dt.date.fromisoformat, required=True, help="the day of the files, for example 2026-03-01")


async def run(args: argparse.Namespace) -> int:
    """Exit code 0 when the day was compared, whatever was found; 2 when it was refused (closed, not over yet)."""
    async with platform_here() as platform:
        client = await platform.directory.by_code(args.client)
        await runs.run(platform, client.id, args.date, by=operator(platform, client.id))
        async with platform.database.tenant(client.id) as session:
            told = await telling.tell(session, client.code, args.date)
    if args.json:
        say_json(told)
    else:
        _show(told)
    return 0


def _show(told: dict) -> None:
    rows = told["differences"]
    if rows:
        columns = ("class", "channel", "number", "business", "platform", "channel fen", "differs", "state")
        show_table(columns, [_line(row) for row in rows[:SHOWN]])
    if len(rows) > SHOWN:
        say(f"… and {len(rows) - SHOWN} more (--json lists them all)")
    next_day, matched = told["next_day"], told["matched"][told["bill_date"]]["total"]["rows"]
    say(f"{told['bill_date']} {told['status']}: {matched} matched, {told['difference_count']} new, {told['open_count']} open")
    say(f"of earlier days: {next_day['heal']} healed, {next_day['still_open']} still open")
    for gap in told["missing"]:
        say(f"missing: {gap['source']} {gap['merchant_number']}".rstrip())


def _line(row: dict) -> tuple[object, ...]:
    amounts = ["" if fen is None else fen for fen in row["amounts_fen"].values()]
    return (row["class"], row["channel"], row.get("merchant_refund_no") or row["merchant_order_no"], *amounts, row["differs"], row["state"])
