"""`banyan education …`: price a term without issuing, and register a term's own days."""

import argparse
import datetime as dt
import sys

import msgspec
from rich.console import Console
from rich.table import Table

from core.hookspecs import Command
from core.identity.actor import system
from core.money import format_yuan
from core.platform import Platform
from plugins.education.errors import PluginIsOff
from plugins.education.plans.answer import answer
from plugins.education.pricing.rules import Term
from plugins.education.standards import pricing
from plugins.education.terms import service as terms

_encoder = msgspec.json.Encoder(decimal_format="number")


def _plan_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--client", required=True, help="the client's code")
    parser.add_argument("--term", required=True, help="the term's code, e.g. 2026-2027-1")
    parser.add_argument("--dry-run", action="store_true", help="price only (issuing takes two people and happens in the console)")
    parser.add_argument("--approved-only", action="store_true", help="leave out standards and discounts nobody has approved yet")
    parser.add_argument("--json", action="store_true", help="every bill, amounts in fen")


async def plan(platform: Platform, args: argparse.Namespace) -> int:
    """Price every bill of a term without issuing any; unapproved standards count, as they do in a maker's trial run."""
    if not args.dry_run:
        print("开账单需经两人复核，请在控制台制定收费批次；此命令请加 --dry-run 试算", file=sys.stderr)
        return 2
    client = await platform.directory.by_code(args.client)
    if not client.has("education"):
        raise PluginIsOff(client=client.name)
    async with platform.database.tenant(client.id) as session:
        term = await terms.find(session, args.term)
        priced = await pricing.trial(session, term, approved_only=args.approved_only)
        registered = any(known.code == term.code for known in await terms.list_terms(session))
    in_force = sum(standard.starts_on <= term.starts_on <= standard.ends_on for standard in priced.book.standards)
    if not registered and not in_force:
        print(f"学期 {term.code} 没有登记过，{term.starts_on} 当天也没有生效的收费标准：请核对学期编码，或先登记学期、导入收费标准", file=sys.stderr)
        return 2
    totals = pricing.totals(priced)
    if args.json:
        sys.stdout.buffer.write(_encoder.encode(answer(priced)) + b"\n")
        sys.stdout.flush()
    else:
        _show(totals, priced.book.drafts)
    return 0


def _show(totals: pricing.Totals, drafts: int) -> None:
    table = Table("收费项目", "行数", "应收（元）", "优惠（元）", "实收（元）", title=f"试算：{totals.students} 名学生")
    for code, (lines, amount, discount, net) in totals.by_item.items():
        table.add_row(code, f"{lines:,}", format_yuan(amount), format_yuan(discount), format_yuan(net))
    table.add_row("合计", f"{totals.lines:,}", format_yuan(totals.amount_fen), format_yuan(totals.discount_fen), format_yuan(totals.net_fen))
    Console().print(table)
    if drafts:
        Console().print(f"其中 {drafts} 条标准或优惠尚未复核，复核后方可开账单")


def _term_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--client", required=True, help="the client's code")
    parser.add_argument("--code", required=True, help="e.g. 2026-2027-1")
    parser.add_argument("--starts-on", required=True, type=dt.date.fromisoformat)
    parser.add_argument("--ends-on", required=True, type=dt.date.fromisoformat)
    parser.add_argument("--teaching-days", type=int, default=None, help="on how many days meals are served (without it: the term's working days)")
    parser.add_argument("--months", type=int, default=terms.MONTHS_OF_A_TERM, help="how many months a term's tuition stands for")


async def term(platform: Platform, args: argparse.Namespace) -> int:
    """Register a term's own days."""
    client = await platform.directory.by_code(args.client)
    async with platform.database.tenant(client.id) as session:
        await terms.register(session, Term(args.code, args.starts_on, args.ends_on, args.months, args.teaching_days), system(client.id, "命令行"))
    return 0


COMMANDS = (
    Command("plan", "price every bill of a term without issuing", _plan_arguments, plan),
    Command("term", "register a term's days", _term_arguments, term),
)
