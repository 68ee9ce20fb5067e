"""`banyan statements import|list|show`: a statement comes in by hand and every row is judged; what came in is listed and shown."""

import argparse
import datetime as dt
from pathlib import Path
from uuid import UUID

import msgspec

from core import paging
from core.commands.imports import FileNotReadable, operator
from core.commands.surroundings import platform_here
from core.commands.terminal import REFUSED, add_json, say, say_json, show_table
from core.errors import InvalidRequest
from core.money import format_yuan
from core.statements import lists, receiving
from core.statements.announcing import announced_sha1
from core.statements.schemas import Verdict

SHOWN = 40


class Shown(msgspec.Struct, frozen=True):
    """One file and the first rows that were left out of it."""

    statement: lists.StatementRead
    left_out: list[lists.RefusalRead]


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
    listed = deeds.add_parser("list", help="what came in", description="Files that came in, the last first.")
    add_json(listed)
    listed.add_argument("--client", metavar="CODE", required=True)
    listed.add_argument("--source", metavar="SOURCE", default="")
    listed.add_argument("--date", metavar="DATE", type=dt.date.fromisoformat, help="only this bill day")
    listed.add_argument("--status", choices=("loaded", "superseded", "refused"), default="")
    listed.add_argument("--limit", metavar="N", type=int, default=50, help="at most so many (1-200)")
    shown = deeds.add_parser("show", help="one file", description="One file with its verdict, its totals and the rows that were left out.")
    add_json(shown)
    shown.add_argument("statement", metavar="ID", type=UUID)
    shown.add_argument("--client", metavar="CODE", required=True)
    made.add_argument("--announced", metavar="FILE.json", type=Path, help="what the channel said of it (the .json beside a .gz by itself)")


async def run(args: argparse.Namespace) -> int:
    """Exit code 0 when the file was taken in, faulty rows or not; 2 when it was refused whole."""
    return await {"import": _import, "list": _list, "show": _show_one}[args.deed](args)


async def _list(args: argparse.Namespace) -> int:
    """What came in, the last first."""
    async with platform_here() as platform:
        client = await platform.directory.by_code(args.client)
        asked = lists.Asked(source=args.source, status=args.status, start=args.date, until=args.date)
        async with platform.database.tenant(client.id) as session:
            found = await lists.list_statements(session, asked, None, paging.page_size(args.limit))
    if args.json:
        say_json(found)
        return 0
    rows = [
        (str(each.id), each.bill_on, each.source, each.merchant_number, each.version, each.status, each.verdict, each.rows_loaded, each.file_name)
        for each in found.items
    ]
    show_table(("id", "day", "source", "number", "version", "status", "verdict", "rows", "file"), rows)
    if found.next_cursor:
        say("… and older ones (--date or --limit)")
    return 0


async def _show_one(args: argparse.Namespace) -> int:
    """One file with what was said of it; 2 when this client has none of that id."""
    async with platform_here() as platform:
        client = await platform.directory.by_code(args.client)
        async with platform.database.tenant(client.id) as session:
            found = await lists.find(session, args.statement)
            left_out = (await lists.list_refusals(session, args.statement, None, paging.MOST)).items
    if args.json:
        say_json(Shown(found, left_out))
        return 0
    for name in ("source", "bill_on", "merchant_number", "version", "status", "verdict", "reason_code", "reason", "file_name", "sha256", "lines",
                 "rows_loaded", "rejected_rows", "pay_count", "refund_count", "origin", "made_by"):  # fmt: skip
        say(f"{name:16} {getattr(found, name)}")
    for name in ("pay_amount_fen", "refund_amount_fen", "fee_fen", "net_fen"):
        say(f"{name.removesuffix('_fen'):16} {format_yuan(getattr(found, name))}")
    if left_out:
        show_table(("row", "line", "number", "column", "value", "why"), [(r.row_no, r.line_no, r.number, r.column_name, r.value, r.message) for r in left_out])
    return 0


async def _import(args: argparse.Namespace) -> int:
    sha1 = _announced(args.file, args.announced)
    if not args.file.is_file():
        reason = "Is a directory" if args.file.is_dir() else "Not a regular file" if args.file.exists() else "No such file"
        raise FileNotReadable(name=args.file.name, reason=reason)
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
