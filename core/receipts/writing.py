"""Writing receipts down, to be numbered soon: what each says is fixed at this moment."""

import secrets
from collections.abc import Sequence
from itertools import groupby
from uuid import UUID

import msgspec

from core import clock, ids
from core.database import Row, Session
from core.database.tables import encode_json
from core.receipts import repository
from core.receipts.schemas import Content

CHANNELS = {"wechatpay": "微信支付", "alipay": "支付宝", "unionpay": "银联", "stripe": "银行卡", "counter": "柜台"}
AT_WINDOW = {"cash": "现金", "pos": "POS 刷卡", "cheque": "支票", "transfer": "银行转账"}
"""As receipts name them, in Chinese whatever the language of the page: a receipt is a document."""


async def prepare(session: Session, payment_id: UUID, bill_ids: Sequence[UUID]) -> int:
    """Write the receipts of a payment, one for each bill and ticket it went to, to be numbered soon; doing it again changes nothing."""
    found = await contents(session, payment_id, bill_ids)
    for (bill_id, ticket), content in found.items():
        session.has_work = True
        row = new(payment_id, bill_id, ticket, content)
        await repository.add_receipt(session, row | {"content": encode_json(row["content"]), "now": clock.now()})
    return len(found)


async def contents(session: Session, payment_id: UUID, bill_ids: Sequence[UUID]) -> dict[tuple[UUID, str], Content]:
    """What the receipts of a payment would say if they were written now, by bill and ticket."""
    found = await repository.list_material(session, payment_id, bill_ids)
    return {place: _content(list(lines)) for place, lines in groupby(found, key=lambda row: (row.bill_id, row.ticket))}


def new(payment_id: UUID, bill_id: UUID, ticket: str, content: Content) -> dict[str, object]:
    """The row of a receipt, saying this. Its amount is the sum of its lines."""
    return {
        "id": ids.uuid7(),
        "payment_id": payment_id,
        "bill_id": bill_id,
        "ticket": ticket,
        "verify_code": secrets.token_urlsafe(12),
        "amount_fen": sum(fen for _, fen in content.lines),
        "content": msgspec.to_builtins(content),
    }


async def named_anew(session: Session, payment_id: UUID, bill_id: UUID, content: Content) -> Content:
    """The same lines and sums under the names and titles of today, for a receipt that is issued again after a correction."""
    found = await repository.list_material(session, payment_id, [bill_id])
    if not found:
        return content
    today = _content(list(found))
    return msgspec.structs.replace(content, payer=today.payer, party_number=today.party_number, title=today.title, period=today.period)


def _content(lines: list[Row]) -> Content:
    first = lines[0]
    return Content(
        client="",
        payer=first.party_name,
        party_number=first.party_number,
        title=first.title,
        period=first.period,
        lines=[(line.item_name, line.amount_fen) for line in lines],
        line_nos=[line.line_no for line in lines],
        channel=AT_WINDOW.get(first.scene) or CHANNELS.get(first.channel, first.channel),
        payment_number=first.order_number,
        paid_at=first.paid_at,
        seal="",
    )
