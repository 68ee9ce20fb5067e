"""The composition root: settings → database → plugins → one Litestar application."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from copy import copy
from pathlib import Path

import structlog
from litestar import Litestar, Router
from litestar.config.app import AppConfig
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp
from litestar.utils import join_paths

from core import builtin, door, faults, jobs
from core.database import Database
from core.database.migrate import Branch
from core.database.routes import Routes
from core.database.tables import metadata
from core.identity.vault import Vault, load_master_keys
from core.payments.channels.http import channel_client
from core.platform import Platform
from core.plugin_manager import PluginManager
from core.settings import Settings
from core.strict_json import StrictRequest
from core.tenancy.directory import Directory
from core.web import i18n
from core.web.forwarded import ForwardedAddress
from core.web.packed import PackedAnswers
from core.web.templating import environment

log = structlog.get_logger()
MAX_BODY = 21 * 1024 * 1024
API_VERSION = "1.0"
OPENAPI_PATH = "/schema"


def load_plugins() -> PluginManager:
    """Core's own parts and every installed plugin, through the same hooks."""
    return PluginManager.installed(builtin.PARTS)


def branches(plugins: PluginManager) -> list[Branch]:
    """The migration branches: core first, then each plugin's own schema."""
    builtin.load_models()
    found = [Branch("core", Path(__file__).parent / "database" / "migrations", metadata)]
    for code, plugin_metadata in plugins.collect("register_metadata"):
        package = plugins.info[code].package
        found.append(Branch(code, builtin.folder_of(package) / "migrations", plugin_metadata))
    return found


async def make_platform(settings: Settings, plugins: PluginManager | None = None) -> Platform:
    """The running system without a web server: for the app, the worker and the command line."""
    plugins = plugins or load_plugins()
    vault = Vault(load_master_keys(settings.master_keys, settings.data_dir))
    database = Database(settings.database_url, pool_size=settings.pool_size)
    routes = Routes(database, vault.route_hash)
    http = channel_client(settings.channel_connect_seconds)
    platform = Platform(
        settings=settings,
        database=database,
        vault=vault,
        routes=routes,
        directory=Directory(database, routes),
        plugins=plugins,
        http=http,
        channels={make.code: make(http) for _, make in plugins.collect_all("register_channels")},
    )
    for way in platform.channels.values():
        if attach := getattr(way, "attach", None):  # a channel whose other side is our own desk
            attach(platform)
    await jobs.connect(platform)
    return platform


def _browser_sources(platform: Platform) -> str:
    """Whose scripts and frames may appear in our pages: a card gateway's own, and in a demo the sandbox that plays the wallet."""
    simulated = [platform.settings.sandbox_url] if platform.settings.demo else []
    return " ".join(simulated + [source for way in platform.channels.values() for source in getattr(way, "browser_sources", ())])


def _own(code: str, handlers: list[HTTPRouteHandler]) -> list[HTTPRouteHandler]:
    for handler in handlers:
        handler.opt["plugin"] = code
    return handlers


def _around(handler: ASGIApp, platform: Platform) -> ASGIApp:
    """What every answer passes, also one to an address that does not exist: whose address, request id, headers, language."""
    speaking = i18n.LanguageMiddleware(handler)
    return PackedAnswers(ForwardedAddress(door.RequestContext(speaking, sources=_browser_sources(platform)), platform.settings))


class _Application(Litestar):
    """Litestar whose routes are built once. By itself it builds an address anew for each of its handlers, and its whole tree for each route:
    with 900 handlers that was more than half of what a process takes to start."""

    def register_all(self, handlers: Sequence[HTTPRouteHandler | Router]) -> None:
        """What `register` does with one handler, for all of them; a router goes its ordinary way."""
        at: dict[str, list[HTTPRouteHandler]] = {}
        for handler in handlers:
            if isinstance(handler, Router):
                self.register(handler)
                continue
            handler.owner = self
            own = copy(handler)
            for path in handler.paths:
                at.setdefault(join_paths([self.path, path]), []).append(own)
        for path, here in at.items():
            route = HTTPRoute(path=path, route_handlers=here)
            self.routes.append(route)
            for handler in here:
                handler.on_registration(self)
            route.create_handler_map()
            for plugin in self.plugins.receive_route:
                plugin.receive_route(route)
        self.asgi_router.construct_routing_trie()


def create_app(platform: Platform) -> Litestar:
    """One application with the routes of core and of every installed plugin."""
    plugins = platform.plugins
    handlers = [handler for code, found in plugins.collect("register_routes") for handler in _own(code, list(found))]
    templates = [folder for _, folder in plugins.collect("register_templates")]
    for home in dict.fromkeys([*(folder.parent for folder in templates), *(builtin.folder_of(info.package) for info in plugins.info.values())]):
        if (home / "translations").is_dir():
            i18n.add_catalogues(home / "translations")

    @contextlib.asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        yield
        await platform.close()

    def adopt(config: AppConfig) -> AppConfig:
        config.state["platform"] = platform
        config.state["templates"] = environment(templates)
        return config

    app = _Application(
        on_app_init=[adopt],
        lifespan=[lifespan],
        request_max_body_size=MAX_BODY,
        request_class=StrictRequest,
        dependencies={
            "session": Provide(door.provide_session),
            "asker": Provide(door.provide_asker),
            "paying": Provide(door.provide_paying),
            "actor": Provide(door.provide_actor, sync_to_thread=False),
            "payer": Provide(door.provide_payer, sync_to_thread=False),
            "client": Provide(door.provide_client),
            "platform": Provide(door.provide_platform, sync_to_thread=False),
        },
        guards=[door.known_first],
        exception_handlers=faults.HANDLERS,
        openapi_config=OpenAPIConfig(
            title="榕 Banyan 开放接口",
            version=API_VERSION,
            path=OPENAPI_PATH,
            components=Components(security_schemes={"key": SecurityScheme(type="http", scheme="bearer")}),
            security=[{"key": []}],
            render_plugins=[JsonRenderPlugin()],
        ),
    )
    app.register_all(handlers)
    app.asgi_handler = _around(app.asgi_handler, platform)
    door.one_after_another(app)
    door.check_routes([h for route in app.routes if not route.path.startswith(OPENAPI_PATH) for h in getattr(route, "route_handlers", [])])
    return app
