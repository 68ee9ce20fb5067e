"""Taking and paying out at a window: every entry stands in a shift, and is booked in the same transaction as it is entered."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from core import clock, ids, money
from core.billing import service as billing
from core.counter import repository, shifts
from core.counter.errors import ChequeNotFound, ReferenceMissing, SlipAlreadyEntered, TenderedTooLittle
from core.counter.schemas import ChequeRead, Receipt
from core.counter.states import CHEQUE
from core.database import Row, Session
from core.errors import InvalidRequest
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import Vault
from core.ledger.errors import AlreadyPosted
from core.payments import desk
from core.payments.accounts import service as accounts
from core.payments.schemas import Decision, PayItem
from core.web.i18n import N_

MOST_TENDERED_FEN = 1_000_000_000


async def take_cash(session: Session, vault: Vault, by: Actor, items: Sequence[PayItem], tendered_fen: int, key: str) -> Receipt:
    """Cash over the counter; what is tendered beyond the amount goes back as change."""
    total_fen = sum(item.amount_fen for item in items)
    if tendered_fen < total_fen:
        raise TenderedTooLittle(tendered=money.format_yuan(tendered_fen), amount=money.format_yuan(total_fen))
    if tendered_fen > MOST_TENDERED_FEN:
        raise InvalidRequest(N_("实收金额过大，请核对"))
    held = await shifts.working(session, by, lock=True)
    number = entry_number()
    decision = await _book(session, vault, items, "cash", key, number)
    facts = {"tendered_fen": tendered_fen, "change_fen": tendered_fen - total_fen}
    await enter(session, by, held, number, "cash", total_fen, facts, decision=decision)
    return Receipt(
        order_number=decision.order_number, entry_number=number, payment_id=decision.payment_id, amount_fen=total_fen,
        change_fen=tendered_fen - total_fen,
    )  # fmt: skip


async def take_pos(
    session: Session, vault: Vault, by: Actor, items: Sequence[PayItem], terminal: str, reference: str, card_tail: str, key: str
) -> Receipt:
    """A card paid on a terminal of its own; the slip's terminal and reference number make it unique within a day."""
    terminal, reference = terminal.strip()[:32], reference.strip()[:32]
    if not terminal or not reference:
        raise ReferenceMissing(what="终端号和小票参考号")
    held = await shifts.working(session, by, lock=True)
    number, total_fen = entry_number(), sum(item.amount_fen for item in items)
    try:
        decision = await _book(session, vault, items, "pos", key, f"POS-{clock.today():%Y%m%d}-{terminal}-{reference}")
    except AlreadyPosted:
        raise SlipAlreadyEntered(reference=reference) from None
    facts = {"terminal": terminal, "reference": reference, "card_tail": card_tail.strip()[-4:]}
    await enter(session, by, held, number, "pos", total_fen, facts, decision=decision)
    return Receipt(order_number=decision.order_number, entry_number=number, payment_id=decision.payment_id, amount_fen=total_fen)


async def take_cheque(session: Session, by: Actor, items: Sequence[PayItem], number: str, bank: str, drawer: str) -> UUID:
    """A cheque is taken and kept; it pays nothing before it clears."""
    number, bank, drawer = number.strip()[:32], bank.strip()[:60], drawer.strip()[:60]
    if not (number and bank and drawer):
        raise ReferenceMissing(what="支票号码、出票行和出票人")
    held = await shifts.working(session, by, lock=True)
    for item in items:
        billing.check_payable(await billing.find_bill(session, item.bill_id), item.amount_fen, merged=len(items) > 1)
    cheque_id = ids.uuid7()
    row = {
        "id": cheque_id, "number": number, "bank": bank, "drawer": drawer, "amount_fen": sum(item.amount_fen for item in items),
        "items": msgspec.to_builtins(list(items)), "status": "received", "shift_id": held.id, "taken_by": by.name,
    }  # fmt: skip
    if not await repository.add_cheque(session, row):
        raise SlipAlreadyEntered(reference=number)
    await audit.record(session, by, "counter.cheque.take", "cheque", cheque_id, after={"number": number, "amount_fen": row["amount_fen"]})
    return cheque_id


