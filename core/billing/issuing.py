"""Issue bills: drafts in, numbered bills out, once each per source and person."""

from collections.abc import Sequence

import msgspec
from stdnum import luhn

from core import clock, ids
from core.billing import issuing_repository as repository
from core.billing.schemas import BillDraft, Issued
from core.database import Session
from core.hookspecs import BillsIssued
from core.outbox import service as outbox

BILL_COLUMNS = (
    "id number pay_code plugin source party_id org_id title period due_on visible_from amount_fen discount_fen status "
    "allow_partial allow_merge instalments"
).split()
LINE_COLUMNS = (
    "bill_id line_no item_code item_name category merchant_id quantity unit_price_fen amount_fen discount_fen mandatory rule"
).split()


def new_pay_code() -> str:
    """Sixteen digits that open one bill; the last is a Luhn check digit, so that a typing error is told from a wrong code."""
    body = ids.digits(15)
    return body + luhn.calc_check_digit(body)


async def issue(session: Session, drafts: Sequence[BillDraft]) -> Issued:
    """Number and write bills with their lines. A draft whose source and person already have a bill changes nothing."""
    now = clock.now()
    day = clock.business_day(now).strftime("%y%m%d")
    rows = [_bill_row(draft, day) for draft in drafts]
    if not rows:
        return Issued(0, 0, 0)
    new = set(await repository.insert_bills(session, repository.as_columns(rows, BILL_COLUMNS), now))
    amount_fen = 0
    lines: list[dict[str, object]] = []
    for row, draft in zip(rows, drafts, strict=True):
        if row["id"] in new:
            amount_fen += row["amount_fen"]
            lines += _line_rows(row["id"], draft)
    if lines:
        await repository.insert_lines(session, repository.as_columns(lines, LINE_COLUMNS))
        for source in sorted({draft.source for draft in drafts}):
            mine = [row for row in rows if row["source"] == source and row["id"] in new]
            if mine:
                total = sum(row["amount_fen"] for row in mine)
                await outbox.add(session, BillsIssued(source=source, count=len(mine), amount_fen=total))
    return Issued(len(new), amount_fen, len(rows) - len(new))


def _bill_row(draft: BillDraft, day: str) -> dict[str, object]:
    chosen = [line for line in draft.lines if line.mandatory]
    amount_fen = sum(line.amount_fen - line.discount_fen for line in chosen)
    return {
        "id": ids.uuid7(),
        "number": ids.number("B", day, 10),
        "pay_code": new_pay_code(),
        "plugin": draft.plugin,
        "source": draft.source,
        "party_id": draft.party_id,
        "org_id": draft.org_id,
        "title": draft.title,
        "period": draft.period,
        "due_on": draft.due_on,
        "visible_from": draft.visible_from,
        "amount_fen": amount_fen,
        "discount_fen": sum(line.discount_fen for line in chosen),
        "status": "issued",
        "allow_partial": draft.allow_partial,
        "allow_merge": draft.allow_merge,
        "instalments": msgspec.json.encode(draft.instalments).decode() if draft.instalments else None,
    }


def _line_rows(bill_id: object, draft: BillDraft) -> list[dict[str, object]]:
    return [
        {
            "bill_id": bill_id,
            "line_no": number,
            "item_code": line.item_code,
            "item_name": line.item_name,
            "category": line.category,
            "merchant_id": line.merchant_id,
            "quantity": line.quantity,
            "unit_price_fen": line.unit_price_fen,
            "amount_fen": line.amount_fen,
            "discount_fen": line.discount_fen,
            "mandatory": line.mandatory,
            "rule": msgspec.json.encode(line.rule).decode(),
        }
        for number, line in enumerate(draft.lines, start=1)
    ]
