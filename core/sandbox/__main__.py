"""`python -m core.sandbox`: the sandbox as a process of its own, set up by BANYAN_SANDBOX_* (see settings)."""

from granian import Granian
from granian.constants import Interfaces

from core.sandbox.settings import SandboxSettings


def main() -> None:
    """Serve until told to stop; one worker, because one notifier is enough."""
    settings = SandboxSettings.load()
    Granian(
        "core.sandbox.app:create_app",
        factory=True,
        address=settings.address,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=1,
        websockets=False,
    ).serve()


if __name__ == "__main__":
    main()
