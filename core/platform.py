"""Everything a handler, job or command may need from the running system, made once at the composition root."""

from typing import Any

import httpx
import msgspec

from core.database import Database
from core.database.routes import Routes
from core.identity.vault import Vault
from core.plugin_manager import PluginManager
from core.settings import Settings
from core.tenancy.directory import Directory


class Platform(msgspec.Struct, kw_only=True):
    """The running system: pass the one part that a function needs rather than the whole."""

    settings: Settings
    database: Database
    vault: Vault
    routes: Routes
    directory: Directory
    plugins: PluginManager
    http: httpx.AsyncClient
    channels: dict[str, Any]
    redis: Any = None
    tables_known: bool = False
    """Whether the database was seen to have every declared table and column (`core.health`)."""

    async def close(self) -> None:
        """Give everything back."""
        await self.http.aclose()
        await self.database.close()
        if self.redis is not None:
            await self.redis.aclose()
