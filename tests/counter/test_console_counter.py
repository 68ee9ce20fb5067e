"""The window's pages: a whole shift by forms, its refusals said kindly, and refunds paid out of the drawer once."""

import re

import pytest

from core import ids
from core.approvals import service as approvals
from core.billing import service as billing
from core.counter import payouts
from core.counter.schemas import NOTES_FEN
from core.identity.actor import Actor
from core.refunds import service as refunds
from core.refunds.schemas import RefundAsk
from tests import trade

COUNTER = "/console/counter"


@pytest.fixture
async def desk(platform, shop, staff):
    """A cashier and a treasurer at their pages, and two bills of 950.00."""
    bills = await trade.bills(platform, shop)
    cashier = await staff(shop.tenant_id, "counter.shift.run", name="收费员甲")
    treasurer = await staff(shop.tenant_id, "counter.shift.accept", name="出纳乙")
    return cashier, treasurer, bills


async def number_of(platform, shop, bill_id) -> str:
    async with platform.database.tenant(shop.tenant_id) as session:
        return (await billing.find_bill(session, bill_id)).number


async def press(person, path: str, **fields) -> str:
    """Send a form; answers the sentence shown on the page it leads to."""
    answer = await person.post(COUNTER + path, data=fields)
    assert answer.status_code == 303, answer.text[:400]
    return (await person.get(answer.headers["location"])).text


async def take(person, q: str, bill, **fields) -> str:
    return await press(person, "/take", q=q, bill=str(bill), kind="cash", idempotency_key=fields.pop("key", ids.token()), **fields)


async def test_a_shift_from_opening_to_acceptance(desk, platform, shop):
    cashier, treasurer, bills = desk
    assert "开班" in (await cashier.get(COUNTER)).text
    assert "已开班" in await press(cashier, "/open", window="一号窗口", float="200.00")
    number = await number_of(platform, shop, bills[0])
    found = (await cashier.get(f"{COUNTER}?q={number}")).text
    assert str(bills[0]) in found
    assert str(bills[0]) in (await cashier.get(COUNTER, params={"q": f" {number[:4]} {number[4:]} "})).text, "as it is printed, in groups"
    assert "学生0" not in found, "names are masked"
    assert "请找零 50.00 元" in await take(cashier, number, bills[0], tendered="1000.00")
    assert "正在盘点" in (await press(cashier, "/count")) or "盘点" in (await cashier.get(COUNTER)).text
    notes = {f"note-{note}": "0" for note in NOTES_FEN} | {"note-10000": "11", "note-5000": "1"}
    page = await press(cashier, "/submit", **notes)
    assert "待接收" in page
    [shift] = re.findall(rf"{COUNTER}/shifts/([0-9a-f-]{{36}})", (await treasurer.get(COUNTER + "/shifts")).text)[:1]
    assert "请填写缴款单号" in await press(treasurer, f"/shifts/{shift}/accept", kept="200.00", slip="")
    accepted = await press(treasurer, f"/shifts/{shift}/accept", kept="200.00", slip="JK1")
    assert "已接收" in accepted
    assert await trade.faults(platform, shop.tenant_id) == {}


async def test_pressing_twice_is_one_payment(desk, platform, shop):
    cashier, _, bills = desk
    await press(cashier, "/open", window="一号窗口")
    number, key = await number_of(platform, shop, bills[0]), ids.token()
    first = await take(cashier, number, bills[0], key=key, amount="100.00")
    again = await take(cashier, number, bills[0], key=key, amount="100.00")
    assert ("已收 100.00 元" in first, "已收 100.00 元" in again) == (True, True)
    async with platform.database.tenant(shop.tenant_id) as session:
        assert (await billing.find_bill(session, bills[0])).paid_fen == 10_000


@pytest.mark.parametrize(("fields", "told"), [
    ({"tendered": "1.00"}, "少于应收"), ({"tendered": "abc"}, "金额"), ({"kind": "pos"}, "终端号"), ({"kind": "cheque"}, "支票号码"),
    ({"kind": "gold"}, "收款方式"), ({"amount": "9999999.00"}, "超过"),
])  # fmt: skip
async def test_what_cannot_be_taken_is_said_on_the_page_and_books_nothing(desk, platform, shop, fields, told):
    cashier, _, bills = desk
    await press(cashier, "/open", window="一号窗口")
    number = await number_of(platform, shop, bills[0])
    answer = await cashier.post(
        COUNTER + "/take", data={"q": number, "bill": str(bills[0]), "kind": "cash", "idempotency_key": ids.token()} | fields
    )
    assert (answer.status_code, told in answer.text) == (422, True), answer.text
    assert [value for name, value in fields.items() if name != "kind" and value not in answer.text] == [], "nothing has to be typed again"
    async with platform.database.tenant(shop.tenant_id) as session:
        assert (await billing.find_bill(session, bills[0])).paid_fen == 0


async def test_a_refund_of_cash_is_paid_out_of_the_drawer_once(desk, platform, shop, settle):
    cashier, _, bills = desk
    await press(cashier, "/open", window="一号窗口")
    await take(cashier, await number_of(platform, shop, bills[0]), bills[0])
    maker, checker = (Actor(kind="user", id=str(ids.uuid7()), name=name, tenant_id=shop.tenant_id, rights={refunds.CHECK: None})
                      for name in ("经办", "复核"))  # fmt: skip
    profile = await platform.directory.profile(shop.tenant_id)
    async with platform.database.tenant(shop.tenant_id) as session:
        made = await refunds.request(session, {}, RefundAsk(amount_fen=15_000, reason="多缴", bill_id=bills[0]), maker)
    async with platform.database.tenant(shop.tenant_id) as session:
        from sqlalchemy import text

        approval = await session.scalar(text("SELECT id FROM core.approval WHERE subject_id = :id"), {"id": made.id})
        await approvals.approve(session, approvals.kinds_of(platform.plugins, profile.plugins), approval, checker)
    await settle(shop.tenant_id)
    async with platform.database.tenant(shop.tenant_id) as session:
        [waiting] = await payouts.waiting(session)
    assert (waiting.amount_fen, waiting.scene) == (15_000, "cash")
    assert waiting.number in (await cashier.get(COUNTER)).text
    assert [row["number"] for row in (await cashier.get("/api/v1/counter/payouts")).json()["items"]] == [waiting.number]
    assert "退款已付出" in await press(cashier, f"/refunds/{waiting.number}/pay-out")
    again = await cashier.post(f"/api/v1/counter/payouts/{waiting.number}", headers={"idempotency-key": ids.token()})
    assert again.status_code in (404, 409), again.text
    assert (await cashier.post(f"{COUNTER}/refunds/{waiting.number}/pay-out")).status_code == 404
    async with platform.database.tenant(shop.tenant_id) as session:
        assert (await refunds.find(session, made.id)).status == "success"
        assert await payouts.waiting(session) == []
    assert await trade.faults(platform, shop.tenant_id) == {}


async def test_lists_answer_their_readers_and_nobody_else(desk, staff, shop):
    _, treasurer, _ = desk
    clerk = await staff(shop.tenant_id, "billing.bill.read")
    for path in ("/shifts", "/cheques", "/transfers"):
        assert (await treasurer.get(COUNTER + path)).status_code == 200
        assert (await clerk.get(COUNTER + path)).status_code == 403
    assert (await clerk.get(COUNTER)).status_code == 403
