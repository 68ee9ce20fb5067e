"""One part of the outside world as the sandbox plays it: a channel with its wire, its tables, and what happens there by itself."""

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager

import msgspec
from asyncpg import Connection, Pool
from litestar import Router


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A notification and how far it has come; `payload` and `facts` are the channel's own, `twists` the faults it was drawn."""

    event_id: str
    channel: str
    account: str
    number: str
    url: str
    payload: bytes
    facts: dict[str, object]
    twists: list[str]
    state: str
    attempts: int
    due_at: dt.datetime
    held: bool


class Post(msgspec.Struct, frozen=True):
    """One POST: its bytes and headers, and the twist they were given."""

    body: bytes
    headers: dict[str, str]
    twist: str | None = None


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """An order as the sandbox's first page lists it; `pay_path` opens its cashier page while it can be paid."""

    channel: str
    account: str
    number: str
    title: str
    amount_fen: int
    way: str
    state: str
    pay_path: str
    path: str
    created_at: dt.datetime


class AccountLine(msgspec.Struct, frozen=True, kw_only=True):
    """A merchant number as the sandbox's first page lists it."""

    channel: str
    account: str
    name: str
    note: str


async def _nothing(connection: Connection, *_: object) -> None:
    """What a part does that has nothing to do by itself."""


async def _none(connection: Connection, *_: object) -> list:
    return []


class World(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the outside world.

    `dress(connection, told, twist)` makes one POST of a notification now, genuine without a twist, None for a twist this part does not know;
    `accepted(status, body)` says whether the merchant took it; `ladder_seconds` are the waits between attempts. `tick(connection, scale)`
    does what happens by itself (late payments, refunds that come through) and answers when more will; `ready` runs once at the start, and what `serving(pool)`
    opens (a port of its own) stands as long as the sandbox.
    """

    code: str
    title: str
    tables: str
    routers: Sequence[Router]
    ladder_seconds: tuple[float, ...] = ()
    ready: Callable[[Connection], Awaitable[None]] = _nothing
    serving: Callable[[Pool], AbstractAsyncContextManager[object]] | None = None
    dress: Callable[[Connection, Told, str | None], Awaitable[Post | None]] = _nothing
    accepted: Callable[[int, str], bool] = lambda status, body: status in (200, 204)
    tick: Callable[[Connection, float], Awaitable[dt.datetime | None]] = _nothing
    orders: Callable[[Connection, int], Awaitable[list[OrderLine]]] = _none
    accounts: Callable[[Connection], Awaitable[list[AccountLine]]] = _none
