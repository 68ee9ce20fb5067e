"""The nouns of the ledger, with no database in them."""

import datetime as dt
from uuid import UUID

import msgspec

KINDS = {
    "A": "asset",
    "L": "liability",
    "I": "income",
    "E": "expense",
}
FLOORS = ("L.MER.", "L.PREPAY.", "L.ESC.", "L.EACC.")
"""Accounts that may not fall below zero; they are locked, and only when money leaves them (architecture §6)."""


class Posting(msgspec.Struct, frozen=True):
    """One side of a journal: debit is positive, credit negative, in fen."""

    account: str
    amount_fen: int
    merchant_id: UUID | None = None


def debit(account: str, amount_fen: int, merchant_id: UUID | None = None) -> Posting:
    """Dr."""
    return Posting(account, amount_fen, merchant_id)


def credit(account: str, amount_fen: int, merchant_id: UUID | None = None) -> Posting:
    """Cr."""
    return Posting(account, -amount_fen, merchant_id)


class Journal(msgspec.Struct, frozen=True, kw_only=True):
    """A balanced set of postings; `key` makes it happen once."""

    key: str
    event: str
    biz_type: str
    biz_id: str
    postings: tuple[Posting, ...]
    by: str
    memo: str = ""
    accounting_on: dt.date | None = None
    settle_on: dt.date | None = None
    reverses_id: UUID | None = None


class AccountBalance(msgspec.Struct, frozen=True):
    """An account and what stands on it, in its natural sign (credit-normal accounts are positive when in credit)."""

    code: str
    kind: str
    balance_fen: int


def kind_of(code: str) -> str:
    """The kind of an account, told by the first letter of its code."""
    return KINDS[code[0]]


def natural(kind: str, debit_fen: int) -> int:
    """A debit-positive sum in the account's natural sign."""
    return debit_fen if kind in ("asset", "expense") else -debit_fen


def channel_account(channel: str, mchid: str) -> str:
    """渠道待清算款: what a channel owes us for one merchant number."""
    return f"A.CH.{channel}.{mchid}"


def merchant_account(merchant_code: str) -> str:
    """商户待结算: what we owe a merchant."""
    return f"L.MER.{merchant_code}"


def prepaid_account(party: object) -> str:
    """预存款: what we hold for a family or person."""
    return f"L.PREPAY.{party}"


def bank_account(number: str) -> str:
    """清算户存款: what lies in a clearing account at the bank."""
    return f"A.BANK.{number}"


CHANNEL_FEES = "E.CHFEE"
"""渠道手续费支出: what channels kept of what they owed."""

FEE_INCOME = "I.FEE"
"""手续费收入: what merchants are charged for payments."""

SUSPENSE_LONG = "L.SUSP.LONG"
"""长款挂账: money that came and has no owner yet."""

SUSPENSE_SHORT = "A.SUSP.SHORT"
"""短款挂账: money that is booked and has not come."""

SUSPENSE_CASH = "L.SUSP.CASH"
"""现金长款挂账: what a drawer held too much."""
