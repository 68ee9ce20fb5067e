"""Reading the books: the trial balance, an account, a journal. Nothing here writes (that is `service.py` alone)."""

import datetime as dt
from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from core import paging
from core.database import Row, Session
from core.errors import NotFound
from core.identity.actor import Actor
from core.ledger import books_repository as repository
from core.ledger import repository as ledger
from core.ledger.book_schemas import (
    AccountEntry,
    AccountPage,
    AccountRead,
    EntryPage,
    EntryRead,
    JournalPage,
    JournalRead,
    TrialBalance,
    TrialClass,
)
from core.ledger.errors import AccountNotFound, JournalNotFound
from core.ledger.names import CLASSES, class_of, owner_of
from core.masking import mask_name
from core.web.filters import status_label
from core.web.i18n import gettext as _

READ = "ledger.journal.read"
LIST_AT_MOST = 12
"""A class with more accounts than this (every family has one) stands as one line in the trial balance."""


class BooksOutOfReach(NotFound):
    code = "BOOKS_OUT_OF_REACH"
    message = "总账按全单位核算，只对全单位权限开放；您管辖范围内的凭证可在账单和收款页查看"


class JournalFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which journals are meant."""

    event: str = ""
    biz_type: str = ""
    biz_id: str = ""
    start: dt.date | None = None
    until: dt.date | None = None


def check_reach(by: Actor) -> None:
    """The books are a client's as a whole: who reaches only part of it does not find them."""
    if by.reach(READ) is not None:
        raise BooksOutOfReach()


async def trial_balance(session: Session, at: dt.datetime | None) -> TrialBalance:
    """Every account now or at a past moment; debits and credits add up to the same sum in sound books."""
    rows = await ledger.trial_balance(session, at)
    classes: dict[str, list[Row]] = {}
    for row in rows:
        classes.setdefault(class_of(row.code), []).append(row)
    few = [row for found in classes.values() if len(found) <= LIST_AT_MOST for row in found]
    names = await account_names(session, [row.code for row in few])
    debit = sum(max(int(row.debit_fen), 0) for row in rows)
    credit = sum(max(-int(row.debit_fen), 0) for row in rows)
    return TrialBalance(
        at=at,
        debit_fen=debit,
        credit_fen=credit,
        difference_fen=debit - credit,
        classes=[_class(code, found, names) for code, found in classes.items()],
    )


def _class(code: str, rows: Sequence[Row], names: dict[str, str]) -> TrialClass:
    listed = [_account(row, names) for row in rows] if len(rows) <= LIST_AT_MOST else []
    return TrialClass(
        code=code,
        name=_(CLASSES.get(code, code)),
        debit_fen=sum(max(int(row.debit_fen), 0) for row in rows),
        credit_fen=sum(max(-int(row.debit_fen), 0) for row in rows),
        count=len(rows),
        accounts=listed,
    )


def _account(row: Row, names: dict[str, str]) -> AccountRead:
    fen = int(row.debit_fen)
    return AccountRead(
        code=row.code, name=names[row.code], kind=row.kind, debit_fen=max(fen, 0), credit_fen=max(-fen, 0), entries=row.entries
    )


async def accounts(session: Session, prefix: str, cursor: str | None, limit: int = paging.PAGE) -> AccountPage:
    """The accounts of a class, by code."""
    after = paging.read_cursor(cursor, tuple[str])
    rows = await repository.list_accounts(session, prefix.replace("\0", ""), after[0] if after else "", limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.code))
    names = await account_names(session, [row.code for row in shown])
    return AccountPage([_account(row, names) for row in shown], more)


async def account(session: Session, code: str, at: dt.datetime | None = None) -> AccountRead:
    """One account with its balance, now or at a past moment; AccountNotFound when it was never used."""
    row = await repository.find_account(session, code.replace("\0", ""), at)
    if row is None:
        raise AccountNotFound()
    return _account(row, await account_names(session, [row.code]))


