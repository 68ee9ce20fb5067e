"""What every test may ask for: real servers, started once per session and gone with it, even when it is killed.

database   the application's door to a migrated database        tenant     a fresh tenant id, for low-level tests
platform   the running system without a web server              bank       the bank's tenant with its head office
client     makes clients of the bank                            staff      logs somebody in, with the rights a test names
web        the application over ASGI: quick                     site       the application over real HTTP, for browsers
settle     does everything that is due for a tenant, as the workers would
chromium   the browser, started once                            fresh_database   another migrated database, for tests that break one
"""

import base64
import contextlib
import datetime as dt
import gc
import importlib.util
import itertools
import ssl
import sys
import time
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import insert

from core import builtin, clock, ids
from core.app import branches, create_app, make_platform
from core.database import migrate
from core.database.tables import new_tenant_id
from core.hookspecs import Role, hook
from core.identity import models as identity
from core.identity import passwords, sessions_repository
from core.identity.actor import Actor
from core.jobs.pulse import pulse
from core.jobs.runner import run_next
from core.plugin_manager import PluginManager
from core.settings import Settings
from core.supervisor import Child, EmbeddedPostgres, EmbeddedRedis, Supervisor
from core.supervisor.guarded import free_port
from core.tenancy import models as tenancy
from core.tenancy import numbers
from core.tenancy.directory import ClientProfile
from tests import looking, shared_reading
from tests.demo import demo

__all__ = ["demo"]
MASTER_KEYS = "test:" + base64.b64encode(bytes(range(32))).decode()
TEMPLATE = "banyan_template"
KEYS = 24
CHROMIUM = "/usr/bin/chromium"
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]


def pytest_addoption(parser):
    parser.addoption("--pictures", action="store_true", help="leave a picture of every page that is walked in tests/screenshots/")


def pytest_configure(config):
    looking.wanted = config.getoption("pictures")


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session):
    shared_reading.read_a_share(session.config)


def pytest_collection_finish():
    """What was imported stays: it is not looked through for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_collection_modifyitems(items):
    """Long files are sent out first, a walk and one that mostly waits by turns: nobody ends with a walk while the others have nothing left."""
    walks = list(dict.fromkeys(item.path for item in items if item.get_closest_marker("browser")))
    waits = list(dict.fromkeys(item.path for item in items if item.get_closest_marker("long")))
    first = [path for pair in itertools.zip_longest(walks, waits) for path in pair if path]
    order = {path: number for number, path in enumerate(dict.fromkeys(first))}
    items.sort(key=lambda item: order.get(item.path, len(order)))


@pytest.fixture(scope="session", autouse=True)
def quick_secrets():
    """RSA keys come by turns from a stock that this process makes, passwords are hashed at the least cost, the list of certificate authorities
    that every HTTP client reads is read once: each of them took longer than most tests.

    The processes that tests start, as a bank's own do, make keys and hashes at full price.
    """
    stock: list[rsa.RSAPrivateKey] = []
    turn, make = itertools.count(), rsa.generate_private_key
    lists: dict[str, ssl.SSLContext] = {}
    read = ssl.create_default_context

    def from_stock(public_exponent: int, key_size: int) -> rsa.RSAPrivateKey:
        assert (public_exponent, key_size) == (65537, 2048)
        if len(stock) < KEYS:
            stock.append(make(public_exponent, key_size))
            return stock[-1]
        return stock[next(turn) % KEYS]

    def read_once(*purpose: object, **given: object) -> ssl.SSLContext:
        if purpose or set(given) != {"cafile"}:
            return read(*purpose, **given)
        return lists.get(given["cafile"]) or lists.setdefault(given["cafile"], read(**given))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", read_once)
        patch.setattr(rsa, "generate_private_key", from_stock)
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """A PostgreSQL 18 with Banyan's roles and the empty database `banyan`; does not survive a power cut, is fast."""
    many = {"max_connections": "300"}  # a worker's houses, sites and sandboxes each have pools of their own
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres"), fast=True, settings=many) as server:
        yield server


@pytest.fixture(scope="session")
def redis(tmp_path_factory):
    with EmbeddedRedis(tmp_path_factory.mktemp("redis")) as server:
        yield server


class Probe:
    """A part of core that only tests have: it offers the roles that tests make up."""

    def __init__(self) -> None:
        self.roles: dict[frozenset[str], Role] = {}

    @hook
    def register_roles(self) -> list[Role]:
        return list(self.roles.values())

    def role_with(self, permissions: frozenset[str], scope: str) -> Role:
        number = len(self.roles)
        code = f"probe.{number}"
        return self.roles.setdefault(permissions | {scope}, Role(code, f"№ {number}", scope, permissions, side="both"))


@pytest.fixture(scope="session")
def probe():
    return Probe()


