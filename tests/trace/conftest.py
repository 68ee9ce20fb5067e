"""A school whose money came over a channel, and rows that files, reconciliation and settlement would have written about it."""

import datetime as dt
import hashlib
from uuid import UUID

import pytest
from sqlalchemy import insert, text

from core import clock, ids
from core.identity.actor import Actor
from core.statements import models as statements
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
