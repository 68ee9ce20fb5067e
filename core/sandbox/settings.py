"""How a sandbox is set up; every value can come from the environment as BANYAN_SANDBOX_<NAME>."""

import os
from collections.abc import Mapping

import msgspec


class SandboxSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`time_scale` shortens every wait the sandbox makes by itself: 1 is the real retry ladder, 0.001 suits tests."""

    database_url: str
    public_url: str = ""
    """Where browsers and the platform reach the sandbox; pay pages start with it. Empty: this machine, on `port`."""
    address: str = "127.0.0.1"
    port: int = 8201
    time_scale: float = 1.0
    notify_timeout_seconds: float = 5.0
    clock_window_seconds: int = 300

    def __post_init__(self) -> None:
        """Fill in what follows from the rest."""
        if not self.public_url:
            msgspec.structs.force_setattr(self, "public_url", f"http://127.0.0.1:{self.port}")

    @classmethod
    def load(cls, environment: Mapping[str, str] = os.environ) -> "SandboxSettings":
        """The settings of this process. Raises msgspec.ValidationError when one is missing or malformed."""
        prefix = "BANYAN_SANDBOX_"
        values = {name: environment[prefix + name.upper()] for name in cls.__struct_fields__ if prefix + name.upper() in environment}
        return msgspec.convert(values, cls, strict=False)
