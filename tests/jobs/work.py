"""Long work for tests, and a worker process that knows it: `python tests/jobs/work.py` with the settings in its environment."""

import asyncio
import datetime as dt
import signal

from sqlalchemy import text

from core import builtin, logs
from core.app import make_platform
from core.errors import Conflict
from core.hookspecs import JobKind, hook
from core.jobs import runner
from core.jobs.worker import Worker
from core.plugin_manager import PluginManager
from core.settings import Settings


class TooBad(Conflict):
    code = "TOO_BAD"
    message = "第 {n} 步做不下去"


async def count(context, params):
    """Write one row a step, each once however often it is begun; `pause` seconds between steps."""
    total = params["steps"]
    for n in range(total):
        async with context.session() as session:
            key = f"{params['name']}:{n}"
            await session.execute(
                text("INSERT INTO core.idempotency (scope, key, body_hash) VALUES ('count', :key, '') ON CONFLICT DO NOTHING"),
                {"key": key},
            )
        await context.progress(n + 1, total)
        await asyncio.sleep(params.get("pause", 0))
    return {"counts": [["步", total, None, "good"]]}


async def fail(context, params):
    """Break off at a step, unless the way has been cleared in the meantime."""
    async with context.session() as session:
        cleared = await session.scalar(text("SELECT count(*) FROM core.idempotency WHERE scope = 'cleared'"))
    if not cleared:
        raise TooBad(n=3)
    return {"by": context.by.name}


async def crash(context, params):
    raise RuntimeError("手机 13812345678 出了意外")


class LongWork:
    """The tests' own part of core."""

    @hook
    def register_jobs(self):
        return [JobKind("test.count", "数数", count), JobKind("test.fail", "失败", fail), JobKind("test.crash", "崩溃", crash)]


def plugins() -> PluginManager:
    return PluginManager({}, {**builtin.PARTS, "long_work": LongWork()})


async def main() -> None:
    settings = Settings.load()
    logs.configure("info")
    runner.LEASE, runner.HEARTBEAT_SECONDS = dt.timedelta(seconds=4), 0.7
    platform = await make_platform(settings, plugins())
    worker = Worker(platform, sweep_seconds=0.2)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.stop)
    await worker.run()
    await platform.close()


if __name__ == "__main__":
    asyncio.run(main())
