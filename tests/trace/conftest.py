"""A school whose money came over a channel, and rows that files, reconciliation and settlement would have written about it."""

import datetime as dt
import hashlib
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import insert, text

from core import clock, ids
from core.identity.actor import Actor
from core.reconciliation import models as recon
from core.refunds.schemas import RefundRead
from core.settlement import models as settlement
from core.statements import models as statements
from core.tenancy.directory import ClientProfile
from core.trace import rights
from core.trace.service import trace
from tests import trade
from tests.refunds.conftest import channel, office

__all__ = ["channel", "office"]


def seer(tenant_id: UUID, *less: str) -> Actor:
    """Somebody who sees the whole client, but for some rights."""
    held = {right: None for right in rights.WHOLE if right not in less}
    return Actor(kind="user", id="seer", name="财务甲", tenant_id=tenant_id, rights=held)


async def load(platform, tenant_id: UUID, lines: list[dict], *, day: dt.date | None = None, **given: object) -> UUID:
    """A statement that was loaded, with its lines."""
    statement_id, day = ids.uuid7(), day or clock.today()
    paid = [line for line in lines if line["kind"] == "pay"]
    back = [line for line in lines if line["kind"] == "refund"]
    row = {
        "id": statement_id, "source": "wechatpay-trade", "side": "channel", "channel": "wechatpay", "merchant_number": trade.MCHID,
        "bill_on": day, "status": "loaded", "verdict": "accept", "reason_code": "ok", "reason": "", "file_name": f"{day}.csv",
        "sha256": hashlib.sha256(statement_id.bytes).digest(), "size": 1, "rows_loaded": len(lines), "origin": "upload", "made_by": "经办甲",
        "pay_count": len(paid), "pay_amount_fen": sum(line["amount_fen"] for line in paid), "refund_count": len(back),
        "refund_amount_fen": sum(line["amount_fen"] for line in back), "fee_fen": sum(line.get("fee_fen", 0) for line in lines),
    } | given  # fmt: skip
    async with platform.database.tenant(tenant_id) as session:
        await session.execute(insert(statements.statement), row)
        for no, line in enumerate(lines, 1):
            values = {"statement_id": statement_id, "row_no": no, "line_no": no + 1, "channel": row["channel"], "counts": True, "status": "SUCCESS"}
            await session.execute(insert(statements.line), values | {"happened_at": clock.now()} | line)
    return statement_id


@pytest.fixture
def traced(platform):
    """`await traced(tenant_id, number)`: the trace as somebody who sees everything."""

    async def ask(tenant_id: UUID, number: object, by: Actor | None = None, **given: object):
        async with platform.database.tenant(tenant_id) as session:
            return await trace(session, str(number), by or seer(tenant_id), **given)

    return ask


@pytest.fixture
def rows(platform):
    """`await rows(tenant_id, "SELECT …", **parameters)`: what stands in the database."""

    async def ask(tenant_id: UUID, sql: str, **parameters: object):
        async with platform.database.tenant(tenant_id) as session:
            return await session.all(text(sql), parameters)

    return ask


class Lived(msgspec.Struct):
    """The money of these tests: its client and bills, payment, refund and the file that tells of both."""

    client: ClientProfile
    bills: list[UUID]
    payment: object
    refund: RefundRead
    statement: UUID


@pytest.fixture
async def lived(office, settle, platform):
    """A bill of 950.00 paid over WeChat, 300.00 of it refunded, its receipts issued, its lines in the channel's file."""
    payment_id = await office.pay(office.bills[0], 95_000)
    await settle(office.client)
    refund = await office.approved(bill_id=office.bills[0], amount_fen=30_000)
    await office.beat()
    refund = await office.read(refund.id)
    await office.told(refund.items[0].number, "succeeded", reference="50300009872026")
    await settle(office.client)
    payment = await office.payment(payment_id)
    lines = [
        {"kind": "pay", "number": payment.order_number, "channel_number": payment.channel_txn_id, "amount_fen": 95_000, "fee_fen": 570},
        {"kind": "refund", "number": refund.items[0].number, "order_number": payment.order_number, "channel_number": "50300009872026",
         "amount_fen": 30_000, "fee_fen": -180},
    ]  # fmt: skip
    statement_id = await load(platform, office.client.id, lines)
    return Lived(office.client, office.bills, payment, await office.read(refund.id), statement_id)


