"""A client with differences as a run would leave them, a scripted channel, and the people who work them off."""

import datetime as dt
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import insert, text

from core import clock, ids
from core.approvals import service as approvals
from core.identity.actor import Actor
from core.jobs.runner import run_next
from core.ledger import service as ledger
from core.payments.service import settle as settle_payment
from core.reconciliation import models
from core.reconciliation.remedies import faults as remedies_faults
from core.reconciliation.remedies import service as remedies
from core.reconciliation.remedies.service import RemedyAsk
from core.refunds import faults as refund_faults
from core.statements import models as statements
from tests import trade
from tests.refunds.conftest import channel

__all__ = ["channel"]
DAY = dt.date(2026, 3, 1)
RIGHTS = ("recon.run.read", "recon.diff.make", "recon.diff.check")


class House(msgspec.Struct):
    """The client, its trade, its bills, the channel, and who asks and agrees."""

    platform: object
    client: object
    trade: trade.Trade
    channel: object
    bills: list[UUID]
    maker: Actor
    checker: Actor
    made: int = 0

    def tenant(self):
        return self.platform.database.tenant(self.client.id)

    async def differ(self, klass: str, fen: int = 20_000, **given: object) -> UUID:
        """A difference, open since a run found it."""
        self.made += 1
        number = str(given.get("number") or f"EXT030111132054{self.made:04d}")
        code = f"D260301{self.made:010d}"
        at = dt.datetime(2026, 11, 1, 7, 4, 39, tzinfo=dt.UTC)
        row = {
            "id": ids.uuid7(), "code": code, "bill_on": DAY, "klass": klass, "channel": "wechatpay", "merchant_number": trade.MCHID,
            "kind": "refund" if klass in ("RF1", "RF2") else "pay", "number": number, "channel_number": f"42{number}", "amount_fen": fen,
            "channel_fen": fen if klass in ("LG1", "LG2", "LG3", "DP1", "RF1") else None, "channel_at": at,
            "platform_fen": fen if klass in ("LG2", "DP1", "SH1", "SH3", "RF2") else None,
            "business_fen": fen if klass in ("LG3", "SH1", "SH2", "RF2") else None,
            "differs": "presence", "status": "open", "severity": "medium",
        }  # fmt: skip
        async with self.tenant() as session:
            await session.execute(insert(models.difference), row | given)
        return row["id"]

    async def line(self, **given: object) -> None:
        """A line of a channel's loaded file."""
        statement_id = ids.uuid7()
        bill_on = given.pop("bill_on", DAY)
        side = given.pop("side", "channel")
        statement = {
            "id": statement_id, "source": f"test-{ids.digits(6)}", "side": side, "channel": "wechatpay", "merchant_number": trade.MCHID,
            "bill_on": bill_on, "status": "loaded", "verdict": "accept", "reason_code": "ok", "reason": "", "file_name": "test.csv",
            "sha256": ids.token().encode()[:32], "size": 1, "origin": "test", "made_by": "test",
        }  # fmt: skip
        line = {
            "statement_id": statement_id, "row_no": 1, "line_no": 2, "channel": "wechatpay", "kind": "pay", "counts": True, "status": "SUCCESS",
            "happened_at": clock.now(),
        }  # fmt: skip
        async with self.tenant() as session:
            await session.execute(insert(statements.statement), statement)
            await session.execute(insert(statements.line), line | given)

    async def ask(self, difference_id: UUID, kind: str, by: Actor | None = None, settings: dict | None = None, **given: object) -> UUID:
        ask = RemedyAsk(kind=kind, **{"reason": "对账处理"} | given)
        async with self.tenant() as session:
            return await remedies.propose(session, settings or {}, difference_id, ask, by or self.maker)

    async def agree(self, subject_id: UUID, by: Actor | None = None) -> None:
        """The checker approves what waits about something."""
        async with self.tenant() as session:
            found = await session.one(text("SELECT id FROM core.approval WHERE subject_id = :id AND status = 'waiting'"), {"id": subject_id})
            await approvals.approve(session, approvals.kinds_of(self.platform.plugins, self.client.plugins), found.id, by or self.checker)

    async def refuse(self, subject_id: UUID, by: Actor | None = None) -> None:
        async with self.tenant() as session:
            found = await session.one(text("SELECT id FROM core.approval WHERE subject_id = :id AND status = 'waiting'"), {"id": subject_id})
            kinds = approvals.kinds_of(self.platform.plugins, self.client.plugins)
            await approvals.reject(session, kinds, found.id, by or self.checker, "证据不足")

    async def done(self, difference_id: UUID, kind: str, **given: object) -> UUID:
        """Asked and agreed to."""
        remedy_id = await self.ask(difference_id, kind, **given)
        await self.agree(remedy_id)
        return remedy_id

    async def undo(self, remedy_id: UUID) -> None:
        """Undone by two people."""
        async with self.tenant() as session:
            await remedies.propose_reversal(session, remedy_id, "处理错了", self.maker)
        await self.agree(remedy_id)

    async def difference(self, difference_id: UUID):
        async with self.tenant() as session:
            return await session.one(text("SELECT *, class AS klass FROM core.recon_difference WHERE id = :id"), {"id": difference_id})

    async def remedy(self, remedy_id: UUID):
        async with self.tenant() as session:
            return await session.one(text("SELECT * FROM core.recon_remedy WHERE id = :id"), {"id": remedy_id})

    async def story(self, difference_id: UUID) -> list[str]:
        async with self.tenant() as session:
            rows = await session.all(text("SELECT what FROM core.recon_event WHERE difference_id = :id ORDER BY at, id"), {"id": difference_id})
            return [row.what for row in rows]

    async def pay(self, bill: UUID, fen: int, txn: str = "") -> str:
        """Money arrives for a bill; answers the order's number."""
        number = await trade.order(self.platform, self.trade, [(bill, fen)])
        await settle_payment(self.platform, self.client.id, self.trade.account, trade.success(number, fen, txn))
        return number

    async def journal(self, journal_id: UUID | None) -> list[tuple[str, int]]:
        """A journal as account and debit-positive fen."""
        async with self.tenant() as session:
            rows = await session.all(
                text("SELECT a.code, e.amount_fen FROM core.ledger_entry e JOIN core.ledger_account a ON a.id = e.account_id"
                     " WHERE e.journal_id = :id ORDER BY e.line_no"), {"id": journal_id})  # fmt: skip
            return [(row.code, row.amount_fen) for row in rows]

    async def stands(self, account: str) -> int:
        async with self.tenant() as session:
            return await ledger.balance(session, account)

    async def work(self) -> None:
        """Jobs, refunds, events: whatever is due, as if every waiting time were over."""
        from core.jobs.pulse import pulse

        for _ in range(3):
            while await run_next(self.platform, self.client.id):
                pass
            await pulse(self.platform, self.client.id)
            async with self.tenant() as session:
                await session.execute(text("UPDATE core.refund_item SET next_at = now() WHERE next_at IS NOT NULL"))

    async def faults(self) -> dict[str, list]:
        """Every broken invariant; {} in sound books."""
        found = await trade.faults(self.platform, self.client.id)
        async with self.tenant() as session:
            for checks in (refund_faults, remedies_faults):
                found |= {name: rows for name, rows in (await checks.list_faults(session)).items() if rows}
        return found


@pytest.fixture
async def house(platform, client, channel):
    """Two children with a bill of 950.00 each, nothing paid; a channel that takes refunds at once."""
    made = await client(plugins=())
    school = await trade.found(platform, made.id)
    bills = await trade.bills(platform, school)
    rights = dict.fromkeys(RIGHTS)
    maker = Actor(kind="user", id="maker", name="经办甲", tenant_id=made.id, rights=rights)
    checker = Actor(kind="user", id="checker", name="复核乙", tenant_id=made.id, rights=rights)
    channel.usual = "succeeded"
    return House(platform, made, school, channel, bills, maker, checker)
