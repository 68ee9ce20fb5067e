"""Keeping the routes: what a merchant number is used for, within what its channel can."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from core import ids, money
from core.database import Row, Session
from core.errors import InvalidRequest
from core.identity import audit
from core.identity.actor import Actor
from core.payments.accounts import repository as accounts_repository
from core.payments.errors import AccountNotFound, RouteInvalid, RouteNotFound
from core.payments.routing import repository
from core.web.i18n import gettext as _


class RouteWrite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A route: a merchant number, its scenes (none: all), between which amounts, and at most how much in one charge; lower position first."""

    channel_account_id: UUID
    scenes: list[str] = []
    min_fen: int = 0
    max_fen: int | None = None
    limit_fen: int | None = None
    position: int = 100


def given_of(typed: Mapping[str, str], scenes: Sequence[str]) -> RouteWrite:
    """What a form says, amounts in yuan."""

    def fen(name: str) -> int | None:
        return money.yuan(typed[name]) if typed.get(name, "").strip() else None

    try:
        account_id = UUID(typed.get("account", ""))
    except ValueError:
        raise RouteInvalid(fault=_("请选择收款账号")) from None
    place = typed.get("position", "").strip() or "100"
    if not place.isascii() or not place.isdigit() or len(place) > 4:
        raise RouteInvalid(fault=_("次序应为 0–9999 的整数"))
    return RouteWrite(
        channel_account_id=account_id, scenes=list(scenes), min_fen=fen("min") or 0, max_fen=fen("max"), limit_fen=fen("limit"),
        position=int(place),
    )  # fmt: skip


async def add(session: Session, by: Actor, channels: Mapping[str, Any], given: RouteWrite) -> UUID:
    """A new route; its limit may be lower than the channel's, never higher."""
    account = next((row for row in await accounts_repository.list_accounts(session) if row.id == given.channel_account_id), None)
    if account is None:
        raise AccountNotFound()
    way = channels.get(account.channel)
    scenes = [scene for scene in dict.fromkeys(given.scenes) if way is not None and scene in way.scenes]
    if len(scenes) != len(set(given.scenes)):
        raise RouteInvalid(fault=_("这个渠道没有所选的支付场景"))
    _check_amounts(given, max((way.limits.get(scene) or 0 for scene in scenes or way.scenes), default=0) if way is not None else 0)
    route_id = ids.uuid7()
    row = msgspec.to_builtins(given) | {"id": route_id, "channel_account_id": account.id, "scenes": scenes}
    await repository.add_route(session, row)
    after = {"channel": account.channel, "mchid": account.mchid, "position": given.position, "which": "、".join(scenes)}
    await audit.record(session, by, "payments.route.add", "payment_route", route_id, after=after)
    return route_id


async def set_active(session: Session, by: Actor, route_id: UUID, active: bool) -> None:
    """Use a route or leave it out."""
    row = await _route(session, route_id)
    await repository.set_route(session, route_id, {"active": active})
    action = "payments.route.enable" if active else "payments.route.disable"
    await audit.record(session, by, action, "payment_route", route_id, before={"position": row.position})


async def remove(session: Session, by: Actor, route_id: UUID) -> None:
    """Forget a route."""
    row = await _route(session, route_id)
    await repository.remove_route(session, route_id)
    await audit.record(session, by, "payments.route.remove", "payment_route", route_id, before={"position": row.position})


async def listed(session: Session) -> Sequence[Row]:
    """Every route, the first tried first."""
    return await repository.list_routes(session)


def _check_amounts(given: RouteWrite, most_fen: int) -> None:
    if given.min_fen < 0 or (given.max_fen is not None and given.max_fen < max(1, given.min_fen)):
        raise RouteInvalid(fault=_("金额范围不对：最高金额不能低于最低金额"))
    if given.limit_fen is not None and given.limit_fen <= 0:
        raise InvalidRequest(_("单笔限额应大于 0"))
    if given.limit_fen is not None and most_fen and given.limit_fen > most_fen:
        raise RouteInvalid(fault=_("单笔限额不能高于渠道的 %(most)s 元", most=money.format_yuan(most_fen)))
    if not 0 <= given.position <= 9999:
        raise RouteInvalid(fault=_("次序应为 0–9999 的整数"))


async def _route(session: Session, route_id: UUID) -> Row:
    row = await repository.find_route(session, route_id)
    if row is None:
        raise RouteNotFound()
    return row
