"""The journals of profit sharing, and their way into the merchants' settlement (docs/money.md).

A share given: Dr the merchants whose payment it was, in proportion, Cr what the channel owes. Closed by the channel: reversed exactly.
Taken back: Dr the channel, Cr the merchants. Each moves the merchants' next settlement batch by as much.
"""

from collections.abc import Sequence
from uuid import UUID

from core import money
from core.database import Row, Session
from core.ledger import service as ledger
from core.ledger.schemas import Journal, Posting, channel_account, merchant_account
from core.settlement import adjusting

Part = tuple[str, UUID, int]
"""A merchant's code, its id, and what it bears, fen."""


def read_parts(kept: Sequence[Sequence[object]]) -> list[Part]:
    """The same as a share keeps it."""
    return [(str(code), UUID(str(merchant_id)), int(str(fen))) for code, merchant_id, fen in kept]


def parts_of(bearers: Sequence[Row], amount_fen: int) -> list[Part]:
    """Who bears a share: every merchant of the payment in proportion to what it has of it, largest remainder (§2.1)."""
    fens = money.split(amount_fen, [int(row.amount_fen) for row in bearers])
    return [(row.code, row.id, fen) for row, fen in zip(bearers, fens, strict=True) if fen]


def parts_back(parts: Sequence[Part], before_fen: int, amount_fen: int) -> list[Part]:
    """Who gets back how much when `amount_fen` more of a share returns; in the end each has exactly what it bore."""
    weights = [fen for _code, _id, fen in parts]
    was, will = money.split(before_fen, weights), money.split(before_fen + amount_fen, weights)
    return [(code, merchant_id, now - then) for (code, merchant_id, _fen), then, now in zip(parts, was, will, strict=True) if now - then]


async def give(session: Session, split: Row, payment: Row, position: int, parts: Sequence[Part], by: str) -> UUID:
    """A share leaves the channel's debt to us: written before the channel is asked. Raises NotEnoughBalance."""
    return await _post(session, f"{split.number}:{position}", "sharing.given", split, payment, parts, -1, by, f"分账 {split.number}")


async def undo(session: Session, split: Row, journal_id: UUID, parts: Sequence[Part], why: str) -> None:
    """The channel closed a share, no money moved: the exact reversal."""
    reversal = await ledger.reverse(session, journal_id, by="system", memo=why)
    for _code, merchant_id, fen in parts:
        await adjusting.follow(session, merchant_id, fen, reversal, f"分账关闭 {split.number}")


async def take_back(session: Session, number: str, split: Row, payment: Row, parts: Sequence[Part], by: str) -> UUID:
    """A share has come back: the channel owes it to us again."""
    return await _post(session, number, "sharing.returned", split, payment, parts, 1, by, f"分账回退 {number}")


async def _post(
    session: Session, key: str, event: str, split: Row, payment: Row, parts: Sequence[Part], sign: int, by: str, why: str
) -> UUID:
    total = sum(fen for _code, _id, fen in parts)
    postings = [Posting(merchant_account(code), -sign * fen, merchant_id) for code, merchant_id, fen in parts]
    journal = Journal(
        key=f"sharing:{key}", event=event, biz_type="sharing", biz_id=str(split.id), by=by, memo=split.number,
        postings=(*postings, Posting(channel_account(payment.channel, payment.mchid), sign * total)),
    )  # fmt: skip
    journal_id = await ledger.post(session, journal)
    for _code, merchant_id, fen in parts:
        await adjusting.follow(session, merchant_id, sign * fen, journal_id, why)
    return journal_id
