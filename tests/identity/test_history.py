"""The history of any object: who, when, what, before and after in words; to whoever may read the object, and to nobody else."""

from uuid import uuid4

import pytest
from sqlalchemy import insert

from core import clock, ids
from core.identity import history
from core.identity.actor import system
from core.identity.models import audit_log
from core.tenancy import merchants
from tests import desk as desks

HTMX, KEY = {"HX-Request": "true"}, {"idempotency-key": "history-0001"}
CLIENT = ["bill", "fee_item", "user", "payment_order", "channel_account", "difference", "refund", "settlement_batch", "merchant", "fee_standard", "fee_plan"]


def test_every_object_that_was_promised_has_a_history(app):
    known = {(side, subject.code) for side in ("client", "bank") for subject in history.subjects(side)}
    assert {*(("client", code) for code in CLIENT), ("bank", "client"), ("bank", "user")} <= known


@pytest.mark.parametrize("code", CLIENT)
async def test_a_history_asks_for_the_right_to_read_the_object(app, client, staff, code):
    here = await client(kind="school_group")
    subject = next(one for one in history.subjects("client") if one.code == code)
    address = f"/console/history/{code}/{uuid4()}"
    assert (await (await staff(here, "exports.make")).get(address)).status_code == 403
    assert (await (await staff(here, subject.permission)).get(address)).status_code == 404
    assert (await (await staff(here, subject.permission)).get(f"/console/history/{code}/nonsense")).status_code == 404


async def test_what_nobody_named_has_no_history(client, staff):
    somebody = await staff(await client(), "identity.user.read")
    assert (await somebody.get(f"/console/history/nothing/{uuid4()}")).status_code == 404


async def test_an_object_of_a_plugin_that_is_off_has_none(client, staff):
    somebody = await staff(await client(plugins=()), "education.plan.read")
    assert (await somebody.get(f"/console/history/fee_plan/{uuid4()}")).status_code == 404


async def test_a_user_is_told_with_before_and_after(client, staff):
    here = await client()
    admin = await staff(here, "identity.user.read", "identity.user.manage", name="钱主任")
    somebody = await staff(here, "billing.bill.read", name="王会计")
    await admin.post(f"/console/users/{somebody.actor.id}/name", data={"name": "王出纳"})
    panel = (await admin.get(f"/console/history/user/{somebody.actor.id}", headers=HTMX)).text
    assert "<html" not in panel, "only the panel"
    assert "修改姓名" in panel and "钱主任" in panel
    assert "<del>王会计</del>" in panel and "<ins>王出纳</ins>" in panel
    page = (await admin.get(f"/console/history/user/{somebody.actor.id}")).text
    assert "<html" in page and f'href="/console/users/{somebody.actor.id}"' in page
    shown = (await admin.get(f"/console/users/{somebody.actor.id}")).text
    assert f'hx-get="/console/history/user/{somebody.actor.id}"' in shown
    assert f'<a href="/console/history/user/{somebody.actor.id}">' in shown, "without script it is a link"


async def test_the_bank_has_the_same_for_its_users_and_clients(platform, client, bank, staff):
    here = await client(status="draft")
    manager = await staff(bank, "tenancy.client.read", "tenancy.client.manage", "identity.user.read")
    await manager.post(f"/bank/clients/{here.id}/activate", data={"reason": ""})
    panel = (await manager.get(f"/bank/history/client/{here.id}", headers=HTMX)).text
    assert "启用客户" in panel
    assert (await manager.get(f"/bank/history/user/{manager.actor.id}")).status_code == 200
    assert f'hx-get="/bank/history/client/{here.id}"' in (await manager.get(f"/bank/clients/{here.id}")).text


async def test_a_bill_tells_what_the_books_and_what_people_did(platform, client, staff):
    desk = await desks.opened(platform, client)
    await desks.pay(platform, desk, "S1")
    reader = await staff(desk, "billing.bill.read", "billing.bill.adjust")
    version = await desks.version_of(platform, desk, "S2")
    answer = await reader.post(f"/api/v1/bills/{desk.bills['S2']}/void", json={"reason": "重复开单", "version": version}, headers=KEY)
    assert answer.status_code < 300, answer.text
    paid = (await reader.get(f"/console/history/bill/{desk.bills['S1']}", headers=HTMX)).text
    assert "账单已发布" in paid and "入账 950.00 元" in paid
    void = (await reader.get(f"/console/history/bill/{desk.bills['S2']}", headers=HTMX)).text
    assert "申请作废" in void and "重复开单" in void


async def test_a_bill_out_of_reach_has_no_history(platform, client, staff):
    desk = await desks.opened(platform, client)
    west = await staff(desk, "billing.bill.read", org_id=desk.units["西区"])
    assert (await west.get(f"/console/history/bill/{desk.bills['S1']}")).status_code == 404
    assert (await west.get(f"/console/history/bill/{desk.bills['S4']}")).status_code == 200
    stranger = await staff(await client(), "billing.bill.read")
    assert (await stranger.get(f"/console/history/bill/{desk.bills['S1']}")).status_code == 404


async def test_a_payment_order_tells_how_it_began_and_ended(platform, client, staff):
    desk = await desks.opened(platform, client)
    number = await desks.pay(platform, desk, "S1")
    reader = await staff(desk, "payments.order.read")
    panel = (await reader.get(f"/console/history/payment_order/{number}", headers=HTMX)).text
    assert "缴费人发起支付" in panel
    assert panel.count("<li") >= 2, "begun and decided"
    await reader.post(f"/console/payment-orders/{number}/check")
    assert "向渠道查询" in (await reader.get(f"/console/history/payment_order/{number}", headers=HTMX)).text


async def test_a_fee_item_and_a_merchant_leave_entries(platform, client, staff):
    here = await client(kind="school_group")
    async with platform.database.tenant(here.id) as session:
        merchant_id = await merchants.register(session, system(here.id), code="TUITION", name="学费户", legal_name="榕华教育", uscc="")
    maker = await staff(here, "billing.item.read", "billing.item.manage", "tenancy.merchant.read", name="林财务")
    made = await maker.post(
        "/api/v1/fee-items",
        json={"plugin": "education", "code": "TUITION", "name": "学费", "category": "学费", "period": "term", "merchant_id": str(merchant_id)},
        headers=KEY,
    )
    assert made.status_code < 300, made.text
    panel = (await maker.get(f"/console/history/fee_item/{made.json()['id']}", headers=HTMX)).text
    assert "林财务" in panel and "学费" in panel
    assert "登记商户" in (await maker.get(f"/console/history/merchant/{merchant_id}", headers=HTMX)).text


async def test_a_long_history_turns_its_pages(platform, client, staff):
    here = await client()
    reader = await staff(here, "identity.user.read")
    rows = [
        {"id": ids.uuid7(), "at": clock.now(), "actor_kind": "user", "actor_id": "x", "actor_name": "某人", "action": "identity.user.rename",
         "object_type": "user", "object_id": reader.actor.id, "before": {"name": f"旧{n:02}"}, "after": {"name": f"新{n:02}"}}
        for n in range(history.PAGE + 5)
    ]  # fmt: skip
    async with platform.database.tenant(here.id) as session:
        await session.execute(insert(audit_log), rows)
    first = (await reader.get(f"/console/history/user/{reader.actor.id}")).text
    assert first.count("<del>") == history.PAGE
    older = first.split("?cursor=")[1].split('"')[0]
    second = (await reader.get(f"/console/history/user/{reader.actor.id}?cursor={older}")).text
    assert second.count("<del>") == 5