@pytest.fixture(scope="session")
def plugins(probe):
    """Core's parts, the installed plugins, and the tests' own part."""
    parts = {**builtin.PARTS, "probe": probe}
    if importlib.util.find_spec("plugins.education.plugin") is None:
        return PluginManager({}, parts)
    return PluginManager.installed(parts)


class Addresses(msgspec.Struct, frozen=True):
    """One database as each role reaches it."""

    name: str
    app: str
    owner: str
    backup: str
    superuser: str


def addresses_on(server: EmbeddedPostgres, name: str) -> Addresses:
    """A server's database as each role reaches it."""
    roles = {"app": "banyan_app", "owner": "banyan_owner", "backup": "banyan_backup", "superuser": "postgres"}
    return Addresses(name, **{key: server.url(role, name) for key, role in roles.items()})


@pytest.fixture(scope="session")
def make_addresses():
    """`make_addresses(server, "banyan")`: for tests with a PostgreSQL of their own."""
    return addresses_on


@pytest.fixture(scope="session")
async def template(postgres, plugins):
    """The database that every other one is copied from: built by the migrations, once."""
    postgres.psql(f"CREATE DATABASE {TEMPLATE} OWNER banyan_owner")
    await migrate.upgrade(postgres.url("banyan_owner", TEMPLATE), branches(plugins))
    return TEMPLATE


@pytest.fixture(scope="session")
def fresh_database(postgres, template):
    """Makes migrated databases: `fresh_database()` answers its addresses."""

    def make(source: str = template) -> Addresses:
        name = f"test_{uuid4().hex[:12]}"
        postgres.psql(f"CREATE DATABASE {name} TEMPLATE {source} OWNER banyan_owner")
        return addresses_on(postgres, name)

    return make


@pytest.fixture(scope="session")
def make_settings(tmp_path_factory):
    """Settings for a system on one database: `make_settings(addresses, redis_url="", demo=True, …)`."""

    def make(addresses: Addresses, **given: object) -> Settings:
        return Settings(
            **{
                "data_dir": tmp_path_factory.mktemp("data"),
                "database_url": addresses.app,
                "owner_database_url": addresses.owner,
                "backup_database_url": addresses.backup,
                "master_keys": MASTER_KEYS,
                "public_url": "http://banyan.test",
                "channel_connect_seconds": 20,  # a sandbox of this machine may wait for a processor that is busy with other tests
            }
            | given
        )

    return make


@pytest.fixture(scope="session")
def addresses(fresh_database):
    """The database that most tests share; each keeps to tenants of its own."""
    return fresh_database()


@pytest.fixture(scope="session")
async def platform(addresses, make_settings, plugins):
    """The running system, without Redis: nothing happens behind a test's back (see `settle`)."""
    made = await make_platform(make_settings(addresses), plugins)
    yield made
    await made.close()


@pytest.fixture(scope="session")
def database(platform):
    return platform.database


@pytest.fixture
def tenant() -> UUID:
    """A tenant that owns nothing yet."""
    return new_tenant_id()


class Bank(msgspec.Struct, frozen=True):
    """The bank's tenant and its head office."""

    id: UUID
    branch_id: UUID


async def open_bank(platform) -> Bank:
    """Open the bank itself, once per database."""
    bank = Bank(new_tenant_id(), ids.uuid7())
    head_office = {"id": bank.branch_id, "path": "hq", "kind": "hq", "code": "HQ", "name": "榕城银行总行"}
    async with platform.database.tenant(bank.id) as session:
        await platform.routes.add(session, "bank", "bank")
        await session.execute(insert(tenancy.branch), head_office)
    return bank


@pytest.fixture(scope="session")
async def bank(platform):
    return await open_bank(platform)


@pytest.fixture(scope="session")
def found_bank():
    """`await found_bank(platform)`: the bank of another platform, for tests with a database of their own."""
    return open_bank


@pytest.fixture(scope="session")
def open_client():
    """`await open_client(platform, bank, …)`: the same for a client."""
    return add_client


async def add_client(platform, bank: Bank, *, code: str = "", kind: str = "school", plugins=("education",), **given) -> ClientProfile:
    """A client in use, its plugins on: what a branch operator's clicks come to."""
    tenant_id, code = new_tenant_id(), code or f"client-{uuid4().hex[:8]}"
    row = {"id": tenant_id, "code": code, "name": f"测试客户 {code}", "kind": kind, "branch_id": bank.branch_id, "status": "active"}
    async with platform.database.tenant(bank.id) as session:
        await platform.routes.add(session, "client", code, tenant_id)
        await session.execute(insert(tenancy.client), row | given)
        for plugin in plugins:
            switch = {"client_id": tenant_id, "plugin": plugin, "enabled": True, "changed_by": "test"}
            await session.execute(insert(tenancy.client_plugin), switch)
    return await platform.directory.profile(tenant_id)


