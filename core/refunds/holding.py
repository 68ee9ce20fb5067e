"""Planning and holding: which payments give how much, reserved under their locks, so that nothing can be promised twice."""

import datetime as dt
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

import msgspec

from core import clock, ids
from core.database import Row, Session
from core.money import format_yuan
from core.payments.channels.protocol import Channel
from core.refunds import money_repository, repository
from core.refunds.errors import RefundTooLarge
from core.refunds.schemas import LineAsk
from core.refunds.splitting import Place, by_payment, split, total
from core.refunds.states import COUNTS

Guard = Callable[[Session, Mapping[UUID, int]], Awaitable[None]]
_GUARDS: list[Guard] = []
_PLACE = ("kind", "bill_id", "line_no", "party_id", "suspense_id", "merchant_id", "merchant_code", "amount_fen")


def register_guard(check: Guard) -> None:
    """Let another feature refuse what is asked of payments (id → fen): it raises, in words for whoever asks."""
    if check not in _GUARDS:
        _GUARDS.append(check)


async def check_guards(session: Session, taken: Sequence[Place]) -> None:
    """Ask all of them before anything is held."""
    amounts = {payment_id: total(pieces) for payment_id, pieces in by_payment(taken)}
    for check in _GUARDS:
        await check(session, amounts)


async def places_of(session: Session, refund: Row) -> list[Place]:
    """Everything a refund may be taken from now: what lies there and is held for no other refund."""
    if refund.bill_id is not None:
        rows, kind = await money_repository.list_on_bill(session, refund.bill_id, refund.payment_id), "bill"
    elif refund.suspense_id is not None:
        rows, kind = await money_repository.list_in_suspense(session, refund.suspense_id), "suspense"
    else:
        rows, kind = await money_repository.list_as_credit(session, refund.party_id, refund.payment_id), "credit"
    return [Place(kind=kind, **row._mapping) for row in rows]


def chosen(places: Sequence[Place], amount_fen: int, by: str, lines: Sequence[LineAsk]) -> list[Place]:
    """The places that give an amount; RefundTooLarge when they hold less."""
    taken = split(places, amount_fen, by, {line.line_no: line.amount_fen for line in lines})
    if total(taken) != amount_fen:
        wanted = {line.line_no for line in lines}
        free_fen = total(place for place in places if not wanted or place.line_no in wanted)
        raise too_large(free_fen, amount_fen)
    return taken


def too_large(free_fen: int, amount_fen: int) -> RefundTooLarge:
    """The refusal, with what is left."""
    return RefundTooLarge(free=format_yuan(free_fen), amount=format_yuan(amount_fen), free_fen=free_fen)


async def hold(session: Session, refund: Row) -> int:
    """Hold a refund's money on its payments and write its items; answers how many. The refund itself must be held (`repository.lock`).

    Raises RefundTooLarge when less is there than was asked for, whoever was first.
    """
    await money_repository.lock_source(session, bill_id=refund.bill_id, suspense_id=refund.suspense_id)
    source = {name: getattr(refund, name) for name in ("bill_id", "party_id", "suspense_id", "payment_id")}
    payments = {row.id: row for row in await money_repository.lock_payments_of(session, **source)}
    places = [place for place in await places_of(session, refund) if place.payment_id in payments]
    taken = chosen(places, *await _missing(session, refund))
    await check_guards(session, taken)
    parts = by_payment(taken)
    await add_items(session, refund, [(payments[payment_id], pieces) for payment_id, pieces in parts])
    return len(parts)


async def _missing(session: Session, refund: Row) -> tuple[int, str, list[LineAsk]]:
    """What is still to be held, how, and of which lines: all of it, or the rest of a refund that failed in part."""
    lines = msgspec.convert(refund.lines, list[LineAsk])
    if refund.approved_at is None:
        return refund.amount_fen, refund.split, lines
    standing = [row for row in await repository.list_items(session, refund.id) if row.state in COUNTS]
    if not standing:
        return refund.amount_fen, refund.split, lines
    of_line: dict[int | None, int] = defaultdict(int)
    for part in await repository.list_parts(session, [row.id for row in standing]):
        of_line[part.line_no] += part.amount_fen
    rest = [LineAsk(line.line_no, line.amount_fen - of_line[line.line_no]) for line in lines if line.amount_fen > of_line[line.line_no]]
    return refund.amount_fen - sum(row.amount_fen for row in standing), refund.split, rest


async def add_items(
    session: Session, refund: Row, parts: Sequence[tuple[Row, Sequence[Place]]], *, state: str = "held", error: str | None = None,
    attempt: int = 1, flush_key: str = "", anew: bool = True,
) -> None:
    """Each payment's part under a number of its own: `R…`, and `RC…` for money without an owner. `anew` reserves it on the payment."""
    now = clock.now()
    items, places = [], []
    for payment, pieces in parts:
        number = ids.number("RC" if refund.source == "suspense" else "R", clock.business_day(now).strftime("%y%m%d"), 14)
        if refund.number.startswith("RC") and len(parts) == 1 and not await repository.list_items(session, refund.id):
            number = refund.number
        item_id = ids.uuid7()
        items.append(
            {
                "id": item_id, "refund_id": refund.id, "payment_id": payment.id, "attempt": attempt, "number": number,
                "channel": payment.channel, "amount_fen": total(pieces), "state": state, "error": error, "flush_key": flush_key or number,
                "next_at": now if state == "held" else None,
            }
        )  # fmt: skip
        places += [{**{name: getattr(piece, name) for name in _PLACE}, "item_id": item_id, "position": n} for n, piece in enumerate(pieces)]
    session.has_work = True
    await session.together(money_repository.holding(items, places, session.tenant_id, now, anew=anew))


def by_hand(payment: Row, refunds: int, way: Channel | None) -> str:
    """Why the channel cannot take a payment's money back, in words; empty when it can."""
    if way is None or payment.channel_account_id is None:
        return "收款渠道已停用，无法原路退回"
    rules = way.refund_rules
    if rules.window_days is not None and clock.now() > payment.paid_at + dt.timedelta(days=rules.window_days):
        return f"超过渠道 {rules.window_days} 天的退款期限"
    if rules.most is not None and refunds >= rules.most:
        return f"这笔支付的退款次数已达渠道上限 {rules.most} 次"
    return ""


def places_from(payment_id: UUID, parts: Sequence[repository.Part]) -> list[Place]:
    """The places an item was taken from."""
    names = [name for name in Place.__struct_fields__ if name != "payment_id"]
    return [Place(payment_id=payment_id, **{name: getattr(part, name) for name in names}) for part in parts]
