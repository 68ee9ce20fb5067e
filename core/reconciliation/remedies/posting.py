"""The journals of remedies (domain book §2.2): which accounts a remedy moves, for a difference of which class and direction.

Money that came and has no order, credits and refunds are booked by payments and refunds themselves; what is here is chasing, adjusting
and writing off. Amounts are fen. A difference that never was in our books (a business row alone) has no journal.
"""

from typing import Literal
from uuid import UUID

import msgspec

from core.database import Row, Session
from core.ledger import service as ledger
from core.ledger.schemas import SUSPENSE_LONG, SUSPENSE_SHORT, Journal, Posting, channel_account, credit, debit, merchant_account

SUSPENSE_SURPLUS = "L.SUSP.DIFF"
"""差额挂账: what a channel holds too much on a payment that is booked already."""
LOSS, GAIN, CHANNEL_FEES = "E.DIFF", "I.DIFF", "E.CHFEE"
Direction = Literal["long", "short", "business"]
BANK = "bank"
"""The channel of differences on the bank account itself: what came or went there unexplained lies in suspense since it was read."""
_SHORT = ("SH1", "SH3", "RF1")


class Bearer(msgspec.Struct, frozen=True):
    """The merchant a remedy concerns."""

    id: UUID
    code: str


def direction(row: Row) -> Direction:
    """Whether the channel has more (`long`) or less (`short`) than our books; `business` when only the business side is off."""
    if row.klass == "AM1":
        return _sign((row.channel_fen or 0) - (row.platform_fen or 0))
    if row.klass == "FE1":
        return _sign((row.platform_fee_fen or 0) - (row.channel_fee_fen or 0))
    if row.klass == "FE2":
        return "long" if row.facts.get("direction") == "long" else "short"
    if row.klass in _SHORT:
        return "short"
    return "business" if row.klass == "SH2" else "long"


def _sign(fen: int) -> Direction:
    return "business" if fen == 0 else "long" if fen > 0 else "short"


def chase(row: Row, fen: int) -> tuple[Posting, ...]:
    """Short found: Dr A.SUSP.SHORT, Cr A.CH; what the channel holds too much: Dr A.CH, Cr L.SUSP.DIFF. Its end is the mirror image."""
    way = direction(row)
    if way == "business" or row.channel == BANK:
        return ()
    channel = channel_account(row.channel, row.merchant_number)
    return (debit(SUSPENSE_SHORT, fen), credit(channel, fen)) if way == "short" else (debit(channel, fen), credit(SUSPENSE_SURPLUS, fen))


def adjust(row: Row, fen: int, merchant: Bearer | None) -> tuple[Posting, ...]:
    """Believe the channel: a fee goes to or from E.CHFEE, an amount to or from the merchant (suspense while it is not known whose)."""
    way, channel = direction(row), channel_account(row.channel, row.merchant_number)
    if way == "business" or row.channel == BANK:
        return ()
    if row.klass in ("FE1", "FE2"):
        return (debit(CHANNEL_FEES, fen), credit(channel, fen)) if way == "short" else (debit(channel, fen), credit(CHANNEL_FEES, fen))
    if way == "short":
        return (debit(_merchant(merchant) or SUSPENSE_SHORT, fen, merchant and merchant.id), credit(channel, fen))
    return (debit(channel, fen), credit(_merchant(merchant) or SUSPENSE_SURPLUS, fen, merchant and merchant.id))


def write_off(row: Row, fen: int, merchant: Bearer | None, *, chased: bool) -> tuple[Posting, ...]:
    """Give it up: a short is borne by the merchant whose bill it was (Dr L.MER) or by us (Dr E.DIFF); a surplus becomes I.DIFF.

    What was chased lies in suspense and leaves it, and so does an entry of the bank account that nobody explained; all else leaves A.CH.
    """
    way, channel = direction(row), channel_account(row.channel, row.merchant_number)
    if way == "business":
        return ()
    if way == "short":
        lies = SUSPENSE_SHORT if chased or row.channel == BANK else channel
        return (debit(_merchant(merchant) or LOSS, fen, merchant and merchant.id), credit(lies, fen))
    if row.channel == BANK:
        return (debit(SUSPENSE_LONG, fen), credit(GAIN, fen))
    return (debit(SUSPENSE_SURPLUS if chased else channel, fen), credit(GAIN, fen))


def _merchant(merchant: Bearer | None) -> str:
    return merchant_account(merchant.code) if merchant else ""


async def post(session: Session, row: Row, remedy: Row, postings: tuple[Posting, ...], by: str) -> UUID | None:
    """Write the journal of a remedy once; None where there is nothing to book. Raises NotEnoughBalance."""
    if not postings:
        return None
    return await ledger.post(
        session,
        Journal(
            key=f"remedy:{remedy.id}:{remedy.tries}",
            event=f"remedy.{remedy.kind}",
            biz_type="remedy",
            biz_id=str(remedy.id),
            postings=postings,
            by=by,
            memo=f"{row.code} {row.number}"[:200],
            settle_on=row.settle_on,
        ),
    )
