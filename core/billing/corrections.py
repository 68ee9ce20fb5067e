"""Correcting bills, each by two people: void, write off, adjust, move a payment to another bill. Money is moved, never edited."""

from collections import defaultdict
from uuid import UUID

import msgspec

from core import money
from core.approvals import service as approvals
from core.billing import bound, repository, service
from core.billing.errors import BadAdjustment, BillHasMoney, BillNotFound, BillNotOpen, MoveNotPossible
from core.billing.schemas import BillRead, LineChange, Placement
from core.billing.states import BILL, OPEN
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.ledger import service as ledger
from core.ledger.schemas import Journal, Posting, credit, debit, merchant_account, prepaid_account


async def propose_void(session: Session, bill: BillRead, reason: str, by: Actor) -> UUID:
    """Ask that a wrong bill be voided; it must hold no money."""
    BILL.check(bill.status, "void")
    if bill.paid_fen:
        raise BillHasMoney(number=bill.number)
    return await _propose(session, "billing.void", bill, {}, reason, by, bill.amount_fen)


async def void(session: Session, bill_id: UUID, proposal: dict, by: Actor) -> None:
    """The bill is void, if still no money came."""
    held = await _hold(session, bill_id)
    BILL.check(held.status, "void")
    if held.paid_fen:
        raise BillHasMoney(number=held.number)
    await repository.set_status(session, bill_id, "void")
    await _recorded(session, by, "void", held, {"status": "void"}, proposal)


async def propose_write_off(session: Session, bill: BillRead, reason: str, by: Actor) -> UUID:
    """Ask that what an overdue bill still owes be given up."""
    BILL.check(bill.status, "written_off")
    if not bill.overdue:
        raise BillNotOpen(f"账单 {bill.number} 未逾期，不能核销")
    return await _propose(session, "billing.write_off", bill, {}, reason, by, bill.open_fen)


async def write_off(session: Session, bill_id: UUID, proposal: dict, by: Actor) -> None:
    """The rest of the bill is given up; what was paid stays."""
    held = await _hold(session, bill_id)
    await repository.set_status(session, bill_id, BILL.check(held.status, "written_off"))
    await _recorded(session, by, "write_off", held, {"status": "written_off"}, proposal)


async def propose_adjust(session: Session, bill: BillRead, changes: list[LineChange], reason: str, by: Actor) -> UUID:
    """Ask that lines of a bill come to another net amount (between zero and the price)."""
    bound.check_free(bill)
    lines = {line.line_no: line for line in bill.lines}
    for change in changes:
        line = lines.get(change.line_no)
        if line is None or not 0 <= change.net_fen <= line.amount_fen:
            raise BadAdjustment(item=line.item_name if line else change.line_no)
    if not changes or bill.status not in (*OPEN, "paid"):
        raise BillNotOpen(number=bill.number, status=bill.status)
    difference = sum(change.net_fen - lines[change.line_no].net_fen for change in changes)
    told = [(lines[c.line_no].item_name, lines[c.line_no].net_fen, c.net_fen, lines[c.line_no].chosen) for c in changes]
    proposal = {"changes": [msgspec.to_builtins(change) for change in changes], "version": bill.version, "lines": told}
    return await _propose(session, "billing.adjust", bill, proposal, reason, by, difference)


async def adjust(session: Session, bill_id: UUID, proposal: dict, by: Actor) -> None:
    """A new version of the bill; what it now holds too much becomes the family's credit."""
    held = await _hold(session, bill_id)
    if held.version != proposal["version"]:
        raise BillNotOpen("账单在复核期间有变动，请退回后重新提交调整")
    before = await service.find_bill(session, bill_id)
    await repository.add_version(
        session,
        {
            "bill_id": bill_id,
            "version": held.version,
            "lines": msgspec.to_builtins(before.lines),
            "amount_fen": held.amount_fen,
            "reason": proposal["reason"],
            "made_by": proposal["made_by"],
            "checked_by": by.name,
        },
    )
    changes = {change["line_no"]: change["net_fen"] for change in proposal["changes"]}
    await repository.reprice(session, bill_id, changes)
    await _excess_to_credit(session, held, by, f"adjust:{proposal['approval_id']}")
    await repository.settle_status(session, bill_id)
    await _recorded(session, by, "adjust", held, {"lines": {str(k): v for k, v in changes.items()}}, proposal)


async def propose_move(session: Session, source: BillRead, target: BillRead, amount_fen: int, reason: str, by: Actor) -> UUID:
    """Ask that money paid on one bill lie on another (a payment booked to the wrong sibling)."""
    bound.check_free(source, target)
    if source.id == target.id:
        raise MoveNotPossible(why="转出与转入是同一张账单")
    if not 0 < amount_fen <= source.paid_fen - source.refunded_fen:
        raise MoveNotPossible(why=f"转出账单可转金额为 {money.format_yuan(source.paid_fen - source.refunded_fen)} 元")
    service.check_payable(target, min(amount_fen, target.open_fen), merged=False)
    if amount_fen > target.open_fen:
        raise MoveNotPossible(why=f"转入账单仅欠 {money.format_yuan(target.open_fen)} 元")
    proposal = {
        "target": str(target.id),
        "amount_fen": amount_fen,
        "target_number": target.number,
        "target_title": target.title,
        "target_open_fen": target.open_fen,
    }
    return await _propose(session, "billing.move", source, proposal, reason, by, amount_fen)


