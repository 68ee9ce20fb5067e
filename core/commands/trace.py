"""`banyan trace NUMBER --client CODE`: the whole life of the money behind any number; exit code 2 when nobody has it."""

import argparse

from core.commands.surroundings import platform_here
from core.commands.terminal import add_json, say, say_json, show_table
from core.money import format_yuan
from core.trace import rights
from core.trace.schemas import Trace, TraceAnswer
from core.trace.service import trace


def configure(parser: argparse.ArgumentParser) -> None:
    """Which number, of which client."""
    add_json(parser)
    parser.add_argument("number", metavar="NUMBER", help="bill, pay code, order, channel, refund, difference, batch, payout, bank or receipt number")
    parser.add_argument("--client", metavar="CODE", required=True)
    parser.add_argument("--choose", metavar="KIND:ID", default="", help="which, where several things have the number")


async def run(args: argparse.Namespace) -> int:
    """Show the chain, or what there is to choose from."""
    async with platform_here() as platform:
        client = await platform.directory.by_code(args.client)
        async with platform.database.tenant(client.id) as session:
            by = rights.everything(client.id, "命令行")
            answer = await trace(session, args.number, by, args.choose, tuple(platform.channels))
    if args.json:
        say_json(answer)
    else:
        _show(answer)
    return 0


def _show(answer: TraceAnswer) -> None:
    if answer.trace is None:
        show_table(("choose", "kind", "number", "yuan"), [(c.choose, c.kind, c.name, format_yuan(c.amount_fen)) for c in answer.choices])
        return
    found: Trace = answer.trace
    say(f"{found.kind} {found.name}: {found.ends}")
    show_table(("link", "state", "count", "yuan", "sums", "why"), [
        (step.code, step.state, step.count, format_yuan(step.amount_fen), step.sums, step.why) for step in found.steps
    ])  # fmt: skip
    show_table(("at (UTC)", "by", "what", ""), [(f"{e.at:%Y-%m-%d %H:%M:%S}", e.by, e.title, e.text) for e in found.events])
