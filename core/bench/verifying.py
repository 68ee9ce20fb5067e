"""`verify_<channel>`: what it costs to verify and open one notification, for each channel that has an outside to be told by."""

import datetime as dt
import time
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import httpx

from core import clock, ids
from core.bench.figures import Figure
from core.bench.ground import Ground
from core.payments.channels.protocol import ChannelAccount, OrderRequest
from core.sandbox import schema
from core.sandbox.delivery import queue
from core.sandbox.schema import plain_url
from core.sandbox.serving import sandbox_serving
from core.sandbox.world import Post
from core.sandbox.worlds import worlds

READINGS = 400
SCENES = {"wechatpay": "h5", "alipay": "native", "unionpay": "h5", "stripe": "card"}
NOWHERE = "http://127.0.0.1:9/notify"


def of(channel: str) -> Callable[[Ground], Awaitable[list[Figure]]]:
    """The measurement of one channel."""

    async def measure(ground: Ground) -> list[Figure]:
        way = ground.platform.channels[channel]
        account, post = await _genuine(ground, channel, way)
        headers = {name.lower(): value for name, value in post.headers.items()}
        way.read_notice(account, headers, post.body)
        spent = []
        for _ in range(READINGS):
            began = time.perf_counter()
            notice = way.read_notice(account, headers, post.body)
            spent.append(time.perf_counter() - began)
        assert notice.state.paid, notice
        spent.sort()
        middle = spent[len(spent) // 2] * 1e6
        note = f"median of {READINGS} genuine notices of {len(post.body):,} bytes; the slowest hundredth {spent[-READINGS // 100] * 1e6:.0f} µs"
        return [Figure(figure=f"verify_{channel}", value=round(middle, 1), unit="µs", reach="", holds=None, note=note)]

    return measure


async def _genuine(ground: Ground, channel: str, way: Any) -> tuple[ChannelAccount, Post]:
    """A paid order's notification, as the sandbox sends it over the wire."""
    await schema.install(ground.postgres.owner_url)
    world = next(world for world in worlds() if world.code == channel)
    async with sandbox_serving(ground.postgres.app_url) as sandbox, httpx.AsyncClient(base_url=sandbox.public_url, trust_env=False) as outside:
        base = f"/sandbox/api/{channel}"
        given = (await outside.post(f"{base}/merchants", json={"name": "基准"})).raise_for_status().json()
        if "webhook_url" in given:
            (await outside.put(f"{base}/merchants/{given['mchid']}/webhook", json={"url": NOWHERE})).raise_for_status()
        account = ChannelAccount(channel=channel, **{name: given[name] for name in ("mchid", "appid", "base_url", "credentials")})
        order = _order(channel)
        prepared = await way.create(account, order)
        await _arrive(outside, channel, prepared)
        (await outside.post(f"{base}/orders/{account.mchid}/{order.number}/pay", json={})).raise_for_status()
        connection = await asyncpg.connect(plain_url(ground.postgres.app_url))
        try:
            told = await queue.notices(connection, channel, account.mchid, order.number)
            posts = [await world.dress(connection, each, None) for each in told]
        finally:
            await connection.close()
    for post in posts:
        if way.read_notice(account, {name.lower(): value for name, value in post.headers.items()}, post.body).state.paid:
            return account, post
    raise RuntimeError(f"{channel}: no notification of a payment among {len(posts)}")


def _order(channel: str) -> OrderRequest:
    now = clock.now().replace(microsecond=0)
    return OrderRequest(
        number=ids.number("P", "260101", 14), description="学费", amount_fen=123_450, scene=SCENES[channel], notify_url=NOWHERE,
        expires_at=now + dt.timedelta(minutes=20), placed_at=now, payer_ip="192.0.2.1", return_url="http://127.0.0.1:9/back",
    )  # fmt: skip


async def _arrive(outside: httpx.AsyncClient, channel: str, prepared: Any) -> None:
    """The payer opens the channel's page: two of them know no order before that."""
    match channel, prepared.kind:
        case "alipay", "qr":
            (await outside.get("/alipay/scan", params={"code": prepared.value})).raise_for_status()
        case "unionpay", "form":
            answer = await outside.post(prepared.value, data=prepared.params, follow_redirects=True)
            answer.raise_for_status()


MEASURES: dict[str, Callable[[Ground], Awaitable[list[Figure]]]] = {f"verify_{channel}": of(channel) for channel in SCENES}
"""By the name of the figure."""
