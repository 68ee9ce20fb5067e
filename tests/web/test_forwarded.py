"""Proxy headers: believed of proxies we were told to trust, of nobody else."""

import httpx
import pytest

from core.settings import Settings
from core.web.forwarded import ForwardedAddress, origin

NETWORKS = Settings(trusted_proxies="10.0.0.0/8, 192.0.2.1, fd00::/8").proxy_networks()


@pytest.mark.parametrize(
    ("peer", "said", "found"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.2.3.4", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1:40112", "198.51.100.1"),
        ("fd00::1", "[2001:db8::7]:443", "2001:db8::7"),
        ("::ffff:10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, <script>, 10.9.9.9", "10.9.9.9"),
        ("10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2"),
    ],
)
def test_the_nearest_stranger_is_the_caller(peer, said, found):
    assert origin(peer, said, NETWORKS) == found


async def told(settings: Settings, peer: str, *headers: str) -> str:
    """The address an application is told."""
    seen: list[str] = []

    async def application(scope, receive, send) -> None:
        seen.append(scope["client"][0])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    transport = httpx.ASGITransport(ForwardedAddress(application, settings), client=(peer, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://banyan.test") as asking:
        await asking.get("/", headers=[("x-forwarded-for", header) for header in headers])
    return seen[0]


async def test_by_default_nobody_is_believed():
    assert await told(Settings(), "10.0.0.1", "198.51.100.1") == "10.0.0.1"


async def test_several_headers_are_read_as_one():
    trusting = Settings(trusted_proxies="10.0.0.0/8")
    assert await told(trusting, "10.0.0.1", "6.6.6.6", "198.51.100.1", "10.0.0.2") == "198.51.100.1"
    assert await told(trusting, "203.0.113.9", "198.51.100.1") == "203.0.113.9"


def test_a_network_that_is_none_stops_the_start(monkeypatch):
    monkeypatch.setenv("BANYAN_TRUSTED_PROXIES", "10.0.0.0/8,proxy.internal")
    with pytest.raises(ValueError, match="BANYAN_TRUSTED_PROXIES"):
        Settings.load()


async def test_the_audit_trail_and_the_throttle_see_the_caller(client, staff, app, platform):
    """Behind the application's own outermost layer, trusting the proxy that tests connect from."""
    from core.identity import audit

    school = await client(plugins=())
    admin = await staff(school, "identity.user.manage", "identity.user.read")
    inner = app.asgi_handler
    app.asgi_handler = ForwardedAddress(inner, Settings(trusted_proxies="192.0.2.8"))
    try:
        answer = await admin.post("/api/v1/users", json={"login": "proxied", "name": "经代理"}, headers={"x-forwarded-for": "198.51.100.77"})
    finally:
        app.asgi_handler = inner
    async with platform.database.tenant(school.id) as session:
        rows = await audit.history(session, "user", answer.json()["id"])
    assert [row["ip"] for row in rows] == ["198.51.100.77"]