async def clear_cheque(session: Session, vault: Vault, cheque_id: UUID, by: Actor) -> Receipt:
    """The bank has paid the cheque: it pays its bills now, whatever became of them meanwhile (the rest goes to suspense)."""
    held = await _cheque(session, cheque_id)
    CHEQUE.check(held.status, "cleared")
    items, number = msgspec.convert(held.items, list[PayItem]), entry_number()
    decision = await _book(session, vault, items, "cheque", f"cheque:{cheque_id}", f"CHQ-{held.bank}-{held.number}", strict=False)
    await repository.set_cheque(session, cheque_id, "cleared", by.name, clock.now())
    await enter(session, by, None, number, "cheque", held.amount_fen, {"cheque": held.number, "bank": held.bank}, decision=decision)
    await audit.record(session, by, "counter.cheque.clear", "cheque", cheque_id, after={"payment_id": str(decision.payment_id)})
    return Receipt(order_number=decision.order_number, entry_number=number, payment_id=decision.payment_id, amount_fen=held.amount_fen)


async def bounce_cheque(session: Session, cheque_id: UUID, by: Actor, reason: str) -> None:
    """The bank refused it: the bills stay as they are."""
    held = await _cheque(session, cheque_id)
    await repository.set_cheque(session, cheque_id, CHEQUE.check(held.status, "bounced"), by.name, clock.now())
    await audit.record(session, by, "counter.cheque.bounce", "cheque", cheque_id, reason=reason)


async def list_cheques(session: Session, status: str, before: UUID | None, limit: int) -> list[ChequeRead]:
    """Cheques, the newest first."""
    return [
        ChequeRead(
            id=row.id, number=row.number, bank=row.bank, drawer=row.drawer, amount_fen=row.amount_fen, status=row.status,
            taken_by=row.taken_by, created_at=row.created_at, decided_by=row.decided_by, decided_at=row.decided_at,
        )
        for row in await repository.list_cheques(session, status, before, limit)
    ]  # fmt: skip


async def enter(
    session: Session,
    by: Actor,
    held: Row | None,
    number: str,
    kind: str,
    amount_fen: int,
    facts: dict[str, object],
    *,
    decision: Decision | None = None,
    refund_number: str | None = None,
) -> None:
    """Write a movement into the shift's journal; it is never changed."""
    await repository.add_entry(
        session,
        {
            "id": ids.uuid7(),
            "number": number,
            "shift_id": held.id if held is not None else None,
            "kind": kind,
            "amount_fen": amount_fen,
            "order_number": decision.order_number if decision else None,
            "payment_id": decision.payment_id if decision else None,
            "refund_number": refund_number,
            "facts": facts,
            "entered_by": by.name,
            "entered_at": clock.now(),
        },
    )


def entry_number() -> str:
    """The number of a counter entry, also the reference under which cash is booked."""
    return ids.number("C", clock.today().strftime("%y%m%d"), 10)


async def _book(
    session: Session, vault: Vault, items: Sequence[PayItem], scene: str, key: str, reference: str, *, strict: bool = True
) -> Decision:
    account_id, account = await accounts.collecting(session, vault, "counter")
    bills = [await billing.find_bill(session, item.bill_id) for item in items]
    description = bills[0].title if len(bills) == 1 else f"{bills[0].title}等{len(bills)}张账单" if bills else ""
    return await desk.record(
        session, account_id, account, items, scene=scene, key=key, reference=reference, description=description, strict=strict
    )


async def _cheque(session: Session, cheque_id: UUID) -> Row:
    held = await repository.lock_cheque(session, cheque_id)
    if held is None:
        raise ChequeNotFound()
    return held
