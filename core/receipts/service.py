"""Receipts: written when money arrives, numbered without gaps after it, readable and verifiable for good (domain book §2.8)."""

import re
import secrets
from collections.abc import Sequence
from itertools import groupby
from uuid import UUID

import msgspec

from core import clock, ids
from core.database import Row, Session
from core.notifications.service import after_quiet_hours
from core.receipts import repository
from core.receipts.errors import ReceiptNotFound
from core.receipts.schemas import Content, ReceiptRead
from core.tenancy.directory import ClientProfile

CHANNELS = {"wechatpay": "微信支付", "alipay": "支付宝", "unionpay": "银联", "stripe": "银行卡", "counter": "柜台"}
"""As receipts name them, in Chinese whatever the language of the page: a receipt is a document."""
_NUMBER = re.compile(r"R\d{12}", re.ASCII)


async def prepare(session: Session, payment_id: UUID, bill_ids: Sequence[UUID]) -> int:
    """Write the receipts of a payment, one for each bill it went to, to be numbered soon; doing it again changes nothing."""
    made = 0
    for bill_id, found in groupby(await repository.list_material(session, payment_id, bill_ids), key=lambda row: row.bill_id):
        lines = list(found)
        session.has_work = True
        row = {
            "id": ids.uuid7(),
            "payment_id": payment_id,
            "bill_id": bill_id,
            "verify_code": secrets.token_urlsafe(12),
            "amount_fen": sum(int(line.amount_fen) for line in lines),
            "content": msgspec.json.encode(_content(lines)).decode(),
            "now": clock.now(),
        }
        await repository.add_receipt(session, row)
        made += 1
    return made


async def any_waiting(session: Session) -> bool:
    """Whether a receipt waits for its number."""
    return await repository.any_waiting(session)


async def issue_waiting(session: Session, client: ClientProfile, limit: int = 500) -> int:
    """Number receipts that wait, in the order the money came, in the client's name, and tell the payers; answers how many."""
    now = clock.now()
    due_at = after_quiet_hours(now)
    issuer = {"client": client.name, "seal": str(client.branding.get("seal", f"{client.name}收费专用章"))}
    year = clock.business_day(now).year
    issued = await repository.number_waiting(session, year, msgspec.json.encode(issuer).decode(), now, limit)
    if issued:
        session.has_work = True
        await repository.tell_payers(session, issued, now, due_at)
    return len(issued)


async def find_receipt(session: Session, receipt_id: UUID) -> ReceiptRead:
    """One receipt; ReceiptNotFound outside this client."""
    row = await repository.find_receipt(session, receipt_id)
    if row is None:
        raise ReceiptNotFound()
    return _read(row)


async def verify(session: Session, number: str, code: str) -> ReceiptRead:
    """The receipt that a number and its check code name together; ReceiptNotFound when either is wrong."""
    row = await repository.find_by_number(session, number) if _NUMBER.fullmatch(number) else None
    if row is None or not secrets.compare_digest(row.verify_code.encode(), code.encode()):
        raise ReceiptNotFound()
    return _read(row)


async def receipts_of(session: Session, bill_ids: Sequence[UUID]) -> list[ReceiptRead]:
    """The receipts of some bills, the newest first."""
    return [_read(row) for row in await repository.list_of_bills(session, bill_ids)]


def _content(lines: list[Row]) -> Content:
    first = lines[0]
    return Content(
        client="",
        payer=first.party_name,
        party_number=first.party_number,
        title=first.title,
        period=first.period,
        lines=[(line.item_name, int(line.amount_fen)) for line in lines],
        channel=CHANNELS.get(first.channel, first.channel),
        payment_number=first.order_number,
        paid_at=first.paid_at,
        seal="",
    )


def _read(row: Row) -> ReceiptRead:
    return ReceiptRead(
        id=row.id,
        payment_id=row.payment_id,
        bill_id=row.bill_id,
        number=row.number,
        verify_code=row.verify_code,
        amount_fen=row.amount_fen,
        status=row.status,
        content=msgspec.convert(row.content, Content),
        issued_at=row.issued_at,
        created_at=row.created_at,
    )
