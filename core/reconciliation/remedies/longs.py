"""Money that a channel has: found in our books, or booked as a long with the channel's own line as evidence (the real capture path)."""

import datetime as dt
from uuid import UUID

import msgspec

from core.billing import service as billing
from core.billing.schemas import Placement
from core.database import Row, Session
from core.ledger import service as ledger
from core.payments import capture
from core.payments.channels.protocol import ChannelAccount, ChannelState
from core.reconciliation.remedies import repository
from core.reconciliation.remedies.refusals import RemedyNotOffered
from core.web.i18n import gettext as _


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """One payment at a channel, as its file tells it."""

    channel: str
    merchant_number: str
    number: str
    txn: str
    amount_fen: int
    paid_at: dt.datetime | None
    payment_id: UUID | None = None


class Place(msgspec.Struct, frozen=True):
    """Where the money lies: `suspense`, `credit` or `bill`, under which id, of which payment, how much."""

    kind: str
    source_id: UUID
    payment_id: UUID
    fen: int


async def pieces_of(session: Session, row: Row) -> list[Piece]:
    """The payments a difference is about: itself, or the extra ones of a bill that was paid more than once."""
    extra = [each for each in row.facts.get("payments", []) if not each.get("in_his", each.get("in_business", False))]
    if row.klass == "DP1" and extra:
        told = [(each.get("channel") or row.channel, each["merchant_order_no"], each.get("channel_order_no"), each["amount_fen"]) for each in extra]
    else:
        fen = row.amount_fen if row.klass == "DP1" else row.channel_fen or row.amount_fen
        told = [(row.channel, row.order_number or row.number, row.channel_number or row.channel_order_number, fen)]
    return [await _piece(session, row, *each) for each in told]


async def _piece(session: Session, row: Row, channel: str, number: str, txn: str | None, fen: int) -> Piece:
    line = await repository.channel_line(session, channel, "pay", number)
    merchant = line.merchant_number if line and line.merchant_number else row.merchant_number
    return Piece(
        channel=channel, merchant_number=merchant, number=number, txn=(line and line.channel_number) or txn or "",
        amount_fen=line.amount_fen if line else fen, paid_at=(line and line.happened_at) or row.channel_at,
        payment_id=row.payment_id if number in (row.number, row.order_number) else None,
    )  # fmt: skip


async def payment_of(session: Session, piece: Piece) -> Row | None:
    """The payment in our books, if it is there."""
    found = await repository.payment_behind(session, piece.payment_id, piece.channel, piece.txn, piece.number)
    return None if found is not None and piece.txn and found.channel_txn_id != piece.txn and piece.payment_id is None else found


async def booked(session: Session, row: Row, piece: Piece) -> Row:
    """The payment in our books; booked now when it is not: onto the bill of our order, else Dr A.CH, Cr L.SUSP.LONG with a suspense item.

    Raises RemedyNotOffered when the channel's line disagrees with our order (amount, merchant number) or carries no number of the channel's.
    """
    found = await payment_of(session, piece)
    if found is not None:
        return await _again(session, found)
    if not piece.txn:
        raise RemedyNotOffered(code=row.code, why=_("渠道对账单里没有这笔的渠道单号，无法凭单入账"))
    account = ChannelAccount(channel=piece.channel, mchid=piece.merchant_number, appid="", base_url="", credentials={})
    state = ChannelState(
        state="succeeded", order_number=piece.number, mchid=piece.merchant_number, channel_txn_id=piece.txn, amount_fen=piece.amount_fen,
        currency="CNY", paid_at=piece.paid_at,
    )  # fmt: skip
    decision = await capture.decide(session, account, state)
    found = await payment_of(session, piece) if decision.payment_id else None
    if found is None:
        raise RemedyNotOffered(code=row.code, why=_("渠道的金额或商户号与我方订单不一致，请先查询渠道并人工核对"))
    return found


async def _again(session: Session, payment: Row) -> Row:
    """A long that was taken out of the books is put back by reversing its reversal."""
    journal_id, booked_now = await last_journal(session, payment)
    if not booked_now:
        item = await repository.suspense_of(session, payment.id)
        journal_id = await ledger.reverse(session, journal_id, by="system", memo=payment.order_number)
        await billing.place(session, journal_id, [Placement(payment_id=payment.id, kind="suspense", amount_fen=payment.amount_fen)])
        await repository.move_suspense(session, item.id, payment.amount_fen, None, "system")
    return payment


async def last_journal(session: Session, payment: Row) -> tuple[UUID, bool]:
    """The journal of a payment that stands last, reversals followed, and whether the payment is in the books with it."""
    journal_id, booked_now = payment.journal_id, True
    while (reversal := await repository.journal_of_key(session, f"reversal:{journal_id}")) is not None:
        journal_id, booked_now = reversal, not booked_now
    return journal_id, booked_now


async def places_of(session: Session, payment: Row) -> list[Place]:
    """Where a payment's money lies: what has no owner first."""
    return [Place(each.kind, each.source_id, payment.id, int(each.fen)) for each in await repository.where_it_lies(session, payment.id)]
