"""Merchant sites that mean harm, seen by a real Chromium: it reaches its own host and no other, takes no more than it may, and shows no secret."""

import asyncio
import contextlib
import datetime as dt

import pytest

from plugins.medical.robots import gate, site
from plugins.medical.robots.account import Account
from plugins.medical.robots.endings import FormatChanged, LoginFailed, Refused, Unreachable

pytestmark = pytest.mark.browser
DAY = dt.date(2026, 3, 1)
SECRET = "p&ss-wörd <of> ours"
LOGIN = """<!DOCTYPE html><meta charset=utf-8>{more}<form action="{action}" method="{method}"><input id=account name=a><input id=password type=password name=p>
<button class=login>in</button></form>"""
HOME = """<!DOCTYPE html><meta charset=utf-8>{more}<nav><a class=bills href=/bills>x</a></nav>"""
BILLS = """<!DOCTYPE html><form action=/bills><input name=billDate><button class=query>q</button></form><a class=download href=/file download=b.csv>f</a>"""


@contextlib.asynccontextmanager
async def serving(pages):
    """A site of these pages by path; answers its address and what was asked of it."""
    asked = []

    async def answer(reader, writer):
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            first = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0].decode()
            path = first.split(" ")[1].split("?")[0]
            asked.append(path)
            page = pages.get(path, "")
            if callable(page):
                await page(writer)
            else:
                body = page.encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
            await writer.drain()
        writer.close()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", asked
    finally:
        listening.close()


def pages(more: str = "", action: str = "/home", method: str = "get", **changed):
    return {"/": LOGIN.format(more=more, action=action, method=method), "/home": HOME.format(more=more), "/bills": BILLS} | changed


async def go(address: str):
    async def still(step):
        return None

    return await site.download(Account("meituan", address, "shop", SECRET, address), DAY, still)


def file_of(size: int, sent: list[int] | None = None):
    """A file of so many bytes; `sent` is told of each piece that went out."""

    async def write(writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename=bill.csv\r\n\r\n")
        with contextlib.suppress(OSError):
            for _ in range(size // 65536 + 1):
                writer.write(b"1" * 65536)
                await writer.drain()
                if sent is not None:
                    sent.append(65536)

    return write


@pytest.mark.slow
async def test_what_a_page_embeds_opens_or_fetches_beside_its_own_host_is_never_asked():
    async with serving({}) as (inside, asked):
        port = inside.rsplit(":", 1)[1]
        more = f"""<img src="{inside}/img"><iframe src="http://localhost:{port}/frame"></iframe><link rel=preconnect href="{inside}">
        <script>fetch('{inside}/fetch',{{mode:'no-cors'}}); navigator.sendBeacon('{inside}/beacon','x'); new WebSocket('ws://127.0.0.1:{port}/socket');
        window.open('{inside}/popup'); new EventSource('{inside}/events')</script>"""
        async with serving(pages(more) | {"/file": file_of(100)}) as (address, _):
            (brought,) = await go(address)
        assert brought.name.endswith(".csv") and asked == []


@pytest.mark.parametrize("method", [pytest.param("get", marks=pytest.mark.slow), "post"])
async def test_a_form_that_sends_the_secret_elsewhere_sends_it_nowhere(monkeypatch, method):
    monkeypatch.setattr(site, "WAIT_MS", 3_000)
    async with serving({}) as (inside, asked), serving(pages(action=f"{inside}/take", method=method)) as (address, _):
        with pytest.raises(Refused, match="led_elsewhere") as told:
            await go(address)
        assert asked == [] and told.value.facts == {"host": "127.0.0.1"} and told.value.keep == []


@pytest.mark.slow
async def test_a_download_without_end_is_cut_off(monkeypatch):
    monkeypatch.setattr(gate, "MOST_BYTES", 2 * 1024 * 1024)
    monkeypatch.setattr(site, "WAIT_MS", 5_000)
    sent: list[int] = []
    async with serving(pages() | {"/file": file_of(60 * 1024 * 1024, sent)}) as (address, _):
        with pytest.raises(Refused, match="too_large"):
            await go(address)
    assert sum(sent) < 20 * 1024 * 1024


@pytest.mark.slow
async def test_a_file_of_40_mb_is_not_read():
    async with serving(pages() | {"/file": file_of(40 * 1024 * 1024)}) as (address, _):
        with pytest.raises(Refused, match="too_large"):
            await go(address)


@pytest.mark.slow
async def test_a_page_that_says_the_secret_aloud_is_not_pictured(monkeypatch):
    monkeypatch.setattr(site, "WAIT_MS", 3_000)
    shown = SECRET.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for page, keeps in (("<p class=login-error>no</p>", True), (f"<p class=login-error>{shown} is wrong</p>", False)):
        async with serving(pages() | {"/home": f"<!DOCTYPE html><meta charset=utf-8>{page}"}) as (address, _):
            with pytest.raises(LoginFailed) as told:
                await go(address)
        assert bool(told.value.keep) is keeps


@pytest.mark.slow
async def test_a_site_that_hangs_or_breaks_off_is_unreachable(monkeypatch):
    monkeypatch.setattr(site, "WAIT_MS", 2_000)

    async def hang(writer):
        await asyncio.sleep(4)

    async def broken(writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n<")

    for page in (hang, broken):
        async with serving({"/": page}) as (address, _):
            with pytest.raises(Unreachable):
                await go(address)


@pytest.mark.slow
async def test_a_run_has_an_end_and_leaves_no_browser(monkeypatch):
    monkeypatch.setattr(site, "RUN_SECONDS", 3)
    endless = """<!DOCTYPE html><script>for(;;);</script>"""
    async with serving({"/": endless}) as (address, _):
        with pytest.raises((Unreachable, FormatChanged)):
            await asyncio.wait_for(go(address), 15)
    listed = await asyncio.create_subprocess_exec("ps", "-eo", "args", stdout=asyncio.subprocess.PIPE)
    running = (await listed.communicate())[0].decode()
    assert "disable_non_proxied_udp" not in running
