"""How often money in a hurry waits for PostgreSQL: counted on the wire, between the application and the server."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import pytest

from core import clock, ids
from core.database import Database
from core.payers.access import Payer
from core.payments import service
from core.payments.accounts import service as accounts
from core.payments.channels.protocol import ChannelState, Prepared
from core.payments.schemas import PayItem
from tests import families
from tests.payer_fixtures import browser, connected, outside_world, roster, school, sms

__all__ = ["browser", "connected", "outside_world", "roster", "school", "sms"]


class Wire:
    """Stands between a database's clients and its server and counts how often a client spoke after the server had."""

    def __init__(self) -> None:
        self.trips = 0

    @contextlib.asynccontextmanager
    async def between(self, url: str) -> AsyncIterator[str]:
        parts = urlsplit(url)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there = await asyncio.open_connection(parts.hostname, parts.port)
            answered = [True]
            await asyncio.gather(self._carry(reader, there[1], answered, asking=True), self._carry(there[0], writer, answered, asking=False))

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            yield urlunsplit(parts._replace(netloc=f"{parts.netloc.rsplit('@', 1)[0]}@127.0.0.1:{port}"))
        finally:
            server.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answered: list[bool], *, asking: bool) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65_536):
                if asking and answered[0]:
                    self.trips += 1
                answered[0] = not asking
                writer.write(data)
        writer.close()


@pytest.fixture
async def wire(connected, addresses):
    """The platform's database behind a counting wire, with one connection, so that what it prepared once stays prepared."""
    direct, counting = connected.database, Wire()
    async with counting.between(addresses.app) as url:
        connected.database = Database(url, pool_size=1)
        yield counting
        await connected.database.close()
        connected.database = direct


class AtOnce:
    """A channel that takes every order at once."""

    code, title, scenes, limits = "wechatpay", "微信支付", ("h5",), {}

    async def create(self, account, order) -> Prepared:
        return Prepared(kind="redirect", value="https://pay.example/1")


async def _order(platform, school, bill):
    payer = Payer(session_id=ids.uuid7(), payer_id=None, csrf="", device=b"", openids={}, bill_ids=frozenset())
    return await service.start_payment(
        platform, school.client, payer, [PayItem(bill, 95_000)], channel="wechatpay", scene="h5", ip="203.0.113.9", idempotency_key=ids.token()
    )


async def _account(platform, school):
    async with platform.database.tenant(school.id) as session:
        return await accounts.by_id(session, platform.vault, school.trade.account_id)


async def _capture(platform, school, account, order) -> None:
    state = ChannelState(
        state="succeeded", order_number=order.number, mchid=account.mchid, appid=account.appid, channel_txn_id="42" + ids.digits(26),
        amount_fen=95_000, currency="CNY", paid_at=clock.now(),
    )  # fmt: skip
    assert (await service.settle(platform, school.id, account, state)).outcome == "booked"


async def test_an_order_and_its_capture_ask_the_database_no_more_often_than_they_must(connected, school, outside_world, wire, monkeypatch):
    await families.collect_at(connected, school, outside_world)
    monkeypatch.setitem(connected.channels, "wechatpay", AtOnce())
    first, second = [await families.bill(connected, school, child) for child in school.children[:2]]
    account = await _account(connected, school)
    await _capture(connected, school, account, await _order(connected, school, first))  # every statement is prepared now
    await _account(connected, school)  # and the keys are remembered
    before = wire.trips
    order = await _order(connected, school, second)
    ordered, before = wire.trips - before, wire.trips
    await _capture(connected, school, account, order)
    assert ordered <= 7, "begin, hold, place, commit; begin, note what the channel said, commit"
    assert wire.trips - before <= 4, "begin, hold, book, commit"
