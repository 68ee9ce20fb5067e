"""Receipts follow the money: what was moved away is taken out of them, what came later is put in, so that none claims what is elsewhere."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from core import ids
from core.database import Row, Session
from core.identity.actor import Actor
from core.receipts import flush_repository
from core.receipts.taking_back import Papers, content_of, flush
from core.receipts.writing import contents, prepare

OnLines = dict[tuple[UUID, int], int]
"""Fen by bill and line."""
MOVED, ADDED = "缴费已转至其他账单或余额", "同一笔缴费又有款项转入"


async def follow(session: Session, payment_id: UUID, by: Actor, seen: tuple[OnLines, Sequence[Row]] | None = None) -> Sequence[Row]:
    """Money that was moved to another bill, or became credit, is taken out of the receipts that still claim it; where it went is receipted.

    Answers the receipts of the payment that stand then, held. `seen` is what `flush_repository.look` found just now.
    """
    on_lines, standing = seen or (
        await flush_repository.list_allocated(session, payment_id), await flush_repository.list_standing(session, payment_id)
    )  # fmt: skip
    over: dict[UUID, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for blue in standing:
        for no, (_name, fen) in content_of(blue).by_line.items():
            gone = fen - on_lines.get((blue.bill_id, no), 0)
            if gone > 0:
                over[blue.bill_id][no] += gone
    if not over:
        return standing
    for bill_id, lines in over.items():
        mine = [blue for blue in standing if blue.bill_id == bill_id]
        await flush(session, payment_id, bill_id, mine, sum(lines.values()), lines, MOVED, by, f"moved:{ids.uuid7()}")
    await prepare(session, payment_id, list({bill_id for bill_id, _no in on_lines}))
    return await flush_repository.list_standing(session, payment_id)


async def complete(session: Session, payment_id: UUID, by: Actor) -> None:
    """Money that came onto a bill after the payment (out of suspense, from credit) is receipted too.

    Bills from whose receipts something was taken back are left alone: what their receipts say was decided then.
    """
    on_lines = await flush_repository.list_allocated(session, payment_id)
    bill_ids = list({bill_id for bill_id, _no in on_lines})
    await prepare(session, payment_id, bill_ids)
    settled = await flush_repository.list_taken_back(session, payment_id)
    now = await contents(session, payment_id, bill_ids)
    for blue in await flush_repository.list_standing(session, payment_id):
        today = now.get((blue.bill_id, blue.ticket))
        if blue.bill_id in settled or today is None or blue.amount_fen >= sum(fen for _name, fen in today.lines):
            continue
        said = {blue.ticket: content_of(blue).by_line}
        papers = Papers(payment_id, blue.bill_id, f"moved:{ids.uuid7()}", ADDED)
        papers.write_anew(blue, content_of(blue), today.by_line, papers.take_back(blue))
        await papers.write(session, blue.amount_fen, said, by)
