"""What is asked of a hospital's HIS. No transaction is open while it is asked; every call is written down afterwards, without personal data."""

from collections.abc import Mapping
from urllib.parse import quote
from uuid import UUID

import msgspec

from core import clock, ids
from core.platform import Platform
from plugins.medical.his import repository, wire
from plugins.medical.his.wire import Link, Told


class His(msgspec.Struct, frozen=True):
    """A client's way to its HIS."""

    platform: Platform
    tenant_id: UUID
    link: Link


async def ping(his: His) -> Told:
    """Whether it answers, and believes us: `absent` is the good answer."""
    return await _ask(his, "ping", "GET", "/ping", "ping")


async def post_payment(his: His, order_id: UUID, body: Mapping[str, object]) -> Told:
    """Have a paid order booked; the same number again is the same booking."""
    return await _ask(his, "payment", "POST", "/payments", str(body["number"]), order_id, body)


async def query_payment(his: His, number: str, order_id: UUID | None = None) -> Told:
    """What it has booked for an order."""
    return await _ask(his, "payment.query", "GET", f"/payments/{_part(number)}", number, order_id)


async def cancel_payment(his: His, number: str, order_id: UUID | None = None) -> Told:
    """Have it take an order out of its books; from now on that number cannot be booked there, though the message comes late."""
    return await _ask(his, "payment.cancel", "POST", f"/payments/{_part(number)}/cancel", number, order_id, {"number": number})


async def correct_payment(his: His, number: str, amount_fen: int, order_id: UUID | None = None) -> Told:
    """Have it book the amount that channel and platform agree on."""
    return await _ask(his, "payment.correct", "POST", f"/payments/{_part(number)}/corrections", number, order_id, {"amount_fen": amount_fen})


async def post_refund(his: His, order_id: UUID, body: Mapping[str, object]) -> Told:
    """Tell it of money that went back."""
    return await _ask(his, "refund", "POST", "/refunds", str(body["refund_no"]), order_id, body)


async def query_refund(his: His, refund_no: str, order_id: UUID | None = None) -> Told:
    """Whether it knows of a refund."""
    return await _ask(his, "refund.query", "GET", f"/refunds/{_part(refund_no)}", refund_no, order_id)


async def reverse_insurance(his: His, setl_id: str, reversal_no: str, order_id: UUID | None, amount_fen: int) -> Told:
    """Have the insurer take a settlement back, through the HIS; the same reversal number again is the same reversal."""
    body = {"setl_id": setl_id, "reversal_no": reversal_no, "amount_fen": amount_fen}
    return await _ask(his, "reversal", "POST", f"/insurance/{_part(setl_id)}/reversals", setl_id, order_id, body)


async def query_reversal(his: His, setl_id: str, order_id: UUID | None) -> Told:
    """Whether a settlement was taken back."""
    return await _ask(his, "reversal.query", "GET", f"/insurance/{_part(setl_id)}/reversals", setl_id, order_id)


async def _ask(
    his: His, kind: str, method: str, path: str, key: str, order_id: UUID | None = None, body: Mapping[str, object] | None = None
) -> Told:
    at = clock.now()
    told = await wire.ask(his.platform.http, his.link, method, path, key, dict(body) if body is not None else None)
    async with his.platform.database.tenant(his.tenant_id) as session:
        row = {
            "id": ids.uuid7(), "kind": kind, "order_id": order_id, "key": key[:64], "at": at, "answer": told.state, "status": told.status,
            "message": told.message or told.serial or None,
        }  # fmt: skip
        await repository.add_call(session, row)
    return told


def _part(word: str) -> str:
    return quote(word, safe="")
