"""What is said of a file that came in: the same words on the command line, over the API and on the pages."""

import datetime as dt
from uuid import UUID

import msgspec


class Rejected(msgspec.Struct, frozen=True):
    """A row that was left out."""

    row: int
    line: int
    merchant_order_no: str
    column: str
    value: str
    code: str
    message: str


class Place(msgspec.Struct, frozen=True):
    """Where a file showed that it must be refused whole."""

    row: int
    line: int
    column: str
    value: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The judgement of one file. `rows_loaded` are the rows that take part in matching, `ignored_lines` those that do not (cash at a
    window, a closed order), `other_lines` what is no trade at all (a payout). Amounts are whole fen; a fee is the merchant's cost."""

    file: str
    source: str
    merchant_id: str | None
    bill_date: dt.date
    verdict: str
    reason_code: str
    reason: str
    rows_loaded: int = 0
    lines: int = 0
    ignored_lines: int = 0
    other_lines: int = 0
    pay_count: int = 0
    pay_amount_fen: int = 0
    refund_count: int = 0
    refund_amount_fen: int = 0
    fee_fen: int = 0
    net_fen: int = 0
    reject_rows: list[int] = []
    rejected: list[Rejected] = []
    repairs: list[str] = []
    place: Place | None = None
    statement_id: UUID | None = None
    version: int | None = None

    @property
    def refused(self) -> bool:
        """Whether nothing of the file was loaded because of a fault."""
        return self.verdict == "reject_file"


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """What a person or program said of the file."""

    source: str
    day: dt.date
    merchant: str = ""
    sha1: str | None = None
