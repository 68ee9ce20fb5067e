"""The sandbox's composition root: settings → its own tables → one Litestar application on its own port."""

import contextlib
from collections.abc import AsyncIterator

import asyncpg
import msgspec
import structlog
from litestar import Litestar, MediaType, Request, Response, get
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.openapi import OpenAPIConfig
from litestar.static_files import create_static_files_router

from core.sandbox import console, pages
from core.sandbox.delivery.notifier import Notifier
from core.sandbox.faults import api as faults_api
from core.sandbox.schema import plain_url
from core.sandbox.settings import SandboxSettings
from core.sandbox.sms import api as sms_api
from core.sandbox.worlds import worlds

log = structlog.get_logger()


class Sandbox(msgspec.Struct):
    """What every handler may need."""

    settings: SandboxSettings
    pool: asyncpg.Pool
    notifier: Notifier


@get("/sandbox/wechat.js", media_type="text/javascript; charset=utf-8", sync_to_thread=False)
def wechat_js() -> str:
    """The wallet's bridge for a page that is not inside WeChat; include it in sandbox mode only."""
    return (pages.STATIC / "wechat.js").read_text(encoding="utf-8")


@get("/health", media_type=MediaType.TEXT)
async def health(state: State) -> str:
    """`ok` once the database answers."""
    await state.sandbox.pool.fetchval("SELECT 1")
    return "ok"


def broken(request: Request, error: Exception) -> Response:
    """An error of ours; the log tells the rest."""
    log.error("sandbox_error", path=request.url.path, error=repr(error), exc_info=error)
    content = {"code": "SYSTEM_ERROR", "message": "沙箱内部错误，请查看沙箱日志"}
    return Response(content, status_code=500, media_type=MediaType.JSON)


async def _connected(settings: SandboxSettings) -> asyncpg.Pool:
    try:
        return await asyncpg.create_pool(
            plain_url(settings.database_url), min_size=1, max_size=16, server_settings={"application_name": "sandbox"}
        )
    except (OSError, asyncpg.PostgresError) as error:
        log.error("sandbox_database_away", error=repr(error))
        raise


def create_app(settings: SandboxSettings | None = None) -> Litestar:
    """The sandbox as an ASGI application; without settings they come from the environment."""
    settings = settings or SandboxSettings.load()

    @contextlib.asynccontextmanager
    async def alive(app: Litestar) -> AsyncIterator[None]:
        """Connections, the channels' keys and the notifier live exactly as long as the application."""
        pool = await _connected(settings)
        async with pool:
            async with pool.acquire() as connection:
                for world in worlds():
                    await world.ready(connection)
            app.state.sandbox = Sandbox(settings, pool, Notifier(pool, settings, worlds()))
            async with contextlib.AsyncExitStack() as stack:
                for world in worlds():
                    if world.serving is not None:
                        await stack.enter_async_context(world.serving(pool))
                await stack.enter_async_context(app.state.sandbox.notifier.running())
                yield

    return Litestar(
        route_handlers=[
            *(router for world in worlds() for router in world.routers),
            faults_api.router,
            sms_api.router,
            console.router,
            wechat_js,
            health,
            create_static_files_router(path="/sandbox/static", directories=[pages.STATIC]),
        ],
        lifespan=[alive],
        template_config=pages.templates(),
        exception_handlers={500: broken},
        logging_config=None,
        cors_config=CORSConfig(allow_origins=["*"]),
        openapi_config=OpenAPIConfig(title="Banyan 沙箱", version="1"),
    )
