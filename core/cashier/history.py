"""What was paid, narrowed to a year or a person, the newest first; a page at a time."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from core import clock
from core.cashier.charge import whole
from core.cashier.family import Family
from core.payments.schemas import PaymentRead
from core.receipts.schemas import ReceiptRead

PAGE = 20
Entry = TypeVar("Entry")


def year_of(payment: PaymentRead) -> int:
    """The calendar year in which it was paid, in Shanghai."""
    return clock.business_day(payment.paid_at).year


def receipt_year(receipt: ReceiptRead) -> int:
    """The calendar year of the money that a receipt is for."""
    return clock.business_day(receipt.content.paid_at).year


def years(found: Iterable[int]) -> list[int]:
    """The years there are, the newest first."""
    return sorted(set(found), reverse=True)


def bills_of(known: Family, person: str) -> set[UUID]:
    """The bills of one person of the family, or of all: whoever is not of the family is nobody."""
    members = [member for member in known.members if not person or str(member.id) == person]
    return {bill.id for member in members for bill in member.bills}


def asked(query: Mapping[str, str]) -> tuple[int, str]:
    """The year (0 is all) and the person that an address names."""
    return whole(query.get("year", "")), query.get("person", "")[:40]


def page_of(entries: Sequence[Entry], cursor: str, key: str = "id") -> tuple[Sequence[Entry], str | None]:
    """The entries after the one that `cursor` names, and what names the last of them when there are more."""
    at = next((place for place, entry in enumerate(entries, 1) if str(getattr(entry, key)) == cursor), 0)
    shown = entries[at : at + PAGE]
    return shown, str(getattr(shown[-1], key)) if at + PAGE < len(entries) else None
