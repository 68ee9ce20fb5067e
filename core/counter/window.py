"""A window's work as pages and programs ask for it: what somebody owes, taking it, with the way cleared of what was begun on a phone."""

from collections.abc import Sequence
from uuid import UUID

from core import money
from core.billing import lists as bills
from core.billing import service as billing
from core.billing.schemas import BillRead
from core.counter import service, shifts
from core.counter.schemas import CashRequest, ChequeRequest, PosRequest, Receipt
from core.database import Session
from core.errors import InvalidRequest
from core.identity.actor import Actor
from core.payments import desk
from core.payments import service as payments
from core.payments.errors import AlreadyPaidMeanwhile, OrderNotFound
from core.payments.schemas import PayItem
from core.platform import Platform
from core.tenancy.directory import ClientProfile
from core.web.i18n import N_


async def owed(session: Session, by: Actor, asked: str) -> list[BillRead]:
    """The open bills of whoever this is: a bill's number, a pay code, or a person's number; names masked, within the cashier's reach."""
    asked = "".join(asked.split()).replace("\0", "")[:40]  # a pay code is printed in groups of four
    if not asked:
        return []
    found = await desk.find_people(session, asked)
    opened = await billing.open_bills(session, found) if found else []
    return [bills.masked(bill) for bill in opened if bill.open_fen > 0 and by.reaches(shifts.RUN, bill.org_id)]


async def take(
    session: Session, platform: Platform, by: Actor, data: CashRequest | PosRequest, key: str
) -> Receipt:
    """Cash or a POS slip for some bills, in one transaction."""
    items = await within_reach(session, by, data.items)
    if isinstance(data, PosRequest):
        return await service.take_pos(session, platform.vault, by, items, data.terminal, data.reference, data.card_tail, key)
    return await service.take_cash(session, platform.vault, by, items, data.tendered_fen, key)


async def take_cheque(session: Session, by: Actor, data: ChequeRequest) -> UUID:
    """A cheque that will pay some bills when it clears."""
    items = await within_reach(session, by, data.items)
    return await service.take_cheque(session, by, items, data.number, data.bank, data.drawer)


async def clear_way(platform: Platform, client: ClientProfile, items: Sequence[PayItem]) -> None:
    """End what somebody began to pay on these bills elsewhere: closed at its channel first; if it turns out paid, we hear it here.

    Holds no transaction while a channel is asked. Raises AlreadyPaidMeanwhile, AnotherPaymentUnderWay.
    """
    async with platform.database.tenant(client.id) as session:
        waiting = await desk.live_orders(session, [item.bill_id for item in items])
    for order in waiting:
        try:
            ended = await payments.cancel_order(platform, client, order.number)
        except OrderNotFound:
            continue
        if ended.status == "succeeded":
            raise AlreadyPaidMeanwhile()


def items_of(chosen: Sequence[BillRead], typed: str) -> list[PayItem]:
    """What the form means: whole bills, or of a single one the amount that was typed."""
    if not chosen:
        raise InvalidRequest(N_("请勾选要缴的账单"))
    amount_fen = money.yuan(typed) if typed.strip() else 0
    if amount_fen and len(chosen) > 1:
        raise InvalidRequest(N_("部分缴纳一次只能选一张账单"))
    return [PayItem(bill.id, amount_fen or bill.open_fen) for bill in chosen]


async def within_reach(session: Session, by: Actor, items: Sequence[PayItem]) -> list[PayItem]:
    """The same bills, once each, all of them within the cashier's reach."""
    if not 0 < len(items) <= 50:
        raise InvalidRequest(N_("请选择 1 到 50 张账单"))
    if len({item.bill_id for item in items}) != len(items):
        raise InvalidRequest(N_("同一张账单选了两次"))
    for item in items:
        await bills.find_bill(session, item.bill_id, by, shifts.RUN)
    return list(items)
