"""Receipts as finance looks at them: only what lies within reach is found, names masked in lists; taking one back needs two people."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

import msgspec

from core import clock, paging
from core.approvals import service as approvals
from core.billing.filters import day_of, word_of
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.masking import mask_party
from core.receipts import flushing, repository, service
from core.receipts import lists_repository as rows
from core.receipts.errors import ReceiptNotFound, ReceiptNotReady, ReceiptNotStanding
from core.receipts.lists_repository import Asked
from core.receipts.schemas import ReceiptRead
from core.receipts.story_schemas import ReceiptPage, ReceiptRow, ReceiptStory

READ, FLUSH, CHECK, ISSUERS = (
    "receipts.receipt.read",
    "receipts.receipt.red_flush",
    "receipts.receipt.check",
    "receipts.issuer.manage",
)
KIND = "receipts.red_flush"


def asked_of(values: Mapping[str, str]) -> Asked:
    """What a page's address or an export asks for; days are those of Shanghai."""
    start, until = day_of(values.get("start")), day_of(values.get("until"))
    return Asked(
        typed=word_of(values, "q"),
        status=word_of(values, "status"),
        kind=word_of(values, "kind"),
        ticket=word_of(values, "ticket"),
        start=_begin(start),
        until=_begin(until + dt.timedelta(days=1)) if until and until < dt.date.max else None,
    )


async def list_receipts(session: Session, asked: Asked, by: Actor, cursor: str | None, limit: int = paging.PAGE) -> ReceiptPage:
    """Receipts, the newest first, and what all that are meant come to."""
    reach = by.reach(READ)
    found = await rows.list_receipts(session, asked, reach, paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(found, limit, lambda row: str(row.id))
    sums = await rows.sum_receipts(session, asked, reach)
    return ReceiptPage([row_of(row) for row in shown], more, sums.receipts, sums.amount_fen)


def row_of(row: Row) -> ReceiptRow:
    """A receipt in a list, its person masked."""
    names = [name for name in ReceiptRow.__struct_fields__ if name != "party_name"]
    return ReceiptRow(**{name: getattr(row, name) for name in names}, party_name=mask_party(row.party_name))


async def story(session: Session, receipt_id: UUID, by: Actor, verify_root: str) -> ReceiptStory:
    """One receipt with what became of it; ReceiptNotFound outside reach."""
    row = await find(session, receipt_id, by, READ)
    receipt = service.read(row)
    others = [service.read(other) for other in await repository.list_chain(session, row) if other.id != row.id]
    return ReceiptStory(
        row=row_of(row), receipt=masked(receipt), others=[masked(other) for other in others], check_url=check_url(receipt, verify_root)
    )


async def to_print(session: Session, receipt_id: UUID, by: Actor) -> ReceiptRead:
    """A receipt for its PDF, names in full, written to the audit trail; ReceiptNotReady while it has no number."""
    receipt = service.read(await find(session, receipt_id, by, READ))
    if receipt.number is None:
        raise ReceiptNotReady()
    await audit.record(session, by, "receipts.receipt.print", "receipt", receipt_id, after={"number": receipt.number})
    return receipt


async def propose(session: Session, receipt_id: UUID, reissue: bool, reason: str, by: Actor) -> UUID:
    """Ask a second person to take a receipt back; answers the proposal's id."""
    row = await find(session, receipt_id, by, FLUSH)
    receipt = service.read(row)
    if not receipt.stands or receipt.number is None:
        raise ReceiptNotStanding(number=receipt.number or "")
    proposal = {"number": receipt.number, "amount_fen": receipt.amount_fen, "reissue": reissue, "ticket": receipt.ticket}
    return await approvals.propose(
        session, by, kind=KIND, title=f"{receipt.content.title} · {receipt.number}", subject_id=receipt_id, proposal=proposal,
        reason=reason, amount_fen=receipt.amount_fen, org_id=row.org_id,
    )  # fmt: skip


async def carry_out(session: Session, receipt_id: UUID, proposal: dict, by: Actor) -> None:
    """The second person agreed: the receipt is taken back, and issued anew if that was asked for."""
    await flushing.correct(session, receipt_id, proposal["reissue"], proposal["reason"], by, f"approval:{proposal['approval_id']}")


async def count_refused(session: Session, by: Actor) -> int:
    """How many tickets within reach their issuers refused."""
    return await rows.count_refused(session, by.reach(ISSUERS))


def masked(receipt: ReceiptRead) -> ReceiptRead:
    """The receipt with its payer's name masked."""
    content = msgspec.structs.replace(receipt.content, payer=mask_party(receipt.content.payer))
    return msgspec.structs.replace(receipt, content=content)


def check_url(receipt: ReceiptRead, verify_root: str) -> str:
    """Where anybody can check it, as its QR says; nothing while it has no number."""
    return f"{verify_root}/{receipt.number}?code={receipt.verify_code}" if receipt.number else ""


async def find(session: Session, receipt_id: UUID, by: Actor, permission: str) -> Row:
    """A receipt that a right reaches; ReceiptNotFound otherwise."""
    row = await rows.find_receipt(session, receipt_id, by.reach(permission))
    if row is None:
        raise ReceiptNotFound()
    return row


def _begin(day: dt.date | None) -> dt.datetime | None:
    return dt.datetime.combine(day, dt.time(), clock.SHANGHAI) if day else None
