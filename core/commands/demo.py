"""`banyan demo`: load the demo clients (what is there stays) and show how to log in."""

import argparse

from core.commands import demonstration
from core.commands.surroundings import find_running, platform_here
from core.commands.terminal import add_json, say, say_json, show_table
from core.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    """What to do."""
    add_json(parser)
    parser.add_argument("--logins", action="store_true", help="only show the log-ins, with the one-time codes of this half minute")


async def run(args: argparse.Namespace) -> int:
    """Load, then show."""
    settings = Settings.load(demo=True)
    changes = []
    if not args.logins:
        async with platform_here(demo=True) as platform:
            changes = await demonstration.load(platform, settings.tenants_dir)
    found = demonstration.log_ins(settings.tenants_dir)
    running = find_running(settings.data_dir)
    if args.json:
        say_json({"changes": changes, "log_ins": found, "running": running is not None})
        return 0
    show_log_ins(found)
    say(f"log in at {settings.public_url}/login" if running else "nothing is running; `banyan run` starts everything")
    return 0


def show_log_ins(found: list[demonstration.LogIn]) -> None:
    """The table that `banyan run` prints too."""
    rows = [(one.where, one.name, one.login, one.password, one.code or "-", one.roles) for one in found]
    show_table(("where", "name", "log-in", "password", "code now", "roles"), rows)
