"""A family's credit: shown on the home page, and used on a bill with one press."""

from sqlalchemy import text

from core.billing import service
from core.billing.schemas import Placement
from core.ledger import service as ledger
from core.ledger.schemas import SUSPENSE_LONG, Journal, credit, debit, prepaid_account
from core.payments import service as payments
from tests import families, trade


async def give_credit(platform, school, child, amount_fen: int) -> None:
    """Money that came without a bill is found to be this family's: finance moves it from suspense to their credit."""
    async with platform.database.tenant(school.id) as session:
        payment = await session.one(text("SELECT id FROM core.payment ORDER BY booked_at DESC LIMIT 1"))
        postings = (debit(SUSPENSE_LONG, amount_fen), credit(prepaid_account(child.id), amount_fen))
        entry = Journal(
            key=f"test:{payment.id}", event="suspense.credited", biz_type="payment", biz_id=str(payment.id), postings=postings, by="t"
        )
        journal_id = await ledger.post(session, entry)
        moves = [
            Placement(payment_id=payment.id, kind="suspense", amount_fen=-amount_fen),
            Placement(payment_id=payment.id, kind="credit", party_id=child.id, amount_fen=amount_fen),
        ]
        await service.place(session, journal_id, moves)


async def test_credit_is_used_once_however_often_it_is_pressed(connected, platform, school, browser, sms, outside_world):
    child, phone = school.children[0], browser()
    school.trade.children = [child.id]
    await families.collect_at(connected, school, outside_world)
    await payments.settle(platform, school.id, school.trade.account, trade.success("P000000000000000001", 40_000))
    await give_credit(platform, school, child, 40_000)
    await families.bind(phone, sms, school, child)
    bill_id = await families.bill(platform, school, child)
    page = await phone.get(school.home)
    assert "家庭余额" in page.text
    page = await phone.get(f"{school.home}/bills/{bill_id}")
    assert "用家庭余额抵缴 ¥400.00" in page.text
    key, csrf = phone.hidden("idempotency_key"), phone.hidden("_csrf_token")
    page = await phone.post(f"{school.home}/bills/{bill_id}/credit", {"idempotency_key": key}, csrf=csrf)
    assert "已用余额抵缴 ¥400.00" in page.text
    again = await phone.post(f"{school.home}/bills/{bill_id}/credit", {"idempotency_key": key}, csrf=csrf)
    assert again.status_code in (200, 409)
    async with platform.database.tenant(school.id) as session:
        assert await session.scalar(text("SELECT paid_fen FROM core.bill")) == 40_000
