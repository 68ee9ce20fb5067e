"""Whose address a request came from when proxies stand before us: what they say is believed of proxies we were told to trust, of nobody else."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

from litestar.types import ASGIApp, Receive, Scope, Send

from core.settings import Settings

HEADER = b"x-forwarded-for"


class ForwardedAddress:
    """ASGI middleware: `request.client` becomes the caller's own address when the connection comes from a trusted proxy."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._trusted = settings.proxy_networks()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._trusted and scope["type"] == "http" and scope.get("client"):
            given = b",".join(value for name, value in scope["headers"] if name == HEADER).decode("latin-1")
            scope["client"] = (origin(scope["client"][0], given, self._trusted), 0)
        await self._app(scope, receive, send)


def origin(peer: str, forwarded: str, trusted: Sequence[IPv4Network | IPv6Network]) -> str:
    """The nearest address that is not a trusted proxy's: from the peer leftwards through X-Forwarded-For, as far as it can be believed.

    Each proxy adds on the right whom it heard from, so what stands left of the first stranger is that stranger's own word.
    """
    nearest = peer
    said = [part for part in forwarded.split(",") if part.strip()]
    for hop in (peer, *reversed(said)):
        plain = _plain(hop)
        if plain is None:
            break
        nearest = plain
        if not any(ip_address(plain) in network for network in trusted):
            break
    return nearest


def _plain(hop: str) -> str | None:
    """An address without port, brackets or blanks; None for anything else (`unknown`, a name)."""
    text = hop.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)
