"""Which ways of paying work here, and which merchant number takes the money.

The device says which scenes work on it; the client's routes say which merchant number serves which scenes and amounts, in which order.
A merchant number without routes serves everything its channel can. A basket is collected on one number: the merchant's own when all
lines are of one merchant, else a general one of the client.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from core.database import Row, Session
from core.payments.routing import health, repository

WALLETS = {"wechatpay": "micromessenger", "alipay": "alipayclient"}
"""The word in a browser's name by which a channel's own wallet is known; a channel may say its own as `wallet`."""
IN_ITS_WALLET = {"alipayclient": ("h5",)}
"""What a wallet takes inside itself; Alipay's payer has no number with us, so its own page is opened."""
PLACES: Mapping[str, tuple[str, ...]] = {
    "wallet": ("jsapi",),
    "other_wallet": ("h5", "card"),
    "phone": ("h5", "card"),
    "desktop": ("native", "page", "card"),
}
"""Scenes that work in a place, the easiest first; which of them a channel has, its class says."""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A merchant number that would take this payment; `trouble` when it failed lately, `busy` while it should be left alone."""

    account_id: UUID
    channel: str
    scene: str
    limit_fen: int | None
    position: int
    busy: bool
    trouble: bool
    resting_until: dt.datetime | None
    stopped: str
    """Merchants of the charge that may not collect (any more), by name."""


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """What a merchant number is used for; without scenes for all of them."""

    scenes: list[str]
    min_fen: int
    max_fen: int | None
    limit_fen: int | None
    position: int
    active: bool = True

    def takes(self, scene: str, amount_fen: int) -> bool:
        """Whether this route serves the scene and the amount."""
        within = self.min_fen <= amount_fen and (self.max_fen is None or amount_fen <= self.max_fen)
        return self.active and within and (not self.scenes or scene in self.scenes)


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A merchant number as one finds it beside the bills of a charge."""

    id: UUID
    channel: str
    merchant_id: UUID | None
    failures: int | None
    open_until: dt.datetime | None
    routes: list[dict[str, Any]] | None
    stopped: str = ""


EVERYTHING = Route(scenes=[], min_fen=0, max_fen=None, limit_fen=None, position=100)


def place_of(user_agent: str, way: Any) -> str:
    """Where the payer stands, as one channel sees it: in its own wallet, in another's, on a phone, at a desktop; empty: it works not here."""
    agent = user_agent.lower()
    own = getattr(way, "wallet", WALLETS.get(way.code, ""))
    inside = next((word for word in {*WALLETS.values(), own} - {""} if word in agent), "")
    if inside:
        return "wallet" if inside == own else "" if own else "other_wallet"
    return "phone" if any(word in agent for word in ("mobile", "android", "iphone")) else "desktop"


def scenes_here(user_agent: str, way: Any) -> tuple[str, ...]:
    """The channel's scenes that work on this device, the easiest first."""
    place = place_of(user_agent, way)
    own = getattr(way, "wallet", WALLETS.get(way.code, ""))
    fitting = IN_ITS_WALLET.get(own, PLACES["wallet"]) if place == "wallet" else PLACES.get(place, ())
    return tuple(scene for scene in fitting if scene in way.scenes)


async def choose(
    session: Session, candidates: Sequence[tuple[str, str]], amount_fen: int, merchants: Collection[UUID]
) -> list[Offer]:
    """Who would take the amount, one for each channel of the `(channel, scene)` candidates: what answers first, then as the routes say."""
    rows = await repository.list_ways(session, {channel for channel, _scene in candidates}, set(merchants))
    return best_of(rows, candidates, amount_fen)


def best_of(rows: Sequence[Row | Way], candidates: Sequence[tuple[str, str]], amount_fen: int) -> list[Offer]:
    """The same of merchant numbers in hand: those that may collect for the charge, a merchant's own before general ones."""
    best: dict[str, Offer] = {}
    for channel, scene in candidates:
        found = [offer for row in rows if row.channel == channel and (offer := _offer(row, scene, amount_fen))]
        own = next((row.id for row in rows if row.channel == channel and row.merchant_id), None)
        found.sort(key=lambda offer: (offer.busy, offer.account_id != own if own else False, offer.position))
        if found and (channel not in best or (best[channel].busy and not found[0].busy)):
            best[channel] = found[0]
    order = list(dict.fromkeys(channel for channel, _scene in candidates))
    return sorted(best.values(), key=lambda offer: (offer.busy, offer.position, order.index(offer.channel)))


def ways_for(rows: Sequence[dict[str, Any]] | None, merchants: Collection[UUID], stopped: str) -> list[Way]:
    """Of every merchant number (`repository.every_way`) those that may collect for these merchants; `stopped` are merchants that may not."""
    ways = msgspec.convert(rows or [], list[Way])
    theirs = {None, *merchants} if len(merchants) == 1 else {None}
    return [msgspec.structs.replace(way, stopped=stopped) for way in ways if way.merchant_id in theirs]


def _offer(row: Row | Way, scene: str, amount_fen: int) -> Offer | None:
    routes = msgspec.convert(row.routes, list[Route]) if row.routes else [EVERYTHING]
    route = next((route for route in routes if route.takes(scene, amount_fen)), None)
    if route is None:
        return None
    return Offer(
        account_id=row.id,
        channel=row.channel,
        scene=scene,
        limit_fen=route.limit_fen,
        position=route.position,
        busy=health.is_busy(row.open_until),
        trouble=bool(row.failures),
        resting_until=row.open_until,
        stopped=row.stopped or "",
    )


def least(*limits: int | None) -> int | None:
    """The strictest of some limits, fen; None without any."""
    return min((limit for limit in limits if limit), default=None)
