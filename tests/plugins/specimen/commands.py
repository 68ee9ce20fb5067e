"""`banyan club members --client CODE`."""

import argparse

from core.platform import Platform
from tests.plugins.specimen import repository


def configure(parser: argparse.ArgumentParser) -> None:
    """Whose members."""
    parser.add_argument("--client", required=True, help="the client's code")


async def members(platform: Platform, args: argparse.Namespace) -> int:
    """Print how many members a club has."""
    client = await platform.directory.by_code(args.client)
    async with platform.database.tenant(client.id) as session:
        print(len(await repository.list_members(session)))
    return 0
