"""What two people gave up stays given up when its money is moved to another bill."""

from sqlalchemy import text

from core.billing import corrections, service
from tests.refunds.conftest import channel, office

__all__ = ["channel", "office"]


async def test_a_written_off_bill_stays_written_off(office):
    await office.pay(office.bills[0], 40_000)
    async with office.tenant() as session:
        await session.execute(text("UPDATE core.bill SET due_on = '2020-01-01' WHERE id = :id"), {"id": office.bills[0]})
    async with office.tenant() as session:
        await corrections.write_off(session, office.bills[0], {"reason": "欠费核销"}, office.checker)
        await corrections.move(
            session, office.bills[0], {"target": str(office.bills[1]), "amount_fen": 40_000, "approval_id": "m1", "reason": "缴错人"}, office.checker
        )
    async with office.tenant() as session:
        source, target = [await service.find_bill(session, bill) for bill in office.bills]
    assert (source.status, source.paid_fen, source.open_fen) == ("written_off", 0, 0)
    assert (target.status, target.paid_fen) == ("partially_paid", 40_000)
    assert await office.faults() == {}
