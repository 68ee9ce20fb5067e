"""Does the money of each channel arrive? What the channels' files say is owed, against the entries of the clearing account, to the fen.

Every entry of the bank's statement is something: what a channel settled, a payout of ours, one that came back, or unexplained; nothing is
dropped. Money that came is in the books as it came; what is missing of it stays on the channel's account and is a difference (FE2).
Running again changes nothing.
"""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from core import clock, ids
from core.database import Row, Session
from core.identity.actor import Actor, system
from core.ledger import service as ledger
from core.ledger.schemas import (
    CHANNEL_FEES,
    SUSPENSE_LONG,
    SUSPENSE_SHORT,
    Journal,
    Posting,
    bank_account,
    channel_account,
    credit,
    debit,
)
from core.platform import Platform
from core.reconciliation.runs.funds import record_funds_difference, resolve_funds_difference
from core.settlement import arrivals_repository as repository
from core.settlement import bank_accounts_repository, payouts, watching_payouts, working_days
from core.settlement.bank import PaymentState
from core.statements.sources.bank import CHANNEL

LOOKS_BACK_DAYS = 400
SETTLES_AFTER = 1
"""Working days after the bill date on which a channel's money is due (T+1)."""
SIBLINGS = ("wechatpay-fundflow", "alipay-fundflow")
"""Files that tell of the same money as another one of the same channel and day."""


async def match(session: Session, by: Actor | None = None) -> None:
    """Bring arrivals and bank entries to what the files say now."""
    by = by or system(session.tenant_id)
    await repository.lock(session)
    await _expect(session)
    await repository.take(session)
    for entry in await repository.withdraw(session):
        await _withdraw(session, entry, by)
    await repository.expect(session, [_owed(row, stated=False) for row in await repository.list_unstated(session)])
    await repository.match_arrivals(session)
    await _confirm_payouts(session)
    for entry in await repository.list_unexplained(session):
        await suspend(session, entry, by)
    await settle(session, by)


async def settle(session: Session, by: Actor) -> None:
    """Bring every arrival that is not done, and its books, to the entries it has now."""
    covered = await bank_accounts_repository.covered(session)
    for row in await repository.list_unsettled(session):
        await _settle(session, row, covered, by)
    await watching_payouts.watch(session, covered)


async def match_nightly(platform: Platform, tenant_id: UUID) -> None:
    """The same every night: what was due yesterday and did not come is missing today."""
    async with platform.database.tenant(tenant_id) as session:
        await match(session)


async def _expect(session: Session) -> None:
    """What the channels' files say is owed."""
    since = clock.today() - dt.timedelta(days=LOOKS_BACK_DAYS)
    await repository.expect(session, [_owed(row) for row in await repository.list_stated(session, SIBLINGS, since)])


def _owed(row: Row, *, stated: bool = True) -> dict[str, object]:
    due_on = working_days.after(row.bill_on, SETTLES_AFTER).on
    sums = {name: int(getattr(row, name)) if stated else 0 for name in ("gross_fen", "fee_fen", "shared_fen", "net_fen")}
    told = {"channel": row.channel, "merchant_number": row.merchant_number, "bill_on": row.bill_on}
    return {"id": ids.uuid7(), "due_on": due_on, "stated": stated, **sums, **told}


async def _confirm_payouts(session: Session) -> None:
    """Hand each payout what the statement says of it; an entry that contradicts what the bank said before explains nothing."""
    found = sorted(await repository.match_payouts(session), key=lambda entry: entry.booked_at)
    for entry in found:
        await payouts.told(session, entry.number, _state_of(entry))
    if found:
        await repository.deny_payouts(session, [entry.id for entry in found])


def _state_of(entry: Row) -> PaymentState:
    """What an entry of the statement says of a payout."""
    if entry.kind == "returned":
        return PaymentState(state="returned", number=entry.number, returned_at=entry.booked_at, reason="银行退票（对账单）")
    return PaymentState(state="paid", number=entry.number, bank_serial=entry.serial, paid_at=entry.booked_at)


async def suspend(session: Session, entry: Row, by: Actor) -> None:
    """An entry that nothing explains: into suspense, and onto the list of differences."""
    fen, clearing = int(entry.amount_fen), bank_account(entry.account_number)
    sides = (debit(clearing, fen), credit(SUSPENSE_LONG, fen)) if fen > 0 else (debit(SUSPENSE_SHORT, -fen), credit(clearing, -fen))
    journal_id = await _post(session, f"bank-entry:{entry.id}:{entry.statement_id}", "funds.unexplained", "bank_entry", entry.id, sides, entry, by)
    difference_id = await tell_unexplained(session, entry)
    await repository.set_entry(session, entry.id, {"status": "suspense", "journal_id": journal_id, "difference_id": difference_id})


async def tell_unexplained(session: Session, entry: Row, by: str = "系统") -> UUID:
    """Put an entry of the account onto the list of differences, or back onto it."""
    fen = int(entry.amount_fen)
    facts = {"serial": entry.serial, "reference": entry.reference, "direction": "long" if fen > 0 else "short", "kind": entry.kind}
    return await record_funds_difference(
        session, bill_on=entry.booked_on, channel=CHANNEL, merchant_number=entry.account_number, expected_fen=0, arrived_fen=fen,
        due_on=entry.booked_on, facts=facts, number=entry.serial, by=by,
    )  # fmt: skip


