"""What the clearing account's own entries lead to, and what the audit says of books that do not agree."""

from sqlalchemy import insert

from core import clock, ids
from core.ledger import service as ledger
from core.ledger.schemas import Journal, credit, debit
from core.settlement import models as settlement
from core.trace import faults
from tests import trade
from tests.trace.conftest import load, settle_and_pay


async def test_an_entry_of_the_clearing_account_leads_to_the_payout_or_the_arrival_it_was_found_to_be(lived, platform, traced, rows):
    made = await settle_and_pay(platform, lived)
    [arrival] = await rows(lived.client.id, "SELECT id FROM core.channel_arrival")
    statement = await load(platform, lived.client.id, [{"kind": "adjustment", "number": "Z", "channel_number": "E-1", "amount_fen": 1, "channel": "bank"}],
                           source="bank", side="funds", channel="bank", merchant_number="62002")  # fmt: skip
    entry = {"account_number": "62001", "booked_on": clock.today(), "booked_at": clock.now(), "status": "matched", "statement_id": statement, "row_no": 1}
    async with platform.database.tenant(lived.client.id) as session:
        await session.execute(insert(settlement.bank_entry), entry | {
            "id": ids.uuid7(), "serial": "E-1", "amount_fen": 64_610, "kind": "arrival", "arrival_id": arrival.id,
        })  # fmt: skip
        await session.execute(insert(settlement.bank_entry), entry | {
            "id": ids.uuid7(), "serial": "E-2", "amount_fen": -64_610, "kind": "payout", "payout_id": made["payout"],
        })  # fmt: skip
    came, went = (await traced(lived.client.id, "e-1")).trace, (await traced(lived.client.id, "E-2")).trace
    assert (came.kind, [each.bank_serial for each in came.arrivals]) == ("arrival", ["BK20260009"])
    assert "E-1" in [line.channel_number for line in came.bank_lines]
    assert (went.kind, [each.number for each in went.payouts]) == ("payout", ["PO26010001"])


async def test_the_audit_finds_what_the_books_hold_beyond_the_payments(lived, platform):
    async with platform.database.tenant(lived.client.id) as session:
        assert {name: found for name, found in (await faults.list_faults(session)).items() if found} == {}
        account = f"A.CH.wechatpay.{trade.MCHID}"
        stray = Journal(key="stray", event="payment.succeeded", biz_type="payment", biz_id=str(ids.uuid7()), by="test",
                        postings=(debit(account, 100), credit("L.SUSP.LONG", 100)))  # fmt: skip
        await ledger.post(session, stray)
        found = await faults.list_faults(session)
    [fault] = found["channel_account_holds_its_payments"]
    assert (fault.account, fault.booked_fen - fault.paid_fen) == (account, 100)
