"""`banyan migrate`: bring core's and every plugin's schema to the newest migration."""

import argparse

from core.app import branches, load_plugins
from core.commands.surroundings import servers
from core.commands.terminal import add_json, say, say_json
from core.database import drift, migrate
from core.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    """What to look at besides."""
    add_json(parser)
    parser.add_argument("--check", action="store_true", help="also compare the tables with the models; exit code 1 when they differ")


async def run(args: argparse.Namespace) -> int:
    """Apply what is new; exit code 1 when tables or columns are still missing afterwards."""
    found = branches(load_plugins())
    with servers(Settings.load()) as running:
        applied = await migrate.upgrade(running.owner_database_url, found)
        different = await migrate.differences(running.owner_database_url, found) if args.check else []
        async with migrate.owner_connection(running.owner_database_url) as connection:
            missing = await drift.missing(connection, [branch.metadata for branch in found])
    if args.json:
        say_json({"applied": applied, "missing": missing, "differences": different})
    else:
        for step in applied or ["nothing new"]:
            say(f"· {step}")
        if missing:
            say(f"✗ {drift.TablesBehind(missing=drift.told(missing)).message}")
        for difference in different:
            say(f"✗ {difference}")
    return 1 if different or missing else 0
