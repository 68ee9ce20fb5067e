"""`python -m core.sandbox`: the sandbox as a process of its own, set up by BANYAN_SANDBOX_* (see settings)."""

import asyncio
import signal

from core.sandbox.app import create_app
from core.sandbox.serving import serving
from core.sandbox.settings import SandboxSettings


async def serve(settings: SandboxSettings) -> None:
    """Serve until told to stop; one process, because one notifier is enough and nothing may outlive a kill."""
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with serving(create_app(settings), settings.port, settings.address):
        print(f"sandbox: {settings.public_url}", flush=True)
        await stopping.wait()


if __name__ == "__main__":
    asyncio.run(serve(SandboxSettings.load()))
