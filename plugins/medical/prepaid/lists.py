"""Balances of former years as staff see them."""

from uuid import UUID

from core import paging
from core.database import Row, Session
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from core.masking import mask_name, mask_phone
from core.refunds import batches
from plugins.medical.prepaid import repository
from plugins.medical.prepaid.errors import BalanceNotFound
from plugins.medical.prepaid.schemas import BalancePage, BalanceRead, CreditTotals


def words_of(typed: str) -> str:
    """What was typed into the search field, as it is looked for."""
    return " ".join(typed.replace("\0", "").split())[:64]


async def list_page(
    session: Session, keys: TenantKeys, by: Actor, *, status: str, source: str, words: str, cursor: str | None, limit: int = paging.PAGE
) -> BalancePage:
    """Balances, the oldest first; `words` is a card, a patient's number, a part of the name, or an evidence number."""
    rows = await repository.list_page(
        session, status=status, source=source, search=words_of(words), after=paging.read_id(cursor), limit=limit + 1
    )
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    return BalancePage([read(row, keys, by) for row in shown], more, await repository.totals(session))


async def find(session: Session, keys: TenantKeys, balance_id: UUID, by: Actor) -> BalanceRead:
    """One balance; BalanceNotFound otherwise."""
    row = await repository.find(session, balance_id)
    if row is None:
        raise BalanceNotFound()
    return read(row, keys, by)


async def credit(session: Session) -> CreditTotals:
    """What patients have as credit in our own books."""
    found = await repository.list_credit(session, batches.MOST)
    return CreditTotals(len(found), sum(row.fen for row in found))


def read(row: Row, keys: TenantKeys, by: Actor) -> BalanceRead:
    """A balance with name, phone and account masked."""
    same = ("id", "source", "card_no", "patient_no", "last_used_on", "amount_fen", "status", "paid_on", "told_at", "refunded_at")
    return BalanceRead(
        **{name: getattr(row, name) for name in same}, name=mask_name(row.name),
        phone=mask_phone(keys.open(row.phone_sealed)) if row.phone_sealed else "", account=row.account_masked or "", identity=row.identity or "",
        evidence=row.evidence or "", made_by=row.made_by or "", checked_by=row.checked_by or "", mine=row.made_by_id == by.id,
    )  # fmt: skip
