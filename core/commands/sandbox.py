"""`banyan sandbox`: the simulated outside world as a process of its own; `banyan sandbox faults` tells a running one to misbehave."""

import argparse
import os
import sys

import httpx
import msgspec
from rich.console import Console
from rich.table import Table

from core import logs
from core.commands.surroundings import find_running, servers
from core.errors import InvalidRequest, Unavailable
from core.sandbox import schema
from core.sandbox.__main__ import serve
from core.sandbox.settings import SandboxSettings
from core.settings import Settings


class SandboxAway(Unavailable):
    code = "SANDBOX_AWAY"
    message = "沙箱没有应答（{url}），请先运行 banyan run 或 banyan sandbox"


class BadFault(InvalidRequest):
    code = "BAD_FAULT"
    message = "沙箱没有接受这些故障：{why}"


def configure(parser: argparse.ArgumentParser) -> None:
    """Serve (without a verb), or list, set and clear faults."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    faults = actions.add_parser("faults", help="list the faults in force; set or clear them")
    faults.add_argument("--set", nargs="+", metavar="KIND[=PERCENT[:SECONDS]]", help="have exactly these, e.g. notice_lose=20 api_delay=100:2")
    faults.add_argument("--order", metavar="ACCOUNT/NUMBER", help="for one order of one merchant number instead of for everybody")
    faults.add_argument("--clear", action="store_true", help="behave")
    faults.add_argument("--json", action="store_true", help="print what the sandbox answers")


async def run(args: argparse.Namespace) -> int:
    """Serve until told to stop, or talk to the one that serves."""
    settings = Settings.load()
    if args.action == "faults":
        return await _faults(args, settings)
    logs.configure(settings.log_level)
    with servers(settings) as running:
        await schema.install(running.owner_database_url)
        given = {
            "BANYAN_SANDBOX_DATABASE_URL": running.database_url,
            "BANYAN_SANDBOX_PORT": str(settings.sandbox_port),
            "BANYAN_SANDBOX_PUBLIC_URL": settings.sandbox_url,
        }
        await serve(SandboxSettings.load({**given, **os.environ}))
    return 0


async def _faults(args: argparse.Namespace, settings: Settings) -> int:
    running = find_running(settings.data_dir)
    url = running.sandbox_url if running and running.sandbox_url else settings.sandbox_url
    path = f"/sandbox/api/faults/orders/{args.order}" if args.order else "/sandbox/api/faults"
    try:
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=10, follow_redirects=True) as outside:
            if args.set or args.clear:
                answer = await outside.put(path, json={"faults": [_read(text) for text in args.set or ()]})
                if answer.is_client_error:
                    raise BadFault(why=answer.text[:200])
            answer = (await outside.get("/sandbox/api/faults")).raise_for_status()
    except httpx.HTTPError as error:
        raise SandboxAway(url=url) from error
    if args.json:
        sys.stdout.write(answer.text + "\n")
    else:
        _show(msgspec.json.decode(answer.content))
    return 0


def _read(text: str) -> dict[str, object]:
    """`notice_lose=20:1.5`: a kind, its percentage (100 when left out), its seconds (those usual for it)."""
    kind, _, how = text.partition("=")
    percent, _, seconds = how.partition(":")
    try:
        return {"kind": kind, "percent": int(percent or 100), "seconds": msgspec.json.decode(seconds) if seconds else None}
    except (ValueError, msgspec.DecodeError):
        raise BadFault(why=text) from None


def _show(told: dict) -> None:
    table = Table("kind", "percent", "seconds", "account", "number", "")
    titles = {kind["code"]: kind["title"] for kind in told["kinds"]}
    for fault in told["faults"]:
        where = (fault["mchid"] or "everybody", fault["out_trade_no"] or "")
        table.add_row(fault["kind"], str(fault["percent"]), str(fault["seconds"] or ""), *where, titles[fault["kind"]])
    Console().print(table if told["faults"] else "no faults; kinds: " + ", ".join(titles))