async def move(session: Session, bill_id: UUID, proposal: dict, by: Actor) -> None:
    """Move money between bills by a journal: newest money first, the merchants change sides with it."""
    target_id, amount_fen = UUID(proposal["target"]), proposal["amount_fen"]
    for each in sorted((bill_id, target_id)):
        await _hold(session, each)
    taken = _take(await repository.list_money_on(session, bill_id), amount_fen)
    shares, left = await service.share_out(session, [(target_id, amount_fen)], amount_fen)
    if left or sum(t.amount_fen for t in taken) != amount_fen:
        raise MoveNotPossible(why="账单在复核期间有变动，请退回后重新提交")
    postings: dict[str, tuple[int, UUID]] = defaultdict(lambda: (0, None))
    for row, sign in [*((t, 1) for t in taken), *((s, -1) for s in shares)]:
        account = merchant_account(row.merchant_code)
        postings[account] = (postings[account][0] + sign * row.amount_fen, row.merchant_id)
    journal_id = await ledger.post(
        session,
        Journal(
            key=f"move:{proposal['approval_id']}",
            event="billing.moved",
            biz_type="bill",
            biz_id=str(target_id),
            postings=_balanced(postings, taken, shares),
            by=by.name,
            memo=proposal["reason"],
        ),
    )
    placements = [_placement(t, -t.amount_fen) for t in taken]
    pieces = pair([(t.payment_id, t.amount_fen) for t in taken], [(s, s.amount_fen) for s in shares])
    placements += [
        Placement(payment_id=payment_id, kind="bill", bill_id=share.bill_id, line_no=share.line_no, amount_fen=fen)
        for payment_id, share, fen in pieces
    ]
    await service.place(session, journal_id, placements)
    await audit.record(
        session, by, "billing.bill.move", "bill", bill_id, after={"to": str(target_id), "amount_fen": amount_fen}, reason=proposal["reason"]
    )


class Taken(msgspec.Struct, frozen=True):
    """Money of one payment lifted from one line."""

    payment_id: UUID
    bill_id: UUID
    line_no: int
    merchant_id: UUID
    merchant_code: str
    amount_fen: int


def _take(rows: list[Row], amount_fen: int) -> list[Taken]:
    taken = []
    for row in rows:
        part = min(int(row.amount_fen), amount_fen)
        if part > 0:
            taken.append(Taken(row.payment_id, row.bill_id, row.line_no, row.merchant_id, row.merchant_code, part))
            amount_fen -= part
    return taken


def pair(givers: list[tuple[object, int]], takers: list[tuple[object, int]]) -> list[tuple[object, object, int]]:
    """Say which payment's money lies on which line, keeping every fen with its payment."""
    pieces, givers = [], [list(giver) for giver in givers]
    for taker, wanted in takers:
        while wanted:
            payment_id, has = givers[0]
            part = min(wanted, has)
            pieces.append((payment_id, taker, part))
            wanted -= part
            givers[0][1] -= part
            if not givers[0][1]:
                givers.pop(0)
    return pieces


def _balanced(net: dict[str, tuple[int, UUID]], taken: list[Taken], shares: list) -> tuple[Posting, ...]:
    """One posting per merchant that gains or loses; within one merchant both sides are shown, so that the journal tells the move."""
    moved = tuple(Posting(account, fen, merchant_id) for account, (fen, merchant_id) in net.items() if fen)
    if moved:
        return moved
    out = taken[0]
    account, total = merchant_account(out.merchant_code), sum(t.amount_fen for t in taken)
    return (debit(account, total, out.merchant_id), credit(account, total, out.merchant_id))


def _placement(taken: Taken, amount_fen: int) -> Placement:
    return Placement(payment_id=taken.payment_id, kind="bill", bill_id=taken.bill_id, line_no=taken.line_no, amount_fen=amount_fen)


async def _excess_to_credit(session: Session, held: Row, by: Actor, key: str) -> None:
    over = {row.line_no: row.over_fen for row in await repository.list_overpaid(session, held.id)}
    if not over:
        return
    on_lines = await repository.list_money_on(session, held.id)
    taken = [t for line_no, fen in over.items() for t in _take([row for row in on_lines if row.line_no == line_no], fen)]
    debits: dict[tuple[str, UUID], int] = defaultdict(int)
    for t in taken:
        debits[merchant_account(t.merchant_code), t.merchant_id] += t.amount_fen
    total = sum(debits.values())
    journal_id = await ledger.post(
        session,
        Journal(
            key=key,
            event="billing.credited",
            biz_type="bill",
            biz_id=str(held.id),
            postings=(*(debit(a, fen, m) for (a, m), fen in debits.items()), credit(prepaid_account(held.party_id), total)),
            by=by.name,
        ),
    )
    placements = [_placement(t, -t.amount_fen) for t in taken]
    placements += [
        Placement(payment_id=t.payment_id, kind="credit", party_id=held.party_id, amount_fen=t.amount_fen) for t in taken
    ]
    await service.place(session, journal_id, placements)


async def _hold(session: Session, bill_id: UUID) -> Row:
    held = await repository.lock_bill(session, bill_id)
    if held is None:
        raise BillNotFound()
    return held


async def _propose(
    session: Session, kind: str, bill: BillRead, proposal: dict[str, object], reason: str, by: Actor, amount_fen: int
) -> UUID:
    before = {"status": bill.status, "amount_fen": bill.amount_fen, "paid_fen": bill.paid_fen, "open_fen": bill.open_fen}
    proposal = {**proposal, "number": bill.number, "before": before}
    return await approvals.propose(
        session, by, kind=kind, title=f"{bill.title} · {bill.number}", subject_id=bill.id, proposal=proposal, reason=reason,
        amount_fen=amount_fen, org_id=bill.org_id,
    )


async def _recorded(session: Session, by: Actor, verb: str, held: Row, after: dict[str, object], proposal: dict) -> None:
    before = {"status": held.status, "amount_fen": held.amount_fen}
    await audit.record(session, by, f"billing.bill.{verb}", "bill", held.id, before=before, after=after, reason=proposal["reason"])
