"""A family's credit: what was paid too much stays theirs, fen by fen with the payment it came from, until they use it."""

from collections.abc import Sequence
from uuid import UUID

from core.billing import repository, service
from core.billing.corrections import pair
from core.billing.errors import NothingToPay
from core.billing.schemas import Placement
from core.database import Session
from core.identity import audit
from core.identity.actor import Actor
from core.ledger import service as ledger
from core.ledger.schemas import Journal, credit, debit, merchant_account, prepaid_account


async def balance(session: Session, party_ids: Sequence[UUID]) -> int:
    """What these people have as credit together, fen."""
    return sum(int(row.amount_fen) for row in await repository.list_credit(session, list(party_ids)))


async def balances(session: Session, party_ids: Sequence[UUID]) -> dict[UUID, int]:
    """What each of these people has as credit, fen; nobody stands there with nothing."""
    found: dict[UUID, int] = {}
    for row in await repository.list_credit(session, list(party_ids)):
        found[row.party_id] = found.get(row.party_id, 0) + int(row.amount_fen)
    return found


async def use(session: Session, party_ids: Sequence[UUID], bill_id: UUID, by: Actor, key: str) -> int:
    """Put a family's credit on one of its bills, the oldest money first; answers how much was used. `key` makes it happen once."""
    await repository.lock_bill(session, bill_id)
    bill = await service.find_bill(session, bill_id)
    if bill.open_fen <= 0 or bill.party_id not in party_ids:
        raise NothingToPay(number=bill.number)
    has = await repository.hold_credit(session, list(party_ids))
    usable_fen = min(bill.open_fen, sum(int(row.amount_fen) for row in has))
    shares, _ = await service.share_out(session, [(bill_id, bill.open_fen)], usable_fen)
    used = sum(share.amount_fen for share in shares)
    if not used:
        raise NothingToPay(number=bill.number)
    pieces = pair([(row, int(row.amount_fen)) for row in has], [(share, share.amount_fen) for share in shares])
    givers: dict[UUID, int] = {}
    for row, _, fen in pieces:
        givers[row.party_id] = givers.get(row.party_id, 0) + fen
    journal_id = await ledger.post(
        session,
        Journal(
            key=f"credit:{key}",
            event="billing.credit_used",
            biz_type="bill",
            biz_id=str(bill_id),
            postings=(
                *(debit(prepaid_account(party), fen) for party, fen in sorted(givers.items())),
                *(credit(merchant_account(share.merchant_code), share.amount_fen, share.merchant_id) for share in shares),
            ),
            by=by.name,
        ),
    )
    placements = []
    for row, share, fen in pieces:
        placements.append(Placement(payment_id=row.payment_id, kind="credit", party_id=row.party_id, amount_fen=-fen))
        placements.append(
            Placement(payment_id=row.payment_id, kind="bill", bill_id=share.bill_id, line_no=share.line_no, amount_fen=fen)
        )
    await service.place(session, journal_id, placements)
    await audit.record(session, by, "billing.credit.use", "bill", bill_id, after={"amount_fen": used})
    return used
