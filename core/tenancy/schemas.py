"""A client as its own pages see it."""

from uuid import UUID

import msgspec


class ClientProfile(msgspec.Struct, frozen=True):
    """What every request must know of its client."""

    id: UUID
    code: str
    name: str
    kind: str
    status: str
    branding: dict[str, object]
    settings: dict[str, object]
    plugins: frozenset[str]
    bank_name: str
    paused: frozenset[str] = frozenset()
    """Plugins that were on and are off now; what happens meanwhile waits for them."""

    def has(self, plugin: str) -> bool:
        """Whether a plugin is on for this client."""
        return plugin in self.plugins