@pytest.fixture
async def client(platform, bank):
    """Makes clients: `await client(plugins=(), settings={…})` answers the profile.

    In one database a merchant number belongs to one client (`core.tenancy.numbers`): when the test is over its clients let go of theirs, so
    that the next one's may learn the same samples.
    """
    made: list[ClientProfile] = []

    async def make(**given: object) -> ClientProfile:
        made.append(await add_client(platform, bank, **given))
        return made[-1]

    yield make
    for profile in made:
        async with platform.database.tenant(profile.id) as session:
            await numbers.give_back(session)


@pytest.fixture(scope="session")
def app(platform):
    """The application around the shared platform."""
    return create_app(platform)


@pytest.fixture
async def web(app) -> AsyncIterator[httpx.AsyncClient]:
    """Nobody in particular, asking over ASGI; follows no redirect."""
    transport = httpx.ASGITransport(app, client=("192.0.2.7", 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://banyan.test") as asking:
        yield asking


async def log_in(platform, tenant_id: UUID, role: str, org_id: UUID | None = None, name: str = "测试员") -> tuple[Actor, str]:
    """A member of staff with one role and an open session: the actor and the session's token."""
    token, csrf, user_id, session_id = ids.token(), ids.token(), ids.uuid7(), ids.uuid7()
    user = {"id": user_id, "login": f"u{user_id.hex[-12:]}", "name": name, "password_hash": "!"}
    opened = {
        "id": session_id, "token_hash": platform.vault.route_hash("session", token), "user_id": user_id, "csrf": csrf,
        "second_factor": True, "ip": "", "agent": "", "seen_at": clock.now(), "expires_at": clock.now() + dt.timedelta(hours=9),
    }  # fmt: skip
    async with platform.database.tenant(tenant_id) as session:
        await session.execute(insert(identity.user), user)
        grant = {"id": ids.uuid7(), "user_id": user_id, "role": role, "org_id": org_id, "granted_by": "test"}
        await session.execute(insert(identity.role_grant), grant)
        await sessions_repository.insert_session(session, opened)
        await platform.routes.add(session, "session", token)
    return Actor(kind="user", id=str(user_id), name=name, tenant_id=tenant_id, csrf=csrf, session_id=session_id), token


@pytest.fixture
async def staff(platform, app, probe):
    """Logs people in: `await staff(client, "billing.bill.read", …)` answers an HTTP client with their session; `.actor` is who they are."""
    async with contextlib.AsyncExitStack() as stack:

        async def make(tenant: object, *permissions: str, org_id: UUID | None = None, name: str = "测试员") -> httpx.AsyncClient:
            tenant_id = getattr(tenant, "id", tenant)
            role = probe.role_with(frozenset(permissions), "ORG_SUBTREE" if org_id else "TENANT")
            actor, token = await log_in(platform, tenant_id, role.code, org_id, name)
            asking = httpx.AsyncClient(
                transport=httpx.ASGITransport(app, client=("192.0.2.8", 1234)), base_url="http://banyan.test",
                cookies={"banyan_session": token}, headers={"x-csrf-token": actor.csrf},
            )  # fmt: skip
            asking.actor = msgspec.structs.replace(actor, rights=dict.fromkeys(permissions))
            return await stack.enter_async_context(asking)

        yield make


@pytest.fixture
def settle(platform):
    """`await settle(client)`: everything that is due for a tenant is done, jobs included, until nothing is."""

    async def run(tenant: object) -> None:
        for _ in range(50):
            tenant_id = getattr(tenant, "id", tenant)
            due_at = await pulse(platform, tenant_id)
            worked = await run_next(platform, tenant_id)
            if not worked and (due_at is None or due_at > clock.now()):
                return
        raise AssertionError("the tenant's work does not come to an end")

    return run


@pytest.fixture(scope="session")
def site(addresses, bank, make_settings, tmp_path_factory):
    """The address of the application over real HTTP, served by Granian in a process of its own, on the shared database."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = make_settings(addresses, public_url=url, port=port)
    names = ("data_dir", "database_url", "master_keys", "public_url", "port")
    env = {f"BANYAN_{name.upper()}": str(getattr(settings, name)) for name in names}
    lines: list[str] = []
    supervisor = Supervisor(write=lines.append)
    supervisor.start([Child("web", [sys.executable, "-m", "core.cli", "web"], env=env, restart=False)])
    try:
        _wait_for(url, lines)
        yield url
    finally:
        supervisor.stop()


def _wait_for(url: str, lines: list[str]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(url + "/healthz").status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError("the site did not come up:\n" + "\n".join(lines))


@pytest.fixture(scope="session")
async def chromium():
    """Chromium, started once; every test opens windows of its own."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        await browser.close()
