"""Which merchant number takes a payment: every statement about routes."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete, insert, select, text, update

from core.database import Read, Row, Session
from core.payments.models import channel_account, payment_route

_NUMBERS = """
    SELECT a.id, a.channel, a.mchid, a.appid, a.merchant_id, a.created_at, h.failures, h.open_until, r.routes{stopped}
    FROM core.channel_account a
    LEFT JOIN core.channel_health h ON h.channel_account_id = a.id
    LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_object('scenes', p.scenes, 'min_fen', p.min_fen, 'max_fen', p.max_fen, 'limit_fen', p.limit_fen,
                                            'position', p.position, 'active', p.active) ORDER BY p.position, p.id) AS routes
        FROM core.payment_route p WHERE p.channel_account_id = a.id) r ON true
    WHERE a.status = 'active' AND a.channel = ANY(CAST(:way_channels AS text[])){theirs}
    ORDER BY a.merchant_id IS NULL, a.created_at, a.id
"""
_STOPPED = """, (SELECT string_agg(m.name, '、' ORDER BY m.code) FROM core.merchant m
            WHERE m.id = ANY(CAST(:merchants AS uuid[])) AND m.status <> 'active') AS stopped"""
_THEIRS = " AND (a.merchant_id IS NULL OR ARRAY[a.merchant_id] = CAST(:merchants AS uuid[]))"
_WAYS = text(_NUMBERS.format(stopped=_STOPPED, theirs=_THEIRS))
_EVERY_WAY = _NUMBERS.format(stopped="", theirs="")


async def list_ways(session: Session, channels: Collection[str], merchants: Collection[UUID]) -> Sequence[Row]:
    """Merchant numbers in use that may collect for these merchants, a merchant's own before the client's general ones."""
    return await session.all(_WAYS, {"way_channels": list(channels), "merchants": list(merchants)})


def every_way(channels: Collection[str]) -> Read:
    """Merchant numbers in use, whoever they collect for: for one who does not know yet for whom the money is."""
    return Read("ways", _EVERY_WAY, {"way_channels": list(channels)})


async def list_routes(session: Session) -> Sequence[Row]:
    """Every route with its merchant number, in the order in which they are tried."""
    shown = [channel_account.c.channel, channel_account.c.mchid, channel_account.c.name.label("account_name")]
    query = select(payment_route, *shown).join(channel_account, channel_account.c.id == payment_route.c.channel_account_id)
    return await session.all(query.order_by(payment_route.c.position, payment_route.c.id))


async def find_route(session: Session, route_id: UUID) -> Row | None:
    """One route, held while it is changed."""
    return await session.one_or_none(select(payment_route).where(payment_route.c.id == route_id).with_for_update())


async def add_route(session: Session, row: dict[str, object]) -> None:
    """A new route."""
    await session.execute(insert(payment_route), row)


async def set_route(session: Session, route_id: UUID, values: dict[str, object]) -> None:
    """Change a route."""
    await session.execute(update(payment_route).where(payment_route.c.id == route_id).values(values))


async def remove_route(session: Session, route_id: UUID) -> None:
    """A route that is not wanted any more."""
    await session.execute(delete(payment_route).where(payment_route.c.id == route_id))
