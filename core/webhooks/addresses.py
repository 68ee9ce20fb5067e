"""Where a message may go: https, a public address, nowhere inside our own network (SSRF); what was looked up is what is called."""

import asyncio
import ipaddress
import socket
from urllib.parse import urlsplit

import msgspec

from core.settings import Settings
from core.webhooks.errors import AddressRefused, EndpointInvalid

LONGEST = 300


class Target(msgspec.Struct, frozen=True):
    """An address that was looked up: `url` has the number in place of the name, `host` is the name for TLS and the Host header."""

    url: str
    host: str
    name: str


def check(url: str, settings: Settings) -> str:
    """An address as it may be kept; EndpointInvalid for one that can never be called."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise EndpointInvalid(fault="推送地址无法识别，请填写 https:// 开头的完整地址") from None
    allowed = ("https", "http") if settings.webhook_private else ("https",)
    if parts.scheme not in allowed or not parts.hostname or parts.username or parts.password or parts.fragment or len(url) > LONGEST or port == 0:
        raise EndpointInvalid(fault="推送地址应是 https:// 开头的完整地址，不带用户名、密码和 #")
    return url.strip()


async def look_up(url: str, settings: Settings) -> Target:
    """The number behind an address's name; AddressRefused when any number of it lies inside a network of ours."""
    parts = urlsplit(url)
    name, port = str(parts.hostname), parts.port or (443 if parts.scheme == "https" else 80)
    found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    numbers = [ipaddress.ip_address(each[4][0].split("%")[0]) for each in found]
    if not numbers or (not settings.webhook_private and not all(is_public(number) for number in numbers)):
        raise AddressRefused(host=name)
    literal = f"[{numbers[0]}]" if numbers[0].version == 6 else str(numbers[0])
    where = parts._replace(netloc=f"{literal}:{port}").geturl()
    return Target(where, f"{name}:{parts.port}" if parts.port else name, name)


def is_public(number: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address is out in the world, also when it hides in an IPv6 one."""
    inside = getattr(number, "ipv4_mapped", None) or getattr(number, "sixtofour", None) or number
    return bool(inside.is_global and not inside.is_multicast and number.is_global)
