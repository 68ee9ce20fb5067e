"""Returns at the door: HIS and vendors by API, people by page; what must be refused is, with the field or the reason."""

import httpx
import pytest

from core.errors import SelfApproval
from core.refunds import batches
from core.refunds.schemas import RefundAsk
from plugins.medical.his import exports as his_exports
from plugins.medical.people.roles import ROLES
from plugins.medical.returns import exports, service
from plugins.medical.returns.schemas import ReturnAsk
from tests import trade

URL = "/api/v1/medical/returns"
RIGHTS = ("medical.return.read", "medical.return.make", "medical.return.decide", "refunds.refund.read")


@pytest.fixture
def call(web, house):
    """`await call("his", "POST", body)`: asks with a key."""

    async def ask(key: str, method: str = "POST", path: str = URL, **given: object) -> httpx.Response:
        return await web.request(method, path, headers=house.hospital.keys[key].headers, **given)

    return ask


def body(order, **given: object) -> dict:
    fields = {"his_refund_no": f"R{order.number}", "order_number": order.number, "patient_no": "P0001", "cash_fen": order.cash_fen, "reason": "退药"}
    return fields | given


async def test_his_gives_back_any_order_and_a_vendor_its_own(house, call):
    order = await house.posted(vendor="kiosk")
    assert (await call("inet", json=body(order))).status_code == 404
    made = await call("kiosk", json=body(order, cash_fen=1_000))
    assert made.status_code == 201
    assert (made.json()["status"], made.json()["insurance"], made.json()["refund_status"]) == ("requested", "settled", "requested")
    again = await call("kiosk", json=body(order, cash_fen=1_000))
    assert again.json()["number"] == made.json()["number"], "replayed: the same return"
    number = made.json()["number"]
    assert (await call("inet", "GET", f"{URL}/{number}")).status_code == 404
    assert (await call("kiosk", "GET", f"{URL}/{number}")).json()["order_number"] == order.number
    assert (await call("inet", "GET")).json()["items"] == []
    assert [row["number"] for row in (await call("his", "GET")).json()["items"]] == [number]
    assert (await call("his", json=body(order, his_refund_no="H1", cash_fen=500))).status_code == 201


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"patient_no": "P0002"}, 404, "MED_ORDER_NOT_FOUND"),
        ({"order_number": "NONE"}, 404, "MED_ORDER_NOT_FOUND"),
        ({"cash_fen": 7_457}, 409, "MED_RETURN_TOO_LARGE"),
        ({"cash_fen": 0}, 422, "MED_RETURN_INVALID"),
        ({"cash_fen": -1}, 422, None),
        ({"cash_fen": 1.5}, 422, None),
        ({"cash_fen": "100"}, 422, None),
        ({"reason": ""}, 422, None),
        ({"reason": "  "}, 422, None),
        ({"his_refund_no": "x" * 65}, 422, None),
        ({"unknown": 1}, 422, None),
    ],
)
async def test_what_cannot_be_given_back(house, call, given, status, code):
    order = await house.posted()
    answer = await call("his", json=body(order, **given))
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert code is None or answer.json()["code"] == code
    assert await house.rows("SELECT 1 FROM medical.med_return") == []
    assert await house.rows("SELECT 1 FROM core.refund") == []


async def test_the_same_number_for_something_else_is_a_conflict(house, call):
    order, other = await house.posted(), await house.posted()
    assert (await call("his", json=body(order))).status_code == 201
    assert (await call("his", json=body(order, reason="改了原因"))).status_code == 409
    assert (await call("his", json=body(other, his_refund_no=f"R{order.number}"))).status_code == 409


async def test_nobody_without_a_key_or_right(house, web, staff, call):
    order = await house.posted()
    assert (await web.post(URL, json=body(order))).status_code == 401
    reader = await staff(house.hospital.client, "medical.return.read")
    assert (await reader.post(URL, json=body(order))).status_code == 403
    assert (await reader.get("/console/medical/returns/new")).status_code == 403


async def test_at_the_window(house, staff):
    order = await house.posted()
    window = await staff(house.hospital.client, *RIGHTS)
    page = await window.get(f"/console/medical/returns/new?order={order.number}&patient=P0001")
    assert "最多可退 74.56 元" in page.text
    form = {"order_number": order.number, "patient_no": "P0001", "amount": "20.00", "reason": "退药", "idempotency_key": "press-1"}
    wrong = await window.post("/console/medical/returns/new", data=form | {"patient_no": "P0002"})
    assert wrong.status_code == 422
    assert "请核对订单号与患者编号" in wrong.text
    assert (await window.post("/console/medical/returns/new", data=form | {"amount": "75.00"})).status_code == 422
    assert (await window.post("/console/medical/returns/new", data=form | {"amount": "1.234"})).status_code == 422
    made = await window.post("/console/medical/returns/new", data=form)
    twice = await window.post("/console/medical/returns/new", data=form)
    assert (made.status_code, made.headers["location"]) == (303, twice.headers["location"])
    shown = await window.get(made.headers["location"])
    assert shown.status_code == 200
    assert "20.00" in shown.text
    assert order.number in (await window.get("/console/medical/returns?q=P0001")).text


