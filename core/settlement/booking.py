"""The journals of a settlement: fees and partners' shares, the payout, and its reversal when the bank sends the money back (§2.2)."""

from uuid import UUID

from core.database import Row, Session
from core.ledger import service as ledger
from core.ledger.errors import NotEnoughBalance
from core.ledger.schemas import FEE_INCOME, Journal, Posting, bank_account, credit, debit, merchant_account
from core.settlement import repository


async def available_fen(session: Session, batch: Row) -> int:
    """What can be paid out of a merchant's account: its balance less fees and shares that are not in the books yet."""
    owed = sum(int(row.cost_fen) + int(row.split_fen) for row in await repository.list_unbooked(session, batch.merchant_id, batch.id))
    return await ledger.balance(session, merchant_account(batch.merchant_code)) - owed


async def book_costs(session: Session, merchant_id: UUID, batch_id: UUID, by: str = "系统", *, only_if_covered: bool = False) -> None:
    """Post fees and partners' shares of a merchant's batches that are not in the books yet, one journal each; a batch that owes more than
    the merchant's account holds is left for a later one when `only_if_covered`. Raises NotEnoughBalance otherwise."""
    for row in await repository.list_unbooked(session, merchant_id, batch_id):
        cost_fen, split_fen = int(row.cost_fen), int(row.split_fen)
        if not cost_fen and not split_fen:
            continue
        mine = merchant_account(row.merchant_code)
        if only_if_covered and await ledger.balance(session, mine) < cost_fen + split_fen:
            return
        try:
            journal_id = await _book_cost(session, row, mine, cost_fen, by)
        except NotEnoughBalance:  # a partner owes a share back and has nothing: its next money brings it
            if only_if_covered:
                return
            raise
        await repository.change(session, row.id, fee_journal_id=journal_id)


async def _book_cost(session: Session, row: Row, mine: str, cost_fen: int, by: str) -> UUID:
    """Dr merchant, Cr fee income and the partners; the signs turn where more came back than was charged."""
    postings = [Posting(mine, cost_fen, row.merchant_id), Posting(FEE_INCOME, -cost_fen)] if cost_fen else []
    for share in await repository.splits_of(session, row.id):
        postings += [
            Posting(mine, int(share.amount_fen), row.merchant_id),
            Posting(merchant_account(share.partner_code), -int(share.amount_fen), share.partner_id),
        ]
    return await ledger.post(
        session,
        Journal(
            key=f"settlement-cost:{row.id}", event="settlement.cost", biz_type="settlement", biz_id=str(row.id), postings=tuple(postings),
            by=by, memo=row.number, settle_on=row.bill_on,
        ),
    )  # fmt: skip


async def book_payout(session: Session, batch: Row, number: str, amount_fen: int, clearing: str, by: str) -> UUID:
    """Dr merchant, Cr the clearing account: written when a person has approved, before the bank is called."""
    return await ledger.post(
        session,
        Journal(
            key=f"payout:{number}",
            event="settlement.payout",
            biz_type="settlement",
            biz_id=str(batch.id),
            postings=(
                debit(merchant_account(batch.merchant_code), amount_fen, batch.merchant_id),
                credit(bank_account(clearing), amount_fen),
            ),
            by=by,
            memo=number,
            settle_on=batch.settle_on,
        ),
    )


async def undo_payout(session: Session, journal_id: UUID, why: str) -> UUID:
    """The money is back, or never left: the exact reversal."""
    return await ledger.reverse(session, journal_id, by="系统", memo=why)
