"""`banyan keys rotate`: wrap every tenant's keys with the newest master key and begin a new data key version.

First put the new master key in front of the old ones in BANYAN_MASTER_KEYS and restart everything; afterwards old master keys may go,
except the last one, which also finds the way in to every tenant.
"""

import argparse

from core import checks
from core.commands.surroundings import platform_here
from core.commands.terminal import add_json, progress_bar, say, say_json
from core.identity import audit
from core.identity.actor import system


def configure(parser: argparse.ArgumentParser) -> None:
    """Its verb."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    rotating = actions.add_parser("rotate", help="wrap with the newest master key, begin a new data key")
    rotating.add_argument("--client", metavar="CODE", help="one client only")
    add_json(rotating)


async def run(args: argparse.Namespace) -> int:
    """Tenant by tenant, each in its own transaction; safe to repeat."""
    rotated = []
    async with platform_here() as platform:
        with progress_bar() as bar:
            task = bar.add_task("keys", total=None)
            async for code, tenant_id in checks.tenants(platform, args.client):
                async with platform.database.tenant(tenant_id) as session:
                    await platform.vault.keys(session)
                    version = await platform.vault.rotate(session)
                    by = system(tenant_id, "命令行")
                    await audit.record(session, by, "identity.keys.rotate", "tenant", tenant_id, after={"version": version})
                rotated.append({"client": code, "version": version})
                bar.update(task, completed=len(rotated))
    if args.json:
        say_json(rotated)
    else:
        say(f"{len(rotated)} tenants rotated")
    return 0
