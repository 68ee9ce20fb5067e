"""`banyan worker`: does what is due and long work until told to stop."""

import argparse
import asyncio
import signal

from core import logs
from core.app import make_platform
from core.commands.surroundings import joined, servers
from core.jobs.worker import Worker
from core.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    """Slots of this process; run more processes for more."""
    parser.add_argument("--pulses", type=int, default=4, help="tenants tended at the same time (default 4)")
    parser.add_argument("--jobs", type=int, default=3, help="jobs done at the same time (default 3)")


async def run(args: argparse.Namespace) -> int:
    """Work until SIGTERM or Ctrl-C; running jobs are handed back."""
    settings = Settings.load()
    logs.configure(settings.log_level)
    with servers(settings, redis=False) as running:
        platform = await make_platform(joined(settings, running))
        worker = Worker(platform, slots=args.pulses, job_slots=args.jobs)
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, worker.stop)
        try:
            await worker.run()
        finally:
            await platform.close()
    return 0
