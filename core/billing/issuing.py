"""Issue bills: drafts in, numbered bills out, once each per source and person."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import msgspec
from stdnum import luhn

from core import clock, ids
from core.billing import issuing_repository as repository
from core.billing.issuing_repository import Columns
from core.billing.schemas import BillDraft, Issued, LineDraft
from core.database import Session
from core.hookspecs import BillsIssued
from core.outbox import service as outbox

HEADING = "plugin source title period due_on visible_from allow_partial allow_merge instalments".split()
AT_ONCE = 2_000
"""Bills a statement; between two of them people see how far it is."""
Progress = Callable[[int, int], Awaitable[None]]
LINE = "item_code item_name category merchant_id quantity unit_price_fen amount_fen discount_fen mandatory".split()


def new_pay_code() -> str:
    """Sixteen digits that open one bill; the last is a Luhn check digit, so that a typing error is told from a wrong code."""
    body = ids.digits(15)
    return body + luhn.calc_check_digit(body)


async def issue(session: Session, drafts: Sequence[BillDraft], progress: Progress | None = None) -> Issued:
    """Number and write bills with their lines. A draft whose source and person already have a bill changes nothing.

    `progress` is told the bills written so far, and of how many.
    """
    fresh: list[tuple[UUID, BillDraft, int]] = []
    for start in range(0, len(drafts), AT_ONCE):
        fresh += await _write(session, drafts[start : start + AT_ONCE])
        if progress is not None:
            await progress(min(start + AT_ONCE, len(drafts)), len(drafts))
    for source in sorted({draft.source for _, draft, _ in fresh}):
        amounts = [amount_fen for _, draft, amount_fen in fresh if draft.source == source]
        await outbox.add(session, BillsIssued(source=source, count=len(amounts), amount_fen=sum(amounts)))
    return Issued(len(fresh), sum(amount_fen for _, _, amount_fen in fresh), len(drafts) - len(fresh))


async def _write(session: Session, drafts: Sequence[BillDraft]) -> list[tuple[UUID, BillDraft, int]]:
    """Some bills in two statements; answers those that are new, with what each comes to."""
    columns = _bills(drafts)
    new = set(await repository.insert_bills(session, columns, clock.now()))
    ours = zip(columns["id"], drafts, columns["amount_fen"], strict=True)
    fresh = [(bill_id, draft, amount_fen) for bill_id, draft, amount_fen in ours if bill_id in new]
    if fresh:
        await repository.insert_lines(session, _lines([(bill_id, draft) for bill_id, draft, _ in fresh]))
    return fresh


def _bills(drafts: Sequence[BillDraft]) -> Columns:
    """One list per column; what many bills share stands once among the headings."""
    day = clock.today().strftime("%y%m%d")
    headings: dict[tuple, int] = {}
    columns: Columns = {name: [] for name in ("id", "number", "pay_code", "party_id", "org_id", "amount_fen", "discount_fen", "heading")}
    for draft in drafts:
        chosen = [line for line in draft.lines if line.mandatory]
        discount_fen = sum(line.discount_fen for line in chosen)
        columns["id"].append(ids.uuid7())
        columns["number"].append(ids.number("B", day, 10))
        columns["pay_code"].append(new_pay_code())
        columns["party_id"].append(draft.party_id)
        columns["org_id"].append(draft.org_id)
        columns["amount_fen"].append(sum(line.amount_fen for line in chosen) - discount_fen)
        columns["discount_fen"].append(discount_fen)
        columns["heading"].append(headings.setdefault(tuple(getattr(draft, name) for name in HEADING), len(headings) + 1))
    for at, name in enumerate(HEADING):
        columns[name] = [heading[at] for heading in headings]
    columns["instalments"] = [msgspec.json.encode(each).decode() if each else None for each in columns["instalments"]]
    return columns


def _lines(bills: Sequence[tuple[UUID, BillDraft]]) -> Columns:
    """One list per column; a line draft that several bills share is one kind of line, written out once."""
    kinds: dict[int, tuple[int, LineDraft]] = {}
    columns: Columns = {"bill_id": [], "line_no": [], "kind": []}
    for bill_id, draft in bills:
        for number, line in enumerate(draft.lines, start=1):
            columns["bill_id"].append(bill_id)
            columns["line_no"].append(number)
            columns["kind"].append(kinds.setdefault(id(line), (len(kinds) + 1, line))[0])
    for name in LINE:
        columns[name] = [getattr(line, name) for _, line in kinds.values()]
    columns["rule"] = [msgspec.json.encode(line.rule).decode() for _, line in kinds.values()]
    return columns
