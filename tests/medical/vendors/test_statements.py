"""A vendor's statement has its own orders and refunds to the fen, and all vendors' together are the hospital's."""

import datetime as dt

import pytest
from sqlalchemy import insert, text

from core import clock, ids
from core.approvals import service as approvals
from core.billing import repository as bills
from core.billing.issuing import issue
from core.billing.schemas import BillDraft, LineDraft
from core.payments import service as payments
from core.payments.channels.protocol import ChannelAccount
from core.refunds import service as refunds
from core.refunds.schemas import RefundAsk
from plugins.medical.orders.models import order
from plugins.medical.vendors import exports
from tests import trade
from tests.refunds.scripted import Scripted

STATEMENTS = "/api/v1/medical/vendor-statements"
PAID = {"window-sys": (7_456,), "kiosk": (2_000, 3_050), "inet": (10_000,), None: (500,)}
"""What each vendor's orders (None: HIS's own) came to on the day."""


@pytest.fixture
def channel(platform):
    before = platform.channels["wechatpay"]
    platform.channels["wechatpay"] = scripted = Scripted()
    yield scripted
    platform.channels["wechatpay"] = before


async def place(platform, hospital, number: str, app_id: str | None, fen: int) -> object:
    """An order with its bill, as the unified order API leaves it; answers the bill."""
    patient_id = hospital.patients["P0001"]
    line = LineDraft(
        item_code="OUTPATIENT", item_name="门诊费用", category="门诊", merchant_id=hospital.merchants["main"], unit_price_fen=fen, amount_fen=fen,
        discount_fen=0, mandatory=True, rule={},
    )  # fmt: skip
    draft = BillDraft(
        plugin="medical", source=f"order:{number}", party_id=patient_id, org_id=hospital.units["NK"], title="榕城医院 内科门诊", period="",
        due_on=clock.today(), visible_from=clock.now(), lines=(line,),
    )  # fmt: skip
    async with platform.database.tenant(hospital.id) as session:
        await issue(session, [draft])
        bill = next(b for b in await bills.list_bills_of(session, [patient_id], only_open=False, now=clock.now()) if b.source == draft.source)
        await session.execute(
            insert(order),
            {
                "id": ids.uuid7(), "number": number, "his_bill_no": f"H{number}", "vendor_id": hospital.vendors.get(app_id), "patient_id": patient_id,
                "vendor_order_no": f"V{number}", "scene": "window", "kind": "outpatient", "title": "门诊", "categories": [], "total_fen": fen,
                "cash_fen": fen, "bill_id": bill.id, "status": "paid", "body_hash": b"x",
            },
        )  # fmt: skip
    return bill.id


def account(hospital) -> ChannelAccount:
    return ChannelAccount(channel="wechatpay", mchid=hospital.mchid, appid=hospital.appid, base_url=hospital.base_url, credentials={})


async def pay(platform, hospital, bill_id, fen: int, at: dt.datetime) -> None:
    number = await trade.order(platform, hospital.trade, [(bill_id, fen)])
    await payments.settle(platform, hospital.id, account(hospital), trade.success(number, fen, paid_at=at))


@pytest.fixture
async def day(platform, quiet_hospital, channel, settle):
    """Today each vendor's orders were paid and 10.00 of the kiosk's went back; yesterday the kiosk had 99.00 more."""
    channel.usual = "succeeded"
    now = clock.now()
    placed = {}
    for app_id, amounts in PAID.items():
        for at, fen in enumerate(amounts):
            number = f"MO{app_id or 'his'}{at}".replace("-", "")
            placed[number] = await place(platform, quiet_hospital, number, app_id, fen)
            await pay(platform, quiet_hospital, placed[number], fen, now)
    old = await place(platform, quiet_hospital, "MOold", "kiosk", 9_900)
    await pay(platform, quiet_hospital, old, 9_900, now - dt.timedelta(days=1))
    async with platform.database.tenant(quiet_hospital.id) as session:
        made = await refunds.request(session, {}, RefundAsk(bill_id=placed["MOkiosk1"], amount_fen=1_000, reason="退号"), quiet_hospital.maker)
        waiting = await session.one(text("SELECT id FROM core.approval WHERE subject_id = :id AND status = 'waiting'"), {"id": made.id})
        kinds = approvals.kinds_of(platform.plugins, quiet_hospital.client.plugins)
        await approvals.approve(session, kinds, waiting.id, quiet_hospital.checker)
    await settle(quiet_hospital)
    return quiet_hospital


async def test_each_vendor_sees_its_own_to_the_fen(web, day):
    for app_id in day.vendors:
        answer = (await web.get(STATEMENTS, headers=day.keys[app_id].headers)).json()
        refunded = 1_000 if app_id == "kiosk" else 0
        assert (answer["pays"], answer["pay_fen"]) == (len(PAID[app_id]), sum(PAID[app_id]))
        assert (answer["refund_fen"], answer["net_fen"]) == (refunded, sum(PAID[app_id]) - refunded)
        assert {line["app_id"] for line in answer["items"]} == {app_id}
        assert [vendor["app_id"] for vendor in answer["vendors"]] == [app_id]
        assert sum(line["amount_fen"] for line in answer["items"]) == answer["net_fen"]
        assert "张小明" not in str(answer)


async def test_together_they_are_the_hospitals(web, day):
    answer = (await web.get(STATEMENTS, headers=day.keys["his"].headers)).json()
    every = sum(sum(amounts) for amounts in PAID.values())
    assert (answer["pay_fen"], answer["refund_fen"], answer["net_fen"]) == (every, 1_000, every - 1_000)
    assert sum(vendor["pay_fen"] for vendor in answer["vendors"]) == every and len(answer["vendors"]) == 4
    one = (await web.get(STATEMENTS, params={"app_id": "inet"}, headers=day.keys["his"].headers)).json()
    assert one["pay_fen"] == 10_000


async def test_yesterday_is_another_day(web, day):
    yesterday = clock.today() - dt.timedelta(days=1)
    answer = (await web.get(STATEMENTS, params={"on": str(yesterday)}, headers=day.keys["kiosk"].headers)).json()
    assert (answer["pays"], answer["pay_fen"], answer["refunds"]) == (1, 9_900, 0)


async def test_lines_leave_page_by_page_and_none_twice(web, day):
    seen, cursor = [], None
    while True:
        page = (await web.get(STATEMENTS, params={"limit": 2} | ({"cursor": cursor} if cursor else {}), headers=day.keys["his"].headers)).json()
        seen += [(line["kind"], line["number"]) for line in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert len(seen) == len(set(seen)) == 6


async def test_the_page_and_the_export_say_the_same(platform, staff, day):
    finance = await staff(day.client, "medical.statement.read", "exports.make")
    page = await finance.get("/console/medical/vendor-statements")
    assert "230.06" in page.text and "自助机厂商" in page.text
    async with platform.database.tenant(day.id) as session:
        rows = [row async for row in exports.rows(session, {}, None)]
        kiosk = [row async for row in exports.rows(session, {"app_id": "kiosk"}, None)]
    assert sum(row[11] for row in rows) == 23_006 - 1_000 and sum(row[11] for row in kiosk) == 5_050 - 1_000