async def settle_and_pay(platform, lived: Lived, *, paid: bool = True) -> dict[str, UUID]:
    """What settlement and the bank would have written about that money: batch, shares, payout, arrival, and the bank's own lines."""
    merchant = (await _one(platform, lived, "SELECT id FROM core.merchant WHERE code = 'TUITION'")).id
    batch_id, payout_id, today = ids.uuid7(), ids.uuid7(), clock.today()
    batch = {
        "id": batch_id, "number": "S26010001", "merchant_id": merchant, "merchant_code": "TUITION", "bill_on": today, "settle_on": today,
        "status": "paid" if paid else "approved", "pay_count": 1, "gross_fen": 95_000, "refund_count": 1, "refund_fen": 30_000, "fee_fen": 390,
        "net_fen": 64_610, "pay_fen": 64_610, "made_by": "经办甲", "checked_by": "复核乙", "checked_at": clock.now(),
    }  # fmt: skip
    share = {"batch_id": batch_id, "merchant_id": merchant, "payment_id": lived.payment.id, "channel": "wechatpay",
             "merchant_number": trade.MCHID, "bill_on": today}  # fmt: skip
    item = lived.refund.items[0]
    shares = [
        share | {"kind": "pay", "ref_id": lived.payment.id, "number": lived.payment.order_number, "amount_fen": 95_000, "fee_fen": 570},
        share | {"kind": "refund", "ref_id": item.id, "number": item.number, "amount_fen": 30_000, "fee_fen": 180},
    ]
    payout = {
        "id": payout_id, "number": "PO26010001", "batch_id": batch_id, "amount_fen": 64_610, "account_id": ids.uuid7(), "account_name": "榕华学校",
        "account_masked": "6222********0010", "clearing_number": "62001", "status": "paid" if paid else "sent", "sent_at": clock.now(),
        "bank_serial": "BK20260001" if paid else None, "finished_at": clock.now() if paid else None,
    }  # fmt: skip
    arrival = {
        "id": ids.uuid7(), "channel": "wechatpay", "merchant_number": trade.MCHID, "bill_on": today, "due_on": today, "gross_fen": 65_000,
        "fee_fen": 390, "net_fen": 64_610, "arrived_fen": 64_610, "status": "arrived", "bank_serial": "BK20260009", "arrived_on": today,
    }  # fmt: skip
    async with platform.database.tenant(lived.client.id) as session:
        await session.execute(insert(settlement.batch), batch)
        for row in shares:
            await session.execute(insert(settlement.item), row)
        await session.execute(insert(settlement.payout), payout)
        await session.execute(insert(settlement.arrival), arrival)
        await session.execute(insert(recon.run), {"id": ids.uuid7(), "bill_on": today, "status": "closed", "made_by": "经办甲"})
    lines = [
        {"kind": "adjustment", "number": "X1", "channel_number": "BK20260009", "amount_fen": 64_610, "channel": "bank"},
        {"kind": "payout", "number": "PO26010001", "channel_number": "BK20260001", "amount_fen": 64_610, "channel": "bank"},
    ]
    await load(platform, lived.client.id, lines, source="bank", side="funds", channel="bank", merchant_number="62001")
    return {"batch": batch_id, "payout": payout_id}


async def _one(platform, lived: Lived, sql: str):
    async with platform.database.tenant(lived.client.id) as session:
        return await session.one(text(sql))


async def differ(platform, tenant_id: UUID, klass: str, number: str, **given: object) -> str:
    """A difference with its event and a remedy, as reconciliation and finance would have written them; answers its code."""
    row = {
        "id": ids.uuid7(), "code": f"D{ids.digits(8)}", "bill_on": clock.today(), "klass": klass, "channel": "wechatpay", "kind": "pay",
        "merchant_number": trade.MCHID, "number": number, "amount_fen": 1, "differs": "presence", "status": "open",
    } | given  # fmt: skip
    event = {"id": ids.uuid7(), "difference_id": row["id"], "what": "found", "by_name": "", "at": clock.now()}
    remedy = {"id": ids.uuid7(), "difference_id": row["id"], "kind": "chase", "amount_fen": 1, "reason": "追款", "status": "proposed",
              "made_by": "经办甲", "made_by_id": "a"}  # fmt: skip
    async with platform.database.tenant(tenant_id) as session:
        await session.execute(insert(recon.difference), row)
        await session.execute(insert(recon.event), event)
        await session.execute(insert(recon.remedy), remedy)
    return row["code"]
