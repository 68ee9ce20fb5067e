"""`banyan shell`: a Python prompt with the platform at hand, for whoever must look closely.

>>> async def count():
...     async with tenant("banyan-school") as session:
...         return await session.scalar(text("SELECT count(*) FROM core.bill"))
>>> wait(count())
"""

import argparse
import asyncio
import code
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any

from sqlalchemy import text

from core.app import make_platform
from core.commands.surroundings import joined, servers
from core.database import Session
from core.platform import Platform
from core.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    """A prompt, or one piece of code."""
    parser.add_argument("-c", dest="code", metavar="CODE", help="run this code and leave; `answer = …` is printed")


def run(args: argparse.Namespace) -> int:
    """Open the prompt."""
    settings = Settings.load()
    with servers(settings) as running, asyncio.Runner() as runner:
        platform = runner.run(make_platform(joined(settings, running)))
        names = names_for(platform, runner)
        try:
            if args.code:
                exec(compile(args.code, "<banyan shell>", "exec"), names)
                if "answer" in names:
                    print(names["answer"])
            else:
                code.interact(banner="platform, tenant(code), text(sql), wait(coroutine)", local=names, exitmsg="")
        finally:
            runner.run(platform.close())
    return 0


def names_for(platform: Platform, runner: asyncio.Runner) -> dict[str, Any]:
    """What the prompt knows."""

    @contextlib.asynccontextmanager
    async def tenant(client_code: str) -> AsyncIterator[Session]:
        """One transaction of a client, or of the bank (`_bank`)."""
        bank = client_code == "_bank"
        tenant_id = await platform.directory.bank_id() if bank else (await platform.directory.by_code(client_code)).id
        async with platform.database.tenant(tenant_id) as session:
            yield session

    def wait(work: Coroutine) -> Any:
        """The answer of a coroutine."""
        return runner.run(work)

    return {"platform": platform, "tenant": tenant, "text": text, "wait": wait}
