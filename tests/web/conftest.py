"""A small application that shows the shell's pages, without a database, behind the real security headers."""

import asyncio
import socket
import threading

import httpx
import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar, Request, get, post
from litestar.params import FromPath

from core.door import RequestContext
from core.web import gallery, i18n, routes
from core.web.templating import environment, redirect, render


def _stand_in_for_the_door(request: Request) -> None:
    request.state.client = gallery.SCHOOL
    request.state.csrf_token = "proof"
    if request.url.path.startswith("/console"):
        request.state.actor = gallery.CASHIER
        request.state.menu = gallery.MENU


@get("/login")
async def login(request: Request) -> object:
    return render(request, "pages/login.html", action="/login", step=request.query_params.get("step", "password"))


def _error(request: Request, status: int) -> object:
    return render(request, "pages/error.html", status=status, error_status=status, error_code="X", error_message="出错了", request_id="")


@get("/wrong/{status:int}")
async def wrong(request: Request, status: FromPath[int]) -> object:
    return _error(request, status)


@get("/h5/qingrong/wrong")
async def wrong_for_a_payer(request: Request) -> object:
    return _error(request, 404)


@get("/console/flash")
async def flash_page(request: Request) -> object:
    return render(request, "pages/gallery.html", **gallery.samples())


@post("/console/saved")
async def saved(request: Request) -> object:
    return redirect(request, "/console/flash", success="已保存 <b>1</b> 条")


@get("/console/search")
async def search(request: Request) -> object:
    """What the box finds here: always the gallery's sample."""
    return render(request, "test/found.html", found=gallery.samples()["found"])


PAGE = """{% extends "layouts/console.html" %}{% import "components/button.html" as button %}{% import "components/job.html" as job %}
{% block title %}t{% endblock %}{% block main %}<p id="seen">{{ posts }}</p>
{{ button.post("直接", "/console/count") }}
{{ button.post("作废", "/console/count", fields={"x": 1}, confirm="作废？", consequence="不能恢复") }}
{% set events = "/nowhere" if query_value("events") else "" %}
{{ job.progress("/console/job", "发布", "done" if looks > 2 else "running", [looks, 3] | min, 3, events=events) }}{% endblock %}"""
CHECKING = """{% extends "layouts/h5.html" %}{% import "components/h5.html" as h5 %}{% block title %}t{% endblock %}
{% block main %}{{ h5.result("paid" if looks > 2 else "checking", "学费", "说明", 100) }}{% endblock %}"""


def _counting() -> list:
    seen = {"posts": 0, "looks": 0, "h5": 0}

    @post("/console/count")
    async def count(request: Request) -> object:
        seen["posts"] += 1
        await asyncio.sleep(0.3)
        return redirect(request, "/console/job")

    @get("/console/job")
    async def show(request: Request) -> object:
        seen["looks"] = 0 if "again" in request.query_params else seen["looks"] + 1
        return render(request, "test/page.html", **seen)

    @get("/h5/checking")
    async def checking(request: Request) -> object:
        seen["h5"] += 1
        return render(request, "test/checking.html", looks=seen["h5"])

    return [count, show, checking]


@pytest.fixture(scope="session")
def shell_app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("templates")
    (folder / "test").mkdir()
    (folder / "test" / "page.html").write_text(PAGE, encoding="utf-8")
    (folder / "test" / "checking.html").write_text(CHECKING, encoding="utf-8")
    (folder / "test" / "found.html").write_text('{% import "components/search.html" as search %}{{ search.groups(found) }}', encoding="utf-8")
    handlers = [*routes.shell_routes(), search, login, wrong, wrong_for_a_payer, flash_page, saved]
    app = Litestar(
        [*handlers, *_counting()],
        before_request=_stand_in_for_the_door,
        middleware=[RequestContext, i18n.LanguageMiddleware],
    )
    app.state["templates"] = environment([folder])
    return app


@pytest.fixture(scope="session")
def shell_site(shell_app):
    """The address of the shell over real HTTP, served from a thread of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Server(shell_app, address="127.0.0.1", port=port, interface=Interfaces.ASGI, log_enabled=False)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(server.serve(),))
    thread.start()
    yield f"http://127.0.0.1:{port}"
    loop.call_soon_threadsafe(server.stop)
    thread.join()
    loop.close()


@pytest.fixture
def shell(shell_site):
    """A visitor of the shell without cookies."""
    with httpx.Client(base_url=shell_site, transport=httpx.HTTPTransport(retries=5)) as client:
        yield client
