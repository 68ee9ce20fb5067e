"""Where a robot may go: https or imaps out in the world, or what the sandbox plays; nothing inside our own network (SSRF)."""

import asyncio
import ipaddress
import socket
from urllib.parse import urlsplit

import msgspec

from core.web.i18n import N_
from core.webhooks.addresses import is_public
from plugins.medical.robots.endings import Refused, Unreachable
from plugins.medical.robots.errors import RobotBroken

SCHEMES = {"site": ("https", 443), "mailbox": ("imaps", 993)}
PLAIN = {"http": 80, "imap": 143}


class Place(msgspec.Struct, frozen=True):
    """A robot's own host, and the number that was looked up for it."""

    scheme: str
    host: str
    port: int
    number: str = ""


def place_of(address: str) -> Place:
    """The host of an address."""
    parts = urlsplit(address.strip())
    known = {scheme: port for scheme, port in SCHEMES.values()} | PLAIN
    return Place(parts.scheme, (parts.hostname or "").lower(), parts.port or known.get(parts.scheme, 0))


def check(address: str, way: str, sandbox_url: str) -> str:
    """An address as it may be kept; RobotBroken for one that may never be asked. The sandbox may be reached without TLS."""
    try:
        parts = urlsplit(address.strip())
        place = place_of(address)
    except ValueError:
        raise RobotBroken(why=N_("地址无效"), field="address") from None
    scheme = SCHEMES[way][0]
    played = _is_sandbox(place, sandbox_url)
    if not place.host or not place.port or parts.username or parts.password or parts.fragment or len(address) > 300:
        raise RobotBroken(why=N_("地址须完整，且不带用户名、密码和 #"), field="address")
    if not (parts.scheme == scheme or (played and (parts.scheme == "http") == (way == "site"))):
        raise RobotBroken(why=N_("网站地址须以 https:// 开头，邮箱地址须以 imaps:// 开头"), field="address")
    return address.strip()


def _is_sandbox(place: Place, sandbox_url: str) -> bool:
    """Whether this is the sandbox's site, or the mailbox beside it (its port is free)."""
    if not sandbox_url or place.scheme not in PLAIN:
        return False
    sandbox = place_of(sandbox_url)
    return place.host == sandbox.host and (place.scheme == "imap" or place.port == sandbox.port)


async def look_up(address: str, sandbox_url: str) -> Place:
    """The number behind a robot's host; Refused when any number of it lies inside a network of ours."""
    place = place_of(address)
    played = _is_sandbox(place, sandbox_url)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except OSError:
        raise Unreachable("host_unknown", host=place.host) from None
    numbers = [each[4][0].split("%")[0] for each in found]
    if not numbers or (not played and not all(is_public(ipaddress.ip_address(number)) for number in numbers)):
        raise Refused("inside_address", host=place.host)
    return msgspec.structs.replace(place, number=numbers[0])
