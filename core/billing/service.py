"""Bills as payers and staff use them: read, tick optional lines, take money, give it back."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from core import clock, money
from core.billing import instalments, repository
from core.billing.allocation import OpenLine, fill_all
from core.billing.errors import (
    AmountTooLarge,
    BillNotFound,
    BillNotOpen,
    LineAlreadyPaid,
    LineNotOptional,
    MergeNotAllowed,
    NothingToPay,
    PartialNotAllowed,
)
from core.billing.schemas import BillRead, LineRead, Placement, Share
from core.billing.states import OPEN
from core.database import Row, Session, Write
from core.errors import StaleForm
from core.identity import audit
from core.identity.actor import Actor


async def find_bill(session: Session, bill_id: UUID) -> BillRead:
    """One bill with its lines and instalments; BillNotFound outside this tenant."""
    row = await repository.find_bill(session, bill_id)
    if row is None:
        raise BillNotFound()
    return (await _with_lines(session, [row]))[0]


async def find_by_pay_code(session: Session, pay_code: str) -> BillRead:
    """The bill a 16-digit pay code opens; BillNotFound for any other digits."""
    row = await repository.find_by_pay_code(session, pay_code)
    if row is None:
        raise BillNotFound()
    return (await _with_lines(session, [row]))[0]


async def open_bills(session: Session, party_ids: Sequence[UUID]) -> list[BillRead]:
    """What some people still owe and may see, the first due first."""
    rows = await repository.list_bills_of(session, list(party_ids), only_open=True, now=clock.now())
    return await _with_lines(session, rows)


async def bills_of(session: Session, party_ids: Sequence[UUID]) -> list[BillRead]:
    """Every visible bill of some people, paid ones too."""
    rows = await repository.list_bills_of(session, list(party_ids), only_open=False, now=clock.now())
    return await _with_lines(session, rows)


async def choose_lines(session: Session, bill_id: UUID, line_nos: set[int], by: Actor, version: int) -> BillRead:
    """Tick exactly these optional lines; the bill's amount follows. It is the payer's own version, no checker (architecture §11.4)."""
    held = await repository.lock_bill(session, bill_id)
    if held is None:
        raise BillNotFound()
    if held.version != version:
        raise StaleForm()
    if held.status not in OPEN and held.status != "paid":
        raise BillNotOpen(number=held.number, status=held.status)
    before = {line.line_no: line for line in await repository.list_lines(session, [bill_id])}
    for number in line_nos:
        if number not in before or before[number].mandatory:
            raise LineNotOptional(item=before[number].item_name if number in before else number)
    for number, line in before.items():
        if line.paid_fen and not line.mandatory and number not in line_nos:
            raise LineAlreadyPaid(item=line.item_name)
    await repository.choose_lines(session, bill_id, sorted(line_nos), version)
    ticked = sorted(number for number, line in before.items() if line.chosen and not line.mandatory)
    await audit.record(
        session, by, "billing.bill.choose", "bill", bill_id, before={"optional_lines": ticked}, after={"optional_lines": sorted(line_nos)}
    )
    return await find_bill(session, bill_id)


def check_payable(bill: BillRead, amount_fen: int, merged: bool) -> None:
    """Whether a bill takes this much now; says what to do otherwise."""
    if bill.status not in OPEN:
        raise BillNotOpen(number=bill.number, status=bill.status)
    if bill.open_fen <= 0:
        raise NothingToPay(number=bill.number)
    if amount_fen > bill.open_fen:
        raise AmountTooLarge(number=bill.number, open=money.format_yuan(bill.open_fen))
    if amount_fen < bill.open_fen and not bill.allow_partial:
        raise PartialNotAllowed(number=bill.number, open=money.format_yuan(bill.open_fen))
    if merged and not bill.allow_merge:
        raise MergeNotAllowed(number=bill.number)


async def share_out(session: Session, bills: Sequence[tuple[UUID, int]], total_fen: int) -> tuple[list[Share], int]:
    """Hold the bills of a charge and say which line gets how much of it; what no open bill owes is the second answer."""
    rows = await repository.lock_open_lines(session, [bill_id for bill_id, _ in bills])
    lines = [OpenLine(r.bill_id, r.line_no, r.merchant_id, r.merchant_code, r.mandatory, r.open_fen) for r in rows]
    return fill_all(bills, lines, total_fen)


async def place(session: Session, journal_id: UUID, placements: Sequence[Placement]) -> None:
    """Write where money lies and bring the bills in step; bills must be held (`share_out`, `lock_bill`)."""
    await session.together(placing(journal_id, placements))


def placing(journal_id: UUID, placements: Sequence[Placement]) -> Write:
    """The same, to be written together with the journal that moves the money."""
    return repository.placing(journal_id, placements, clock.now())


def on_bills(payment_id: UUID, shares: Sequence[Share]) -> list[Placement]:
    """The placements of a payment's shares."""
    return [
        Placement(payment_id=payment_id, kind="bill", bill_id=s.bill_id, line_no=s.line_no, amount_fen=s.amount_fen) for s in shares
    ]


async def _with_lines(session: Session, rows: Sequence[Row]) -> list[BillRead]:
    lines: dict[UUID, list[LineRead]] = {row.id: [] for row in rows}
    if rows:
        for line in await repository.list_lines(session, list(lines)):
            lines[line.bill_id].append(_line(line))
    return [_bill(row, lines[row.id]) for row in rows]


def _line(row: Row) -> LineRead:
    return LineRead(
        line_no=row.line_no,
        item_code=row.item_code,
        item_name=row.item_name,
        category=row.category,
        merchant_id=row.merchant_id,
        quantity=f"{row.quantity.normalize():f}",
        unit_price_fen=row.unit_price_fen,
        amount_fen=row.amount_fen,
        discount_fen=row.discount_fen,
        net_fen=row.net_fen,
        paid_fen=row.paid_fen,
        mandatory=row.mandatory,
        chosen=row.chosen,
        explanation=msgspec.convert(row.rule.get("explanation", []), list[tuple[str, str]]),
    )


def _bill(row: Row, lines: list[LineRead]) -> BillRead:
    today = clock.today()
    open_fen = max(0, row.amount_fen - row.paid_fen) if row.status in OPEN else 0
    return BillRead(
        id=row.id,
        number=row.number,
        pay_code=row.pay_code,
        plugin=row.plugin,
        party_id=row.party_id,
        party_name=row.party_name,
        party_number=row.party_number,
        org_id=row.org_id,
        title=row.title,
        period=row.period,
        due_on=row.due_on,
        overdue=open_fen > 0 and today > row.due_on,
        amount_fen=row.amount_fen,
        discount_fen=row.discount_fen,
        paid_fen=row.paid_fen,
        refunded_fen=row.refunded_fen,
        open_fen=open_fen,
        status=row.status,
        allow_partial=row.allow_partial,
        allow_merge=row.allow_merge,
        version=row.version,
        issued_at=row.issued_at,
        lines=lines,
        instalments=instalments.read(row.instalments, row.amount_fen, row.paid_fen, today),
    )
