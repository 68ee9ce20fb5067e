"""The three hooks of statements, used by a part that only this test has: a source, a fetcher of it, and an ear for what was received."""

import datetime as dt
from uuid import uuid4

import pytest

from core import clock
from core.hookspecs import hook
from core.payments.channels.protocol import StatementFile
from core.statements import fetching, registry
from core.statements.fetchers import Fetcher, Subject
from core.statements.protocol import StatementSource

NOON = dt.time(4, tzinfo=dt.UTC)


def read(content, expected, notes):
    """A file of `number amount` lines."""
    for number, line in enumerate(content.read().decode().splitlines(), 1):
        name, fen = line.split()
        notes.lines += 1
        at = dt.datetime.combine(expected.day, NOON)
        yield [(number, number, "alipay", "pay", True, name, name, None, None, int(fen), None, None, at, None, "ok", None, None)]


class Shop:
    """A shop platform that tells what it sold."""

    def __init__(self) -> None:
        self.client_id = None
        self.heard = []

    @hook
    def register_statement_sources(self):
        return [StatementSource(code="shop", title="小店", side="business", read=read, suffixes=(".txt",))]

    @hook
    def register_statement_fetchers(self):
        async def subjects(session):
            return [Subject(uuid4(), "", clock.today() - dt.timedelta(days=1))] if session.tenant_id == self.client_id else []

        async def fetch(_platform, _tenant_id, _account_id, _day):
            return StatementFile(name="shop.txt", content=b"S1 100\nS2 250\n")

        return [Fetcher(source="shop", list_subjects=subjects, fetch=fetch, out_after=dt.timedelta(0))]

    @hook
    async def statement_received(self, session, event):
        if session.tenant_id == self.client_id:
            self.heard.append((event.source, event.side, event.bill_on))


@pytest.fixture
async def shop(platform, client):
    part = Shop()
    platform.plugins._pluggy.register(part, name="core.test_shop")
    part.client_id = (await client(plugins=())).id
    yield part
    platform.plugins._pluggy.unregister(name="core.test_shop")


async def test_hook_register_statement_sources(platform, shop, client, hand_in):
    assert (await registry.sources_of(platform, shop.client_id))["shop"].title == "小店"
    verdict = await hand_in(await platform.directory.profile(shop.client_id), "shop", "2026-03-01", b"S1 100\n", "a.txt")
    assert (verdict.verdict, verdict.pay_amount_fen) == ("accept", 100)
    school, hospital = await client(plugins=()), await client(kind="hospital", plugins=("medical",))
    assert "his" not in await registry.sources_of(platform, school.id), "a plugin's sources are for clients that have it"
    assert "his" in await registry.sources_of(platform, hospital.id)


async def test_hook_register_statement_fetchers(platform, shop):
    await fetching.fetch_due(platform, shop.client_id)
    async with platform.database.tenant(shop.client_id) as session:
        [row] = await fetching.list_awaited(session, clock.today() - dt.timedelta(days=1))
    assert (row.source, row.status) == ("shop", "fetched")


async def test_hook_statement_received(platform, shop, settle):
    await fetching.fetch_due(platform, shop.client_id)
    await settle(shop.client_id)
    assert shop.heard == [("shop", "business", clock.today() - dt.timedelta(days=1))]
