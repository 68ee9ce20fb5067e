"""The books as people and programs read them: sums are positive, and stand under debit or under credit."""

import datetime as dt
from uuid import UUID

import msgspec


class EntryRead(msgspec.Struct, frozen=True, kw_only=True):
    """One side of a journal."""

    line_no: int
    account: str
    account_name: str
    debit_fen: int
    credit_fen: int


class JournalRead(msgspec.Struct, frozen=True, kw_only=True):
    """A journal with its entries; `biz_type` and `biz_id` name what it is about."""

    id: UUID
    event: str
    biz_type: str
    biz_id: str
    currency: str
    accounting_on: dt.date
    memo: str
    posted_by: str
    posted_at: dt.datetime
    reverses_id: UUID | None
    reversed_by_id: UUID | None
    amount_fen: int
    entries: list[EntryRead]


class JournalPage(msgspec.Struct, frozen=True):
    """Journals, the newest first."""

    items: list[JournalRead]
    next_cursor: str | None


class AccountRead(msgspec.Struct, frozen=True, kw_only=True):
    """An account and what stands on it: in debit or in credit."""

    code: str
    name: str
    kind: str
    debit_fen: int
    credit_fen: int
    entries: int


class AccountPage(msgspec.Struct, frozen=True):
    """Accounts by code."""

    items: list[AccountRead]
    next_cursor: str | None


class AccountEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry as it stands on an account."""

    journal_id: UUID
    line_no: int
    event: str
    biz_type: str
    biz_id: str
    memo: str
    posted_by: str
    posted_at: dt.datetime
    debit_fen: int
    credit_fen: int


class EntryPage(msgspec.Struct, frozen=True):
    """Entries of an account, the newest first."""

    items: list[AccountEntry]
    next_cursor: str | None


class TrialClass(msgspec.Struct, frozen=True, kw_only=True):
    """Accounts of one class together; a class with few accounts lists them."""

    code: str
    name: str
    debit_fen: int
    credit_fen: int
    count: int
    accounts: list[AccountRead]


class TrialBalance(msgspec.Struct, frozen=True, kw_only=True):
    """Every account at one moment; in sound books `difference_fen` is zero."""

    at: dt.datetime | None
    debit_fen: int
    credit_fen: int
    difference_fen: int
    classes: list[TrialClass]
