"""A small school made by hand: a merchant or two, children, bills and money, for tests of the trunk that need no vertical."""

import datetime as dt
from decimal import Decimal
from uuid import UUID

import msgspec
from sqlalchemy import insert

from core import clock, ids
from core.billing.issuing import issue
from core.billing.schemas import BillDraft, LineDraft
from core.payers.models import party
from core.payments.channels.protocol import ChannelAccount, ChannelState
from core.payments.models import channel_account
from core.tenancy.models import merchant

MCHID, APPID = "1900000001", "wx0000000000000001"


class Trade(msgspec.Struct):
    """A client's merchants by code and its children."""

    tenant_id: UUID
    merchants: dict[str, UUID]
    children: list[UUID]
    account_id: UUID

    @property
    def account(self) -> ChannelAccount:
        return ChannelAccount(channel="wechatpay", mchid=MCHID, appid=APPID, base_url="http://127.0.0.1:9", credentials={})


async def found(platform, tenant_id: UUID, children: int = 2) -> Trade:
    """Merchants TUITION and MEAL, some children, a collecting account."""
    trade = Trade(tenant_id, {code: ids.uuid7() for code in ("TUITION", "MEAL")}, [ids.uuid7() for _ in range(children)], ids.uuid7())
    async with platform.database.tenant(tenant_id) as session:
        keys = await platform.vault.keys(session)
        rows = [{"id": i, "code": code, "name": code, "legal_name": code, "status": "active"} for code, i in trade.merchants.items()]
        await session.execute(insert(merchant), rows)
        people = [
            {"id": child, "plugin": "test", "number": f"S{n:04d}", "name": f"学生{n}", "name_pinyin": f"xs{n}"}
            for n, child in enumerate(trade.children)
        ]
        await session.execute(insert(party), people)
        account = {
            "id": trade.account_id, "channel": "wechatpay", "mchid": MCHID, "appid": APPID, "base_url": "http://127.0.0.1:9",
            "credentials_sealed": keys.seal(b"{}"),
        }  # fmt: skip
        await session.execute(insert(channel_account), account)
    return trade


def draft(trade: Trade, child: UUID, source: str = "plan:1", due_on: dt.date = dt.date(2099, 9, 1), **given: object) -> BillDraft:
    """Tuition 1,000.00 less 50.00 (mandatory) and meals 300.00 (optional), of two merchants."""
    lines = (
        line(trade, "TUITION", 100_000, discount_fen=5_000),
        line(trade, "MEAL", 30_000, mandatory=False),
    )
    fields = {
        "plugin": "test", "source": source, "party_id": child, "org_id": None, "title": "秋季学期费用", "period": "2026-2027-1",
        "due_on": due_on, "visible_from": clock.now(), "lines": lines,
    }  # fmt: skip
    return BillDraft(**fields | given)


def line(trade: Trade, code: str, amount_fen: int, discount_fen: int = 0, mandatory: bool = True) -> LineDraft:
    return LineDraft(
        item_code=code, item_name=code, category="学费", merchant_id=trade.merchants[code], unit_price_fen=amount_fen,
        amount_fen=amount_fen, discount_fen=discount_fen, mandatory=mandatory, quantity=Decimal(1),
        rule={"explanation": [["标准", "每学期"]]},
    )  # fmt: skip


async def bills(platform, trade: Trade, **given: object) -> list[UUID]:
    """One bill for each child; their ids in the children's order."""
    from core.billing import repository

    async with platform.database.tenant(trade.tenant_id) as session:
        await issue(session, [draft(trade, child, **given) for child in trade.children])
        rows = await repository.list_bills_of(session, trade.children, only_open=False, now=clock.now())
        return [next(row.id for row in rows if row.party_id == child) for child in trade.children]


def success(number: str, amount_fen: int, txn: str = "", **given: object) -> ChannelState:
    """What the channel says of a paid order."""
    fields = {
        "state": "succeeded", "order_number": number, "mchid": MCHID, "appid": APPID, "channel_txn_id": txn or f"42{number}",
        "amount_fen": amount_fen, "currency": "CNY", "paid_at": clock.now(),
    }  # fmt: skip
    return ChannelState(**fields | given)


async def order(platform, trade: Trade, items: list[tuple[UUID, int]]) -> str:
    """A pending order as the cashier leaves it."""
    from core.payments import repository

    now = clock.now()
    number = ids.number("P", now.strftime("%y%m%d"), 14)
    async with platform.database.tenant(trade.tenant_id) as session:
        await repository.add_order(
            session,
            {
                "id": ids.uuid7(), "number": number, "channel_account_id": trade.account_id, "channel": "wechatpay", "mchid": MCHID,
                "scene": "h5", "description": "学费", "amount_fen": sum(fen for _, fen in items), "payer_id": None,
                "payer_session_id": ids.uuid7(), "idempotency_key": number, "payer_ip": "", "openid": None, "return_url": None,
                "expires_at": now + dt.timedelta(minutes=15), "next_query_at": now + dt.timedelta(minutes=5),
                "bills": [bill for bill, _ in items], "amounts": [fen for _, fen in items],
            },
        )  # fmt: skip
        held = await repository.find_order(session, number)
        await repository.set_prepared(session, held.id, {"kind": "redirect", "value": "http://x"}, now + dt.timedelta(minutes=5))
    return number


async def faults(platform, tenant_id: UUID) -> dict[str, list]:
    """Every broken invariant of the books, billing and payments; {} in sound books."""
    from core.billing import faults as billing
    from core.ledger import repository as ledger
    from core.payments import faults as payments

    async with platform.database.tenant(tenant_id) as session:
        found = {
            **await ledger.list_faults(session),
            **await billing.list_faults(session),
            **await payments.list_faults(session),
        }
    return {name: rows for name, rows in found.items() if rows}
