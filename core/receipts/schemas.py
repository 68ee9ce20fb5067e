"""Receipts as pages and programs read them."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

import msgspec


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What a receipt said when it was made; later changes of names or bills do not change it.

    `lines` are name and fen as printed, `line_nos` the bill's lines they stand for. A red one says `reason` and the number it takes back.
    `extras` are labels and values of the bill's plugin (`propose_ticket_facts`).
    """

    client: str
    payer: str
    party_number: str
    title: str
    period: str
    lines: list[tuple[str, int]]
    channel: str
    payment_number: str
    paid_at: dt.datetime
    seal: str
    line_nos: list[int] = []
    reason: str = ""
    takes_back: str = ""
    extras: list[tuple[str, str]] = []

    @property
    def by_line(self) -> dict[int, tuple[str, int]]:
        """Name and fen by the bill's line number."""
        return dict(zip(self.line_nos or range(1, len(self.lines) + 1), self.lines, strict=True))

    def with_lines(self, lines: Mapping[int, tuple[str, int]], **changed: object) -> "Content":
        """The same document with other lines."""
        kept = sorted(lines.items())
        return msgspec.structs.replace(self, line_nos=[no for no, _ in kept], lines=[line for _, line in kept], **changed)


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What an outside issuer gave a ticket (domain book §2.8); empty on our own receipts."""

    title: str = ""
    code: str = ""
    number: str = ""
    check_code: str = ""
    issuer: str = ""
    drawer: str = ""
    issued_on: str = ""
    seals: tuple[str, ...] = ()
    url: str = ""
    tax_fen: int | None = None


class ReceiptRead(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt; without a number it is still being issued, which takes seconds. A red one (negative) takes back what it follows."""

    id: UUID
    payment_id: UUID
    bill_id: UUID
    number: str | None
    verify_code: str
    amount_fen: int
    status: str
    content: Content
    issued_at: dt.datetime | None
    created_at: dt.datetime
    ticket: str = "receipt"
    kind: str = "blue"
    sequence: int = 1
    follows_id: UUID | None = None
    facts: Facts = Facts()
    last_error: str | None = None
    flushing: bool = False
    """Its red-flush was asked for and the outside issuer has not confirmed it yet."""

    @property
    def stands(self) -> bool:
        """Whether this receipt counts: it is not taken back, nor about to be."""
        return self.kind == "blue" and self.status not in ("red_flushed", "voided") and not self.flushing


class Flushed(msgspec.Struct, frozen=True, kw_only=True):
    """What a red-flush did: `done`, or `under_way` while an outside issuer has not confirmed; `receipt_ids` are the red ones."""

    key: str
    state: str
    flushed_fen: int
    receipt_ids: tuple[UUID, ...]
