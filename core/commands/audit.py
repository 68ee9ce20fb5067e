"""`banyan audit`: prove every invariant; exit code 1 when one fails."""

import argparse

from core import checks
from core.commands.surroundings import platform_here
from core.commands.terminal import add_json, say, say_json, show_table


def configure(parser: argparse.ArgumentParser) -> None:
    """Whom to look at."""
    add_json(parser)
    parser.add_argument("--client", metavar="CODE", help="one client only")


async def run(args: argparse.Namespace) -> int:
    """Look at everything, say what is wrong."""
    async with platform_here() as platform:
        report = await checks.audit(platform, args.client)
    if args.json:
        say_json(report)
    else:
        _show(report)
    return 0 if report.ok else 1


def _show(report: checks.Report) -> None:
    wrong = [finding for finding in report.checks if not finding.ok]
    if wrong:
        show_table(("client", "check", "fault"), [(f.client, f.check, fault) for f in wrong for fault in f.faults])
    clients = len({finding.client for finding in report.checks})
    say(f"{'✓' if report.ok else '✗'} {len(report.checks) - len(wrong)} of {len(report.checks)} checks hold, {clients} looked at")
