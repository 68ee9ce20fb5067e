"""Static QR codes on a wall or a notice: they open the cashier, and what is paid by them is capped (domain book §2, 条码支付).

A code that anyone can photograph and paste over may take 500 yuan a day from one customer of one institution. A payer whose phone was
verified and who pays a bill of their own has a dynamic order and is not bound by the cap; everybody else who came by the code is.
"""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from core import clock, ids, money, paging
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.payers.access import Payer
from core.payments.errors import RouteInvalid, StaticCodeNotFound, StaticCodeOverCap
from core.payments.static_codes import repository
from core.web.i18n import gettext as _

MOST_FEN = 50_000
VISIT = dt.timedelta(minutes=30)


async def add(session: Session, by: Actor, *, title: str, day_cap_fen: int = MOST_FEN, org_id: UUID | None = None, item_code: str = "") -> UUID:
    """A new code for the client, for one of its units, or for one fee."""
    title = " ".join(title.split())
    if not 0 < len(title) <= 40:
        raise RouteInvalid(fault=_("请填写 40 字以内的名称"))
    if not 0 < day_cap_fen <= MOST_FEN:
        raise RouteInvalid(fault=_("每日限额应在 %(cap)s 元以内", cap=money.format_yuan(MOST_FEN)))
    if item_code and item_code not in {row.code for row in await repository.list_items(session)}:
        raise RouteInvalid(fault=_("请从列表中选择收费项目"))
    code_id = ids.uuid7()
    row = {"id": code_id, "code": ids.number("", "", 12), "title": title, "org_id": org_id, "item_code": item_code or None}
    await repository.add(session, row | {"day_cap_fen": day_cap_fen, "made_by": by.name})
    after = {"title": title, "amount_fen": day_cap_fen}
    await audit.record(session, by, "payments.static_code.create", "static_code", code_id, after=after)
    return code_id


async def set_active(session: Session, by: Actor, code_id: UUID, active: bool) -> None:
    """Let a code be used, or not any more: whoever scans it is told."""
    row = await repository.get(session, code_id)
    if row is None:
        raise StaticCodeNotFound()
    await repository.set_active(session, code_id, active)
    action = "payments.static_code.enable" if active else "payments.static_code.disable"
    await audit.record(session, by, action, "static_code", code_id, before={"title": row.title})


async def listed(session: Session, cursor: str | None = None, limit: int = paging.PAGE) -> tuple[list[Row], str | None]:
    """A page of codes, those in use first, with what came in by each today."""
    after = paging.read_cursor(cursor, tuple[bool, dt.datetime, UUID])
    rows = await repository.list_page(session, clock.today(), after, limit + 1)
    return paging.cut(rows, limit, lambda row: paging.write_cursor(row.active, row.created_at, row.id))


async def told(session: Session, code_id: UUID) -> Row:
    """One code with what came in by it today."""
    row = await repository.find_told(session, code_id, clock.today())
    if row is None:
        raise StaticCodeNotFound()
    return row


async def items(session: Session) -> Sequence[Row]:
    """The fees a code may be for."""
    return await repository.list_items(session)


async def find(session: Session, code: str) -> Row:
    """The code in an address, if it is in use."""
    row = await repository.find(session, code)
    if row is None or not row.active:
        raise StaticCodeNotFound()
    return row


async def visited(session: Session, payer: Payer, code_id: UUID) -> None:
    """This device came by a code just now."""
    await repository.note_visit(session, payer.session_id, code_id, clock.now())


def seen_since(now: dt.datetime) -> dt.datetime:
    """A visit since then still counts."""
    return now - VISIT


async def in_use(session: Session, payer: Payer, *, own: bool) -> UUID | None:
    """The code this payment counts for; none for a verified payer whose bills are all their own."""
    if own and payer.payer_id is not None:
        return None
    return await repository.find_visit(session, payer.session_id, seen_since(clock.now()))


async def left_fen(session: Session, code_id: UUID, payer: Payer) -> int | None:
    """What may still be paid by a code today, fen."""
    row = await repository.get(session, code_id)
    if row is None:
        return None
    return max(0, row.day_cap_fen - await repository.spent_today(session, clock.today(), payer.session_id, None))


async def spend(session: Session, code_id: UUID, order: Row, payer: Payer) -> None:
    """Count an order against the day's cap of its customer (device or wallet user); StaticCodeOverCap when it is too much."""
    row = await repository.get(session, code_id)
    if row is None or not row.active:
        raise StaticCodeNotFound()
    for customer in filter(None, (str(payer.session_id), order.openid)):  # known by both, counted by both: held by both, the device first
        await repository.hold_customer(session, customer)
    spent = await repository.spent_today(session, clock.today(), payer.session_id, order.openid)
    if spent + order.amount_fen > row.day_cap_fen:
        left = max(0, row.day_cap_fen - spent)
        raise StaticCodeOverCap(cap=money.format_yuan(row.day_cap_fen), left=money.format_yuan(left))
    use = {"order_id": order.id, "static_code_id": code_id, "payer_session_id": payer.session_id}
    await repository.add_use(session, use | {"openid": order.openid, "day": clock.today()})
