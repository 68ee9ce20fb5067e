"""A school that collects, and its receipts as rows: what every test of receipts starts from."""

import msgspec
from sqlalchemy import insert, text, update

from core.payments import service as payments
from core.payments.models import channel_account
from core.receipts.models import receipt
from tests import families, trade


async def opened(platform, school):
    """The school with a collecting account that is never called."""
    async with platform.database.tenant(school.id) as session:
        keys = await platform.vault.keys(session)
        row = {
            "id": school.trade.account_id, "channel": "wechatpay", "mchid": trade.MCHID, "appid": trade.APPID,
            "base_url": "http://127.0.0.1:9", "credentials_sealed": keys.seal(b"{}"),
        }  # fmt: skip
        await session.execute(insert(channel_account), row)
    return school


async def pay(platform, school, items: list) -> str:
    """A payment over some bills arrives; answers its order number."""
    number = await trade.order(platform, school.trade, items)
    await payments.settle(platform, school.id, school.trade.account, trade.success(number, sum(fen for _, fen in items)))
    return number


async def rows(platform, school) -> list:
    """Every receipt in the order of its number; those without one last."""
    async with platform.database.tenant(school.id) as session:
        return await session.all(text("SELECT * FROM core.receipt ORDER BY seq, created_at, sequence"))


class Paid(msgspec.Struct):
    """A bill that was paid: tuition 950.00 and, when asked for, meals 300.00."""

    bill_id: object
    payment_id: object
    number: str


async def paid(platform, school, settle, *, meals: bool = False) -> Paid:
    """One bill, paid, its receipts issued."""
    bill = await families.bill(platform, school, school.children[0])
    if meals:
        async with platform.database.tenant(school.id) as session:
            await session.execute(text("UPDATE core.bill_line SET chosen = true WHERE bill_id = :id"), {"id": bill})
            await session.execute(text("UPDATE core.bill SET amount_fen = 125000 WHERE id = :id"), {"id": bill})
    number = await pay(platform, school, [(bill, 125_000 if meals else 95_000)])
    await settle(school)
    async with platform.database.tenant(school.id) as session:
        payment = await session.scalar(text("SELECT id FROM core.payment WHERE order_number = :number"), {"number": number})
    return Paid(bill, payment, number)


async def unissue(platform, school) -> None:
    """As if the receipts had not been numbered yet."""
    async with platform.database.tenant(school.id) as session:
        values = {"status": "to_issue", "year": None, "seq": None, "number": None, "issued_at": None}
        await session.execute(update(receipt).values(**values))


def told(receipts: list) -> list[tuple]:
    """What the receipts come to: kind, sequence, amount, state."""
    return [(r.kind, r.sequence, r.amount_fen, r.status) for r in receipts]
