"""Money that a refund holds counts as spent: nobody else uses it or moves it, and what two people agreed to happens (architecture §6)."""

import pytest

from core.billing import corrections, credit, service
from core.billing.errors import MoveNotPossible, NothingToPay
from core.identity.actor import system
from core.refunds.states import ITEM, OPEN
from tests.refunds.conftest import channel, office

__all__ = ["channel", "office"]


def test_what_is_not_open_has_gone_or_never_will():
    assert set(ITEM.states) - set(OPEN) == {"success", "closed", "cancelled"}, "core/billing/repository.py HELD says the same"


async def test_credit_that_a_refund_holds_is_not_there_to_be_used(office):
    await office.pay(office.bills[0], 95_000)
    async with office.tenant() as session:
        read = await service.find_bill(session, office.bills[0])
        lower = {"changes": [{"line_no": 1, "net_fen": 75_000}], "version": read.version, "reason": "减免", "made_by": "a", "approval_id": "t1"}
        await corrections.adjust(session, office.bills[0], lower, system(office.client.id))
    child = office.trade.children[0]
    refund = await office.approved(party_id=child, amount_fen=15_000)
    async with office.tenant() as session:
        assert await credit.balance(session, [child]) == 5_000
        assert await credit.use(session, office.trade.children, office.bills[1], system(office.client.id), "k1") == 5_000
        with pytest.raises(NothingToPay):
            await credit.use(session, office.trade.children, office.bills[1], system(office.client.id), "k2")
    office.channel.usual = "succeeded"
    for _ in range(4):
        await office.hurry()
        await office.beat()
    assert (await office.read(refund.id)).status == "success"
    assert await office.faults() == {}


async def test_a_bills_money_that_a_refund_holds_is_not_moved(office):
    await office.pay(office.bills[0], 95_000)
    refund = await office.approved(bill_id=office.bills[0], amount_fen=60_000)
    for fen, moved in ((95_000, False), (35_000, True)):
        async with office.tenant() as session:
            told = {"target": str(office.bills[1]), "amount_fen": fen, "approval_id": f"m{fen}", "reason": "缴错人"}
            if moved:
                await corrections.move(session, office.bills[0], told, office.checker)
            else:
                with pytest.raises(MoveNotPossible):
                    await corrections.move(session, office.bills[0], told, office.checker)
    office.channel.usual = "succeeded"
    for _ in range(4):
        await office.hurry()
        await office.beat()
    assert (await office.read(refund.id)).status == "success"
    assert await office.faults() == {}