async def test_what_the_insurer_refused_is_decided_on_the_page(house, staff):
    order = await house.posted()
    (known,) = await house.rows("SELECT setl_id FROM medical.insurance_settlement")
    await house.err(known.setl_id, "reversal_refuse")
    window = await staff(house.hospital.client, *RIGHTS)
    form = {"order_number": order.number, "patient_no": "P0001", "amount": "74.56", "reason": "退号", "idempotency_key": "press-2"}
    here = (await window.post("/console/medical/returns/new", data=form)).headers["location"]
    (refund,) = await house.rows("SELECT id FROM core.refund")
    await house.agree(refund.id)
    await house.hurry(2)
    page = await window.get(here)
    assert "院内规则不允许" in page.text
    assert "再次撤销医保" in page.text
    assert (await window.post(f"{here}/retry")).status_code == 409
    assert (await window.post(f"{here}/give-up", data={"reason": "不退了"})).status_code == 303
    assert (await window.post(f"{here}/again")).status_code == 409
    assert house.channel.moved == {}


async def test_a_batch_of_medical_bills_by_two_people_goes_through_the_insurer(house, settle):
    orders = [await house.posted(), await house.posted(insured=False), await house.posted()]
    asks = [RefundAsk(amount_fen=order.cash_fen, reason="医保系统故障", bill_id=order.bill_id) for order in orders]
    async with house.tenant() as session:
        settings = house.hospital.client.settings
        made = await batches.create(session, settings, asks, title="批量退费", reason="医保系统故障", by=house.hospital.maker)
    with pytest.raises(SelfApproval):
        await house.agree(made, house.hospital.maker)
    await house.agree(made)
    await settle(house.hospital.client)
    await house.hurry(5)
    assert [(await house.read(order.number)).status for order in orders] == ["refunded"] * 3
    returns = await house.rows("SELECT status, told_at IS NOT NULL AS told FROM medical.med_return")
    assert [tuple(row) for row in returns] == [("done", True)] * 3
    assert {row.status for row in await house.rows("SELECT status FROM medical.insurance_settlement")} == {"reversed"}
    assert await trade.faults(house.platform, house.id) == {}


async def test_both_lists_leave_as_excel(house, call):
    order = await house.posted()
    assert (await call("his", json=body(order))).status_code == 201
    lost = await house.paid()
    await house.err(lost.number, "payment_refuse")
    await house.hurry(3)
    async with house.tenant() as session:
        returned = [row async for row in exports.rows(session, {"status": "requested"}, None)]
        failed = [row async for row in his_exports.rows(session, {}, None)]
    assert [(row[1], row[2], row[5]) for row in returned] == [(f"R{order.number}", order.number, order.cash_fen)]
    assert [(row[0], row[4], row[7]) for row in failed] == [(lost.number, lost.cash_fen, "院内规则不允许")]
    assert (len(returned[0]), len(failed[0])) == (len(exports.COLUMNS), len(his_exports.COLUMNS))


async def test_a_cashier_asks_and_finance_says_that_the_insurer_took_it_back(house, staff):
    rights = {role.code: role.permissions for role in ROLES}
    cashier, finance = await staff(house.hospital.client, *rights["med.cashier"]), await staff(house.hospital.client, *rights["med.finance_maker"])
    order = await house.posted()
    (standing,) = await house.rows("SELECT setl_id FROM medical.insurance_settlement")
    await house.err(standing.setl_id, "reversal_refuse")
    async with house.tenant() as session:
        ask = ReturnAsk(his_refund_no="R1", order_number=order.number, patient_no="P0001", cash_fen=order.cash_fen, reason="退号")
        made = await service.request(session, {"refund_auto_limit_fen": 1_000_000}, ask, house.hospital.maker)
    await house.hurry(3)
    here = f"/console/medical/returns/{made.number}"
    page = (await cashier.get(here)).text
    assert ("等待医院财务处理" in page, f"{here}/confirm" in page) == (True, False)
    for verb in ("confirm", "give-up", "retry"):
        assert (await cashier.post(f"{here}/{verb}", data={"reason": "我看过了"})).status_code == 403
    assert (await finance.post(f"{here}/confirm", data={"reason": "  "})).status_code == 422
    assert house.channel.moved == {}
    assert (await finance.post(f"{here}/confirm", data={"reason": "医保平台已见撤销"})).status_code == 303
    await house.hurry(4)
    assert sum(house.channel.moved.values()) == order.cash_fen