async def _withdraw(session: Session, entry: Row, by: Actor) -> None:
    """The bank took an entry back by a newer statement: what it put into suspense leaves it."""
    if entry.journal_id is None:
        return
    why, remark = f"银行更正了 {entry.booked_on:%Y-%m-%d} 的对账单", "银行的新版对账单里没有这一笔"
    if entry.assignment_id is not None:
        await undo_assignment(session, entry.assignment_id, why, by)
        await repository.set_entry(session, entry.id, {"assignment_id": None})
    await ledger.reverse(session, entry.journal_id, by=by.name, memo=why)
    await resolve_funds_difference(session, bill_on=entry.booked_on, channel=CHANNEL, number=entry.serial, remark=remark)


async def undo_assignment(session: Session, assignment_id: UUID, why: str, by: Actor) -> None:
    """Take back what two people said an entry was: the exact reversal of each journal; the money lies in suspense again."""
    for part in await repository.parts_of(session, assignment_id):
        reversal_id = await ledger.reverse(session, part.journal_id, by=by.name, memo=why[:200])
        await repository.set_part(session, assignment_id, part.arrival_id, {"reversal_id": reversal_id})
    gone = {"status": "reversed", "undone_by": by.name, "undone_at": clock.now(), "undone_because": why[:200]}
    await repository.set_assignment(session, assignment_id, gone)


async def _settle(session: Session, row: Row, covered: tuple[dt.date, dt.date] | None, by: Actor) -> None:
    """Book what came and what the channel kept, say how the arrival stands, and tell of a difference, or of its end."""
    came, net = int(row.came_fen), int(row.net_fen)
    fee = (int(row.fee_fen) if came or not net else 0) if row.stated else int(row.fee_posted_fen)
    postings, journal_id = int(row.postings), row.journal_id
    by_hand = int(row.came_assigned_fen)
    new_money, new_fee = (came - by_hand) - (int(row.arrived_fen) - int(row.assigned_fen)), fee - int(row.fee_posted_fen)
    if new_money or new_fee:
        account = row.account or row.account_number
        sides = _sides(row, account, new_money, new_fee)
        journal_id = await _post(session, f"arrival:{row.id}:{postings}", "channel.settled", "arrival", row.id, sides, row, by)
        postings += 1
    status = status_of(row, came, covered)
    values = {
        "status": status, "arrived_fen": came, "assigned_fen": by_hand, "fee_posted_fen": fee, "postings": postings, "journal_id": journal_id,
        "account_number": row.account or row.account_number, "bank_serial": row.last_serial, "arrived_on": row.came_on,
        "statement_id": row.last_statement_id, "row_no": row.last_row_no,
    }  # fmt: skip
    if (row.status, int(row.arrived_fen), int(row.fee_posted_fen)) != (status, came, fee):
        values["changed_at"] = clock.now()
    await repository.set_arrival(session, row.id, values)
    if status in ("differs", "missing"):
        await _tell(session, row, came, status)
    elif row.status in ("differs", "missing"):
        number = f"{row.channel}.{row.merchant_number}.{row.bill_on:%Y%m%d}"
        await resolve_funds_difference(session, bill_on=row.bill_on, channel=row.channel, number=number, remark="款项已到账")


def status_of(row: Row, came_fen: int, covered: tuple[dt.date, dt.date] | None) -> str:
    """How an arrival stands when so much came and the bank has told everything from one day to another.

    What was due before the first statement may well have come: nobody can say, so it is not missing.
    """
    overdue = covered is not None and covered[0] <= row.due_on <= covered[1]
    if row.stated and came_fen == int(row.net_fen):
        return "arrived"
    if came_fen and (row.stated or overdue):
        return "differs"
    return "missing" if row.stated and overdue else "expected"


def _sides(row: Row, account: str, money_fen: int, fee_fen: int) -> tuple[Posting, ...]:
    """Dr the clearing account what came and the fee what the channel kept, Cr what the channel owed; each where it is not nothing."""
    owed = channel_account(row.channel, row.merchant_number)
    sides = [Posting(owed, -money_fen - fee_fen), Posting(CHANNEL_FEES, fee_fen)]
    if money_fen:
        sides.append(Posting(bank_account(account), money_fen))
    return tuple(side for side in sides if side.amount_fen)


async def _tell(session: Session, row: Row, came: int, status: str) -> None:
    net = int(row.net_fen)
    facts = {
        "direction": "long" if came > net else "short", "status": status, "gross_fen": int(row.gross_fen), "fee_fen": int(row.fee_fen),
        "shared_fen": int(row.shared_fen), "serial": row.last_serial or "", "arrival_id": str(row.id),
    }  # fmt: skip
    await record_funds_difference(
        session, bill_on=row.bill_on, channel=row.channel, merchant_number=row.merchant_number, expected_fen=net, arrived_fen=came,
        due_on=row.due_on, facts=facts,
    )  # fmt: skip


async def _post(session: Session, key: str, event: str, biz_type: str, biz_id: UUID, sides: Sequence[Posting], about: Row, by: Actor) -> UUID:
    day = getattr(about, "booked_on", None) or getattr(about, "came_on", None) or about.due_on
    memo = getattr(about, "reference", "") or f"{getattr(about, 'channel', '')} {getattr(about, 'merchant_number', '')} {about.bill_on}"
    journal = Journal(
        key=key, event=event, biz_type=biz_type, biz_id=str(biz_id), postings=tuple(sides), by=by.name, memo=memo[:200],
        accounting_on=day, settle_on=about.bill_on,
    )  # fmt: skip
    return await ledger.post(session, journal)
