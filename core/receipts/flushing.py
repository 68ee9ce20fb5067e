"""Taking receipts back: a red one for each blue one that no longer tells the truth, and a new blue one for what remains (domain book §2.8).

Nothing is ever edited. A receipt that nobody was given yet is voided; one that was is red-flushed whole, by a negative one in the same
series, and the remainder is issued anew. Outside issuers confirm later: until then the blue one counts as being red-flushed.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from core.database import Session
from core.errors import InvalidRequest
from core.identity.actor import Actor
from core.receipts import flush_repository, repository
from core.receipts.errors import FlushKeyReused, ReceiptNotFound, ReceiptNotStanding
from core.receipts.following import follow
from core.receipts.schemas import Flushed
from core.receipts.taking_back import Lines, Papers, content_of, flush, lines_of, more, told
from core.receipts.writing import named_anew, prepare
from core.web.i18n import N_


async def red_flush(
    session: Session,
    payment_id: UUID,
    bill_id: UUID,
    amount_fen: int,
    reason: str,
    by: Actor,
    key: str,
    lines: Mapping[int, int] | None = None,
    *,
    held: bool = False,
) -> Flushed:
    """Take an amount out of what the receipts of a payment on a bill say, before it is refunded; the remainder is issued anew.

    `lines` says how much of which bill line; without it the last lines go first, as payments fill the first ones first. The same key
    again changes nothing (FlushKeyReused with another amount or bill). When less still stands on receipts, that is taken. `held` says that
    the payment's receipts are held already (`hold_many`).
    """
    if amount_fen <= 0 or (lines is not None and sum(lines.values()) != amount_fen):
        raise InvalidRequest(N_("红冲金额必须大于 0，且等于各项目之和"))
    if not held:
        await flush_repository.hold(session, payment_id)
    used, on_lines, found = await flush_repository.look(session, payment_id, key)
    if used:
        known = await flush_repository.find_flush(session, key)
        if (known.payment_id, known.bill_id, known.amount_fen) != (payment_id, bill_id, amount_fen):
            raise FlushKeyReused(key=key)
        return await told(session, known)
    standing = [blue for blue in await follow(session, payment_id, by, (on_lines, found)) if blue.bill_id == bill_id]
    if not standing and await prepare(session, payment_id, [bill_id]):
        standing = await flush_repository.list_standing(session, payment_id, bill_id)
    return await flush(session, payment_id, bill_id, standing, amount_fen, lines, reason, by, key)


async def hold_many(session: Session, payment_ids: Sequence[UUID]) -> None:
    """Whoever changes the receipts of these payments does so alone until the transaction ends."""
    await flush_repository.hold(session, *payment_ids)


async def flush_state(session: Session, key: str) -> str:
    """`done` when every ticket of a red-flush is taken back, `under_way` while an outside issuer has not confirmed."""
    known = await flush_repository.find_flush(session, key)
    if known is None:
        raise ReceiptNotFound()
    return (await told(session, known)).state


async def restore(session: Session, key: str, reason: str, by: Actor) -> None:
    """The refund did not happen after all: what was taken out under its key is receipted again, once."""
    known = await flush_repository.find_flush(session, key)
    if known is None:
        raise ReceiptNotFound()
    await flush_repository.hold(session, known.payment_id)
    undone = f"{key}:restored"
    if await flush_repository.find_flush(session, undone) is not None:
        return
    back: dict[str, Lines] = {ticket: lines_of(found) for ticket, found in known.lines.items()}
    less = {ticket: {no: (name, -fen) for no, (name, fen) in found.items()} for ticket, found in back.items()}
    papers = Papers(known.payment_id, known.bill_id, undone, reason)
    standing = {blue.ticket: blue for blue in await flush_repository.list_standing(session, known.payment_id, known.bill_id)}
    for newest in await flush_repository.list_newest(session, known.payment_id, known.bill_id):
        if newest.ticket not in back:
            continue
        blue = standing.get(newest.ticket)
        red_id = papers.take_back(blue) if blue else None
        whole = more(content_of(blue).by_line if blue else {}, back[newest.ticket])
        papers.write_anew(newest, content_of(newest), whole, red_id)
    await papers.write(session, -known.amount_fen, less, by)


async def correct(session: Session, receipt_id: UUID, reissue: bool, reason: str, by: Actor, key: str) -> None:
    """Take one receipt back whole because it was wrong, and issue it anew under today's names if wanted; ReceiptNotStanding otherwise."""
    row = await repository.find_receipt(session, receipt_id)
    if row is None:
        raise ReceiptNotFound()
    await flush_repository.hold(session, row.payment_id)
    standing = await flush_repository.list_standing(session, row.payment_id, row.bill_id)
    blue = next((blue for blue in standing if blue.id == receipt_id), None)
    if blue is None:
        raise ReceiptNotStanding(number=row.number or "")
    lines = content_of(blue).by_line
    papers = Papers(blue.payment_id, blue.bill_id, key, reason)
    red_id = papers.take_back(blue)
    if reissue:
        content = await named_anew(session, blue.payment_id, blue.bill_id, content_of(blue))
        papers.write_anew(blue, content, lines, red_id)
    await papers.write(session, blue.amount_fen, {blue.ticket: lines}, by)
