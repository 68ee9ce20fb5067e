"""`banyan tenants`: make the platform what `tenants/` declares, showing the difference first; list the clients."""

import argparse
import sys
from pathlib import Path

from core import checks
from core.commands.surroundings import platform_here, seal_trail
from core.commands.terminal import add_json, say, say_json, show_table
from core.platform import Platform
from core.settings import Settings
from core.tenancy import apply
from core.tenancy import repository as tenancy
from core.tenancy.changes import Change


def configure(parser: argparse.ArgumentParser) -> None:
    """Its two verbs."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    applying = actions.add_parser("apply", help="apply tenants/<client>/tenant.toml; shows the difference first")
    applying.add_argument("folder", nargs="?", type=Path, help="default: BANYAN_TENANTS_DIR, else tenants/")
    applying.add_argument("--yes", action="store_true", help="do not ask (only a terminal is asked)")
    applying.add_argument("--dry-run", action="store_true", help="only show the difference")
    listing = actions.add_parser("list", help="the bank's clients")
    for parser_ in (applying, listing):
        add_json(parser_)


async def run(args: argparse.Namespace) -> int:
    """One of them."""
    async with platform_here() as platform:
        return await (_apply(platform, args) if args.action == "apply" else _list(platform, args))


async def _apply(platform: Platform, args: argparse.Namespace) -> int:
    folder = args.folder or Settings.load().tenants_dir
    changes = await apply.plan(platform, folder)
    if not args.json:
        _show(changes)
    wanted = any(not change.pending for change in changes) and not args.dry_run
    wanted = wanted and (args.yes or args.json or _agreed())
    done = await apply.apply(platform, folder) if wanted else changes
    if wanted:
        await seal_trail(platform, [tenant_id async for _, tenant_id in checks.tenants(platform)])
    made, pending = [c for c in done if not c.pending], [c for c in done if c.pending]
    if args.json:
        say_json({"changes": made, "pending": pending, "applied": wanted})
    else:
        _show_once(made)
        say(f"{len(made)} applied" if wanted else "nothing changed")
    return 0


def _agreed() -> bool:
    """A person at a terminal is asked; a script has already decided by calling."""
    return not sys.stdin.isatty() or input("apply? [y/N] ").strip().lower() in ("y", "yes")


def _show(changes: list[Change]) -> None:
    if not changes:
        say("everything is as declared")
        return
    show_table(("where", "", "what", "name", "detail"), [(c.where, c.action, c.subject, c.name, c.pending or c.detail) for c in changes])


def _show_once(done: list[Change]) -> None:
    """Secrets that are shown this one time: first passwords."""
    for change in done:
        if change.once:
            say(f"{change.where} {change.name}: {change.once}")


async def _list(platform: Platform, args: argparse.Namespace) -> int:
    async with platform.database.tenant(await platform.directory.bank_id()) as session:
        rows = await tenancy.list_clients(session, None, limit=10_000)
    clients = [
        {"code": r.code, "name": r.name, "kind": r.kind, "status": r.status, "branch": r.branch_name, "plugins": r.plugins or []}
        for r in rows
    ]
    if args.json:
        say_json(clients)
    else:
        show_table(
            ("code", "name", "kind", "status", "branch", "plugins"), [(*list(c.values())[:5], " ".join(c["plugins"])) for c in clients]
        )
    return 0
