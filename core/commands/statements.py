"""`banyan statements import FILE --client CODE --source SOURCE --date DATE`: a statement comes in by hand, and every row is judged."""

import argparse
import datetime as dt
from pathlib import Path

from core.commands.imports import FileNotReadable, operator
from core.commands.surroundings import platform_here
from core.commands.terminal import REFUSED, add_json, say, say_json, show_table
from core.errors import InvalidRequest
from core.statements import receiving
from core.statements.announcing import announced_sha1
from core.statements.schemas import Verdict

SHOWN = 40


class AnnouncementNotReadable(InvalidRequest):
    code = "ANNOUNCEMENT_NOT_READABLE"
    message = "{name} 里没有渠道公布的 SHA1，请给出下载账单第一步的答复"


def configure(parser: argparse.ArgumentParser) -> None:
    """Which file, whose, of which kind and day."""
    deeds = parser.add_subparsers(dest="deed", metavar="DEED", required=True)
    made = deeds.add_parser("import", help="take a file in", description="Take a file in: all of it, without its faulty rows, or nothing.")
    add_json(made)
    made.add_argument("file", metavar="FILE", type=Path)
    made.add_argument("--client", metavar="CODE", required=True)
    made.add_argument("--source", metavar="SOURCE", required=True, help="for example wechatpay-trade, alipay-trade, unionpay, platform, his")
    made.add_argument("--date", metavar="DATE", type=dt.date.fromisoformat, required=True, help="the day it is of, for example 2026-03-01")
    made.add_argument("--merchant", metavar="NUMBER", default="", help="the merchant number it is of; becomes the client's")
    made.add_argument("--announced", metavar="FILE.json", type=Path, help="what the channel said of it (the .json beside a .gz by itself)")


async def run(args: argparse.Namespace) -> int:
    """Exit code 0 when the file was taken in, faulty rows or not; 2 when it was refused whole."""
    sha1 = _announced(args.file, args.announced)
    if not args.file.is_file():
        raise FileNotReadable(name=args.file.name, reason="No such file")
    async with platform_here() as platform:
        client = await platform.directory.by_code(args.client)
        said = await receiving.receive(
            platform, client.id, source=args.source, day=args.date, file_name=args.file.name, path_or_stream=args.file,
            by=operator(platform, client.id), origin="cli", sha1=sha1, merchant=args.merchant,
        )  # fmt: skip
    if args.json:
        say_json(said)
    else:
        _show(said)
    return REFUSED if said.refused else 0


def _announced(file: Path, given: Path | None) -> str | None:
    """The SHA-1 that the channel promised: in the file named, or in the .json that lies beside a .gz."""
    if given is not None:
        sha1 = announced_sha1(given)
        if sha1 is None:
            raise AnnouncementNotReadable(name=given.name)
        return sha1
    if file.suffix != ".gz":
        return None
    return announced_sha1(file.with_name(file.name.removesuffix(".gz").removesuffix(".csv") + ".json"))


def _show(said: Verdict) -> None:
    if said.rejected:
        rows = [(r.row, r.line, r.merchant_order_no, r.column, r.value, r.message) for r in said.rejected[:SHOWN]]
        show_table(("row", "line", "number", "column", "value", "message"), rows)
    if len(said.rejected) > SHOWN:
        say(f"… and {len(said.rejected) - SHOWN} more (--json lists them all)")
    say(f"{said.verdict} [{said.reason_code}] {said.reason}")
    if not said.refused:
        beside = said.ignored_lines + said.other_lines
        say(f"{said.rows_loaded} rows: {said.pay_count} paid, {said.refund_count} refunded; {beside} beside, {len(said.reject_rows)} left out")
