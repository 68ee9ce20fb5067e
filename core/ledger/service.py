"""The only writer of money: post, reverse, balance. Nothing is edited; a correction is a reversal (domain book §2.2)."""

import datetime as dt
import functools
from uuid import UUID, uuid5

from core import clock, ids
from core.database import Session, Write
from core.ledger import repository
from core.ledger.errors import AlreadyPosted, JournalNotFound, NotEnoughBalance, Unbalanced
from core.ledger.schemas import FLOORS, AccountBalance, Journal, Posting, kind_of, natural

_opened: set[UUID] = set()
"""Accounts this process knows to exist; an account's id follows from tenant and code, so no look-up is needed."""


@functools.lru_cache(maxsize=65_536)
def account_id(tenant_id: UUID, code: str) -> UUID:
    """The identifier of an account, the same everywhere."""
    return uuid5(tenant_id, code)


async def post(session: Session, journal: Journal) -> UUID:
    """Write a balanced journal once; AlreadyPosted when its key is there, NotEnoughBalance when a floor would break."""
    journal_id, write = await posting(session, journal)
    if not (await session.together(write)).posted:
        raise AlreadyPosted(key=journal.key)
    return journal_id


async def posting(session: Session, journal: Journal) -> tuple[UUID, Write]:
    """A journal checked and ready to be written together with what it is about; the writer raises AlreadyPosted when `posted` is 0."""
    difference = sum(each.amount_fen for each in journal.postings)
    if difference or len(journal.postings) < 2:
        raise Unbalanced(difference=difference)
    await _open(session, journal.postings)
    await _hold_floors(session, journal.postings)
    journal_id, now = ids.uuid7(), clock.now()
    return journal_id, repository.posting(
        {
            "journal_id": journal_id,
            "journal_key": journal.key,
            "journal_event": journal.event,
            "biz_type": journal.biz_type,
            "biz_id": journal.biz_id,
            "accounting_on": journal.accounting_on or clock.business_day(now),
            "settle_on": journal.settle_on,
            "memo": journal.memo,
            "reverses_id": journal.reverses_id,
            "posted_by": journal.by,
            "posted_at": now,
            "entry_accounts": [account_id(session.tenant_id, each.account) for each in journal.postings],
            "entry_merchants": [each.merchant_id for each in journal.postings],
            "entry_amounts": [each.amount_fen for each in journal.postings],
        }
    )


async def reverse(session: Session, journal_id: UUID, *, by: str, memo: str) -> UUID:
    """Undo a journal by its mirror image; a journal can be reversed once."""
    original = await repository.find_journal(session, journal_id)
    if original is None:
        raise JournalNotFound()
    if await repository.is_posted(session, f"reversal:{journal_id}"):
        raise AlreadyPosted(key=f"reversal:{journal_id}")
    entries = await repository.list_entries(session, [journal_id])
    return await post(
        session,
        Journal(
            key=f"reversal:{journal_id}",
            event=f"{original.event}.reversed",
            biz_type=original.biz_type,
            biz_id=original.biz_id,
            postings=tuple(Posting(e.code, -e.amount_fen, e.merchant_id) for e in entries),
            by=by,
            memo=memo,
            reverses_id=journal_id,
        ),
    )


async def balance(session: Session, code: str, at: dt.datetime | None = None) -> int:
    """What stands on an account now or at a past moment, in its natural sign, fen; 0 for an account never used."""
    account = account_id(session.tenant_id, code)
    found = await (repository.balance(session, account) if at is None else repository.balance_at(session, account, at))
    return natural(kind_of(code), found)


async def trial_balance(session: Session, at: dt.datetime | None = None) -> tuple[list[AccountBalance], int]:
    """Every account with its balance, and the sum over all of them, which is zero in sound books."""
    rows = await repository.trial_balance(session, at)
    accounts = [AccountBalance(row.code, row.kind, natural(row.kind, int(row.debit_fen))) for row in rows]
    return accounts, sum(int(row.debit_fen) for row in rows)


async def take_snapshots(session: Session) -> int:
    """Shorten later balance sums; covers only what no open transaction can still add to."""
    return await repository.take_snapshots(session)


async def _open(session: Session, postings: tuple[Posting, ...]) -> None:
    missing = {
        account_id(session.tenant_id, posting.account): posting.account
        for posting in postings
        if account_id(session.tenant_id, posting.account) not in _opened
    }
    if not missing:
        return
    rows = [(key, code, kind_of(code), 0 if code.startswith(FLOORS) else None) for key, code in sorted(missing.items())]
    await repository.open_accounts(session, rows)

    async def remember() -> None:
        _opened.update(missing)

    session.after_commit(remember)


async def _hold_floors(session: Session, postings: tuple[Posting, ...]) -> None:
    """Lock and check each floor account that money leaves on balance; credits pass without touching a shared row."""
    leaving: dict[str, int] = {}
    for posting in postings:
        if posting.account.startswith(FLOORS):
            leaving[posting.account] = leaving.get(posting.account, 0) + posting.amount_fen
    needed = {account_id(session.tenant_id, code): (code, fen) for code, fen in leaving.items() if fen > 0}
    if not needed:
        return
    held = await repository.lock_accounts(session, sorted(needed))
    balances = await repository.balances(session, [row.id for row in held])
    for row in held:
        code, fen = needed[row.id]
        available = -balances[row.id] - (row.floor_fen or 0)
        if row.floor_fen is not None and available < fen:
            raise NotEnoughBalance(account=code, available_fen=available, needed_fen=fen)