async def entries(session: Session, code: str, cursor: str | None, limit: int = paging.PAGE) -> EntryPage:
    """What was written on an account, the newest first."""
    found = await repository.find_account(session, code.replace("\0", ""), None)
    if found is None:
        raise AccountNotFound()
    before = paging.read_cursor(cursor, tuple[dt.datetime, UUID, int])
    rows = await repository.list_entries(session, found.id, before, limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: paging.write_cursor(row.posted_at, row.journal_id, row.line_no))
    return EntryPage([_account_entry(row) for row in shown], more)


def _account_entry(row: Row) -> AccountEntry:
    return AccountEntry(
        journal_id=row.journal_id,
        line_no=row.line_no,
        event=row.event,
        biz_type=row.biz_type,
        biz_id=row.biz_id,
        memo=row.memo,
        posted_by=row.posted_by,
        posted_at=row.posted_at,
        debit_fen=max(row.amount_fen, 0),
        credit_fen=max(-row.amount_fen, 0),
    )


async def journal(session: Session, journal_id: UUID) -> JournalRead:
    """One journal; JournalNotFound outside this client."""
    found = await journals(session, [journal_id])
    if not found:
        raise JournalNotFound()
    return found[0]


async def journals(session: Session, ids: Sequence[UUID]) -> list[JournalRead]:
    """Some journals with their entries, the oldest first."""
    return await _with_entries(session, await repository.find_journals(session, ids) if ids else [])


async def list_journals(session: Session, asked: JournalFilter, cursor: str | None, limit: int = paging.PAGE) -> JournalPage:
    """Journals with their entries, the newest first."""
    rows = await repository.list_journals(session, msgspec.structs.asdict(asked), paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    return JournalPage(await _with_entries(session, shown), more)


async def _with_entries(session: Session, rows: Sequence[Row]) -> list[JournalRead]:
    if not rows:
        return []
    sides = await ledger.list_entries(session, [row.id for row in rows])
    names = await account_names(session, {side.code for side in sides})
    by_journal: dict[UUID, list[EntryRead]] = {row.id: [] for row in rows}
    for side in sides:
        by_journal[side.journal_id].append(
            EntryRead(
                line_no=side.line_no,
                account=side.code,
                account_name=names[side.code],
                debit_fen=max(side.amount_fen, 0),
                credit_fen=max(-side.amount_fen, 0),
            )
        )
    return [_journal(row, by_journal[row.id]) for row in rows]


def _journal(row: Row, sides: list[EntryRead]) -> JournalRead:
    return JournalRead(
        id=row.id,
        event=row.event,
        biz_type=row.biz_type,
        biz_id=row.biz_id,
        currency=row.currency,
        accounting_on=row.accounting_on,
        memo=row.memo,
        posted_by=row.posted_by,
        posted_at=row.posted_at,
        reverses_id=row.reverses_id,
        reversed_by_id=row.reversed_by_id,
        amount_fen=sum(side.debit_fen for side in sides),
        entries=sides,
    )


async def account_names(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """What accounts are called: their class and who stands behind them, people masked."""
    codes = list(codes)
    merchants = [owner_of(code) for code in codes if class_of(code) == "L.MER"]
    parties = [found for code in codes if class_of(code) == "L.PREPAY" and (found := _uuid(owner_of(code)))]
    owners = {}
    if merchants or parties:
        for row in await repository.list_owners(session, merchants, parties):
            owners[row.account] = f"{mask_name(row.name)} {row.number}" if row.number else row.name
    return {code: _name(code, owners.get(code)) for code in codes}


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None


def _name(code: str, owner: str | None) -> str:
    kind, behind = class_of(code), owner or owner_of(code)
    if kind == "A.CH":
        channel, _dot, mchid = behind.partition(".")
        behind = f"{status_label(channel, 'channel')} {mchid}"
    elif kind in ("L.SUSP", "A.SUSP"):
        behind = ""
    title = _(CLASSES.get(kind, code))
    return f"{title} · {behind}" if behind else title
