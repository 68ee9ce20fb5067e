"""`banyan sandbox`: the simulated outside world as a process of its own, on the platform's settings."""

import argparse
import os

from core import logs
from core.commands.surroundings import servers
from core.sandbox import schema
from core.sandbox.__main__ import serve
from core.sandbox.settings import SandboxSettings
from core.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    """Everything comes from the environment (`BANYAN_*`, `BANYAN_SANDBOX_*`)."""


async def run(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    settings = Settings.load()
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
