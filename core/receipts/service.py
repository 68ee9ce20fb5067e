"""Receipts: written when money arrives, numbered without gaps after it, readable and verifiable for good (domain book §2.8)."""

import re
import secrets
from collections.abc import Sequence
from uuid import UUID

import msgspec

from core import clock
from core.database import Row, Session
from core.notices import service as notices
from core.notices.defaults import EVENTS
from core.plugin_manager import PluginManager
from core.receipts import extras, repository
from core.receipts.errors import ReceiptNotFound
from core.receipts.flushing import flush_state, hold_many, red_flush, restore
from core.receipts.schemas import Content, Facts, ReceiptRead
from core.receipts.writing import CHANNELS, prepare
from core.tenancy.directory import ClientProfile

_NUMBER = re.compile(r"R\d{12}", re.ASCII)
__all__ = [
    "CHANNELS",
    "any_waiting",
    "find_receipt",
    "flush_state",
    "hold_many",
    "issue_waiting",
    "prepare",
    "read",
    "receipts_of",
    "red_flush",
    "restore",
    "verify",
]


async def any_waiting(session: Session) -> bool:
    """Whether a receipt waits for its number."""
    return await repository.any_waiting(session)


async def issue_waiting(session: Session, client: ClientProfile, limit: int = 500, plugins: PluginManager | None = None) -> int:
    """Number receipts that wait, in the order the money came, in the client's name, and tell the payers; answers how many.

    Our own are issued with that; the number of an outside ticket is what its issuer knows it by. `plugins` are asked what else they show.
    """
    now = clock.now()
    issuer = {"client": client.name, "seal": str(client.branding.get("seal", f"{client.name}收费专用章"))}
    year = clock.business_day(now).year
    numbered = await repository.number_waiting(session, year, msgspec.json.encode(issuer).decode(), now, limit)
    if numbered:
        if plugins is not None:
            await extras.add(session, plugins, client, numbered)
        await notices.tell_of(session, EVENTS["paid"], repository.PAID, {"receipt_ids": [row.id for row in numbered]})
    return len(numbered)


async def find_receipt(session: Session, receipt_id: UUID) -> ReceiptRead:
    """One receipt; ReceiptNotFound outside this client."""
    row = await repository.find_receipt(session, receipt_id)
    if row is None:
        raise ReceiptNotFound()
    return read(row)


async def verify(session: Session, number: str, code: str) -> tuple[ReceiptRead, list[ReceiptRead]]:
    """The receipt that a number and its check code name together, and what it replaced or was replaced by; ReceiptNotFound otherwise."""
    row = await repository.find_by_number(session, number) if _NUMBER.fullmatch(number) else None
    if row is None or not secrets.compare_digest(row.verify_code.encode(), code.encode()):
        raise ReceiptNotFound()
    return read(row), [read(other) for other in await repository.list_chain(session, row) if other.id != row.id]


async def receipts_of(session: Session, bill_ids: Sequence[UUID]) -> list[ReceiptRead]:
    """The receipts of some bills, the newest first, with those that were taken back."""
    return [read(row) for row in await repository.list_of_bills(session, bill_ids)]


def read(row: Row) -> ReceiptRead:
    """A row as everybody else reads it."""
    plain = {name: getattr(row, name) for name in ReceiptRead.__struct_fields__ if name not in ("content", "facts", "flushing")}
    return ReceiptRead(
        **plain,
        content=msgspec.convert(row.content, Content),
        facts=msgspec.convert(row.facts, Facts),
        flushing=getattr(row, "flushing", False),
    )
