"""What an agreed remedy does: once, in the transaction in which it is written down as done."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from uuid import UUID

import msgspec

from core import clock
from core.billing.filters import day_of
from core.database import Row, Session
from core.identity.actor import Actor
from core.money import format_yuan
from core.payments.suspense import service as suspense
from core.reconciliation.differences.service import end_of_day
from core.reconciliation.remedies import longs, outside, posting, pushing, repository
from core.reconciliation.remedies.refusals import RemedyNotOffered, RemedyTooLarge
from core.refunds import repository as refunds_repository
from core.refunds import service as refunds
from core.refunds.schemas import RefundAsk
from core.web.i18n import gettext as _


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: `done`, or `running` while others have to answer; facts for the difference besides."""

    status: str = "done"
    journal_id: UUID | None = None
    refund_id: UUID | None = None
    target: dict[str, object] | None = None
    changes: Mapping[str, object] = MappingProxyType({})


async def carry_out(session: Session, row: Row, remedy: Row, by: Actor) -> Outcome:
    """Do an agreed remedy; difference and remedy are held. Raises what stands in the way, and then nothing has happened."""
    return await _VERBS[remedy.kind](session, row, remedy, by)


async def _book(session: Session, row: Row, remedy: Row, by: Actor) -> Outcome:
    payment = None
    for piece in await longs.pieces_of(session, row):
        payment = await longs.booked(session, row, piece)
    item = await repository.suspense_of(session, payment.id)
    journal_id, _booked = await longs.last_journal(session, payment)
    return Outcome(journal_id=journal_id, changes={"payment_id": payment.id, "suspense_id": item and item.id})


async def _credit(session: Session, row: Row, remedy: Row, by: Actor) -> Outcome:
    for piece in await longs.pieces_of(session, row):
        payment = await longs.booked(session, row, piece)
        place = next((each for each in await longs.places_of(session, payment) if each.kind == "suspense"), None)
        if place is not None:
            break
    else:
        raise RemedyNotOffered(code=row.code, why=_("这笔钱已不在长款挂账里，请到账单或余额页面办理"))
    target = remedy.target
    proposal = {
        "bill_id": target.get("bill_id"), "party_id": target.get("party_id"), "amount_fen": remedy.amount_fen, "approval_id": str(remedy.id),
        "reason": remedy.reason,
    }  # fmt: skip
    await suspense.resolve(session, place.source_id, proposal, by)
    journal_id = await repository.journal_of_key(session, f"suspense:{remedy.id}")
    return Outcome(journal_id=journal_id, changes={"payment_id": payment.id, "suspense_id": place.source_id})


async def _refund(session: Session, row: Row, remedy: Row, by: Actor) -> Outcome:
    maker = Actor(kind="user", id=remedy.made_by_id, name=remedy.made_by, tenant_id=session.tenant_id)
    left_fen, made = remedy.amount_fen, []
    for place_no, piece in enumerate(await longs.pieces_of(session, row)):
        payment = await longs.booked(session, row, piece)
        place = next(iter(await longs.places_of(session, payment)), None)
        fen = min(left_fen, piece.amount_fen, place.fen if place else 0)
        if not fen:
            continue
        left_fen -= fen
        name = {"suspense": "suspense_id", "bill": "bill_id", "credit": "party_id"}[place.kind]
        ask = RefundAsk(amount_fen=fen, reason=remedy.reason, payment_id=None if place.kind == "suspense" else payment.id, **{name: place.source_id})
        made.append((await _ask(session, ask, maker, by, refund_number(row, place_no)), payment))
    if left_fen or not made:
        raise RemedyTooLarge(left=format_yuan(remedy.amount_fen - left_fen), amount=format_yuan(remedy.amount_fen))
    target = {**remedy.target, "refund_ids": [str(refund_id) for refund_id, _payment in made]}
    changes = {"payment_id": made[0][1].id}
    if remedy.target.get("way") == "outside":
        for refund_id, _payment in made:
            await outside.settle_refund(session, refund_id, str(remedy.target["reference"]), clock.now())
        return Outcome(refund_id=made[0][0], target=target, changes=changes)
    return Outcome(status="running", refund_id=made[0][0], target=target, changes=changes)


async def _ask(session: Session, ask: RefundAsk, maker: Actor, by: Actor, number: str) -> UUID:
    """A refund under the difference's own number; the one that is there already is taken up again, so that no second one is ever made."""
    for suffix in ("", *"ABCDEFGH"):
        known = await repository.refund_of_number(session, number + suffix)
        if known is None:
            row = await refunds.draft(session, {}, ask, maker, number=number + suffix)
            await refunds.hold_approved(session, await refunds_repository.lock(session, row["id"]), by.name)
            return row["id"]
        if known.status not in ("cancelled", "rejected"):
            if known.status in ("failed", "partial"):
                held = await refunds_repository.lock(session, known.id)
                await refunds_repository.change(session, known.id, status="requested", error=None, finished_at=None)
                await refunds.hold_approved(session, await refunds_repository.lock(session, held.id), by.name)
            return known.id
    raise RemedyNotOffered(code=number, why=_("这条差异已多次停止退款，请到长款挂账页面办理"))


def refund_number(row: Row, position: int = 0) -> str:
    """`RC` and the difference's number: 16 to 32 letters and digits, the same however often it is asked for."""
    told = "".join(letter for letter in row.code.upper() if letter.isascii() and letter.isalnum())
    if not 14 <= len(told) <= 26:
        told = row.id.hex.upper()[:24]
    return f"RC{told}{position:02}" if position else f"RC{told}"


async def _repost(session: Session, row: Row, remedy: Row, by: Actor) -> Outcome:
    await pushing.push(session, row, remedy)
    return Outcome(status="running", target={**remedy.target, "asked_at": clock.now().isoformat(), "fetched": 0})


async def _chase(session: Session, row: Row, remedy: Row, by: Actor) -> Outcome:
    journal_id = await posting.post(session, row, remedy, posting.chase(row, remedy.amount_fen), by.name)
    due_on = day_of(str(remedy.target.get("due_on") or ""))
    return Outcome(journal_id=journal_id, changes={"due_at": end_of_day(due_on)} if due_on else {})


async def _adjust(session: Session, row: Row, remedy: Row, by: Actor) -> Outcome:
    merchant = await repository.merchant_of(session, row)
    return Outcome(journal_id=await posting.post(session, row, remedy, posting.adjust(row, remedy.amount_fen, merchant), by.name))


async def _write_off(session: Session, row: Row, remedy: Row, by: Actor) -> Outcome:
    merchant = await repository.merchant_of(session, row) if remedy.target.get("bearer") == "merchant" else None
    chased = await repository.standing_chase(session, row.id)
    postings = posting.write_off(row, remedy.amount_fen, merchant, chased=chased is not None)
    return Outcome(journal_id=await posting.post(session, row, remedy, postings, by.name))


_VERBS: dict[str, Callable[[Session, Row, Row, Actor], Awaitable[Outcome]]] = {
    "book": _book,
    "credit": _credit,
    "refund": _refund,
    "repost": _repost,
    "chase": _chase,
    "adjust": _adjust,
    "write_off": _write_off,
}
