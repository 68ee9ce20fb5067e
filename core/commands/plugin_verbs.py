"""`banyan <plugin> <name>`: the verbs that installed plugins add through `register_commands`."""

import argparse
from functools import partial
from itertools import groupby

from core.app import load_plugins
from core.commands.surroundings import platform_here
from core.hookspecs import Command


def configure(verbs: argparse._SubParsersAction) -> None:
    """Add each plugin with its commands."""
    plugins = load_plugins()
    for code, found in groupby(plugins.collect_all("register_commands"), key=lambda pair: pair[0]):
        group = verbs.add_parser(code, help=plugins.info[code].title if code in plugins.info else code)
        names = group.add_subparsers(dest="name", metavar="NAME", required=True)
        for _, command in found:
            parser = names.add_parser(command.name, help=command.summary, description=command.summary)
            command.configure(parser)
            parser.set_defaults(run=partial(_run, command))


async def _run(command: Command, args: argparse.Namespace) -> int:
    """`command.run(platform, args)` answers the exit code."""
    async with platform_here() as platform:
        return await command.run(platform, args)
