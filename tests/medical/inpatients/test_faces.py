"""The API of HIS, the console of cashiers and the export: what they show, refuse and never show."""

import pytest

from core import clock
from core.imports import sheets
from tests.medical.inpatients.stays import M2, VISIT
from tests.medical.orders.places import headers

API, BASE = "/api/v1/medical/admissions", "/console/medical/inpatients"
HIS = ("medical.inpatient.read", "medical.inpatient.make")
ITEMS = [{"category": "西药费", "name": "头孢呋辛注射液", "quantity": "2", "price_fen": 1250, "amount_fen": 2500}]


def settlement(**given) -> dict:
    told = {name: getattr(M2, name) for name in M2.__struct_fields__ if name != "settled_on"}
    return {"setl_no": "JS0001", "total_fen": 18_642_75, "insurance": told} | given


async def test_his_walks_the_whole_way(ward, staff):
    his = await staff(ward.hospital, *HIS)
    admitted = await his.post(API, json={"visit_no": "ZY0002", "patient_no": "P0002", "department": "NK", "ward": "二病区", "bed": "3"})
    assert (admitted.status_code, admitted.json()["status"]) == (200, "in_hospital"), admitted.text
    listed = await his.post(f"{API}/ZY0002/daily-lists", json={"day": str(clock.today()), "total_fen": 2500, "items": ITEMS})
    assert (listed.status_code, listed.json()["categories"]) == (200, {"西药费": 2500}), listed.text
    await ward.deposit(6_000_00, "ZY0002")
    asked = await his.post(f"{API}/ZY0002/discharge-requests", json={})
    assert (asked.status_code, asked.json()["status"]) == (200, "discharge_requested"), asked.text
    differs = await his.post(f"{API}/ZY0002/discharge-settlements", json=settlement())
    assert (differs.status_code, differs.json()["code"]) == (422, "DAILY_LISTS_DIFFER"), differs.text
    settled = await his.post(f"{API}/ZY0002/discharge-settlements", json={"setl_no": "JS0002", "total_fen": 2500})
    assert settled.status_code == 200, settled.text
    assert (settled.json()["status"], settled.json()["surplus_fen"]) == ("refunding", 5_975_00)
    again = await his.post(f"{API}/ZY0002/discharge-settlements", json={"setl_no": "JS0002", "total_fen": 2500})
    assert again.status_code == 200
    other = await his.post(f"{API}/ZY0002/discharge-settlements", json={"setl_no": "JS0002", "total_fen": 2501})
    assert (other.status_code, other.json()["code"]) == (409, "SETTLEMENT_DIFFERS")
    assert "头孢" not in listed.text + settled.text + (await his.get(f"{API}/ZY0002/daily-lists")).text


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", {"visit_no": "ZY 3", "patient_no": "P0001", "department": "NK"}),
        ("", {"visit_no": "ZY3", "patient_no": "P0001", "department": "NK", "name": "张"}),
        (f"/{VISIT}/daily-lists", {"day": "2026-03-01", "total_fen": 1, "items": []}),
        (f"/{VISIT}/daily-lists", {"day": "2026-03-01", "total_fen": 2501, "items": ITEMS}),
        (f"/{VISIT}/daily-lists", {"day": "2026-03-01", "total_fen": 25.5, "items": ITEMS}),
        (f"/{VISIT}/discharge-settlements", {"setl_no": "JS1", "total_fen": -1}),
        (f"/{VISIT}/discharge-settlements", settlement(insurance={"setl_id": "x", "medfee_sumamt": -1})),
    ],
)
async def test_what_is_wrong_is_refused_as_problem_json(ward, staff, path, body):
    refused = await (await staff(ward.hospital, *HIS)).post(API + path, json=body)
    assert 400 <= refused.status_code < 423, refused.text
    assert refused.headers["content-type"].startswith("application/problem+json")


async def test_nothing_without_the_right_and_nothing_of_another_hospital(ward, staff, client):
    reader = await staff(ward.hospital, "medical.inpatient.read")
    assert (await reader.get(f"{API}/{VISIT}")).status_code == 200
    assert (await reader.post(f"{API}/{VISIT}/discharge-requests", json={})).status_code == 403
    stranger = await staff(await client(kind="hospital", plugins=("medical",)), *HIS)
    assert (await stranger.get(f"{API}/{VISIT}")).status_code == 404
    assert (await stranger.post(f"{API}/{VISIT}/discharge-requests", json={})).status_code == 404
    row = await ward.row()
    assert (await stranger.get(f"{BASE}/{row.id}")).status_code == 404


async def test_a_department_sees_its_own_stays(ward, staff):
    await ward.admit("ZY0002", "P0002", department="NK")
    own = await staff(ward.hospital, "medical.inpatient.read", org_id=ward.hospital.units["NK"])
    assert [row["visit_no"] for row in (await own.get(API)).json()["items"]] == ["ZY0002"]
    assert (await own.get(f"{API}/{VISIT}")).status_code == 404


async def test_the_list_and_its_filters(ward, staff):
    await ward.admit("ZY0002", "P0002")
    await ward.deposit(300_00)
    await ward.leave("ZY0002")
    cashier = await staff(ward.hospital, *HIS, "exports.make")
    page = (await cashier.get(BASE)).text
    assert all(word in page for word in ("ZY0001", "ZY0002", "张**", "三病区 · 12", "300.00"))
    assert "张小明" not in page
    for query, there, gone in (
        ("status=discharge_requested", "ZY0002", "ZY0001"), ("q=ZY0001", "ZY0001", "ZY0002"), ("q=P0002", "ZY0002", "ZY0001"),
        ("due=week", "ZY0002", "ZY0001"), ("status=present&q=李", "ZY0002", "ZY0001"),
    ):  # fmt: skip
        found = (await cashier.get(f"{BASE}?{query}")).text
        assert there in found, query
        assert gone not in found, query
    assert "没有符合条件的住院患者" in (await cashier.get(f"{BASE}?due=overdue")).text
    assert "没有符合条件的住院患者" in (await cashier.get(f"{BASE}?stuck=1")).text
    assert "没有符合条件的住院患者" in (await cashier.get(f"{BASE}?q=%25")).text


async def test_the_list_goes_on_by_cursor(ward, staff):
    for number in range(2, 5):
        await ward.admit(f"ZY000{number}", "P0002")
    his = await staff(ward.hospital, *HIS)
    seen, cursor = [], ""
    while cursor is not None:
        answer = (await his.get(f"{API}?limit=2{'&cursor=' + cursor if cursor else ''}")).json()
        seen += [row["visit_no"] for row in answer["items"]]
        cursor = answer["next_cursor"]
    assert seen == ["ZY0004", "ZY0003", "ZY0002", "ZY0001"]


async def test_a_cashier_takes_a_deposit_at_the_counter(ward, staff):
    row = await ward.row()
    cashier = await staff(ward.hospital, *HIS, "counter.shift.run")
    for amount in ("0", "-100", "-0.01", "1e3", "１００.001", ""):
        wrong = await cashier.post(f"{BASE}/{row.id}/deposits", data={"amount": amount, "idempotency_key": "press-00001"})
        assert wrong.status_code == 422, amount
        assert "预交金额应在" in wrong.text or amount != "0"
        assert await ward.rows("SELECT id FROM medical.med_order") == [], amount
    asked = await cashier.post(f"{BASE}/{row.id}/deposits", data={"amount": "1,500.00", "idempotency_key": "press-00002"})
    [order] = await ward.rows("SELECT o.cash_fen, o.scene, b.number FROM medical.med_order o JOIN core.bill b ON b.id = o.bill_id")
    assert (asked.status_code, order.cash_fen, order.scene) == (303, 1_500_00, "window")
    assert asked.headers["location"] == f"/console/counter?q={order.number}"
    await cashier.post(f"{BASE}/{row.id}/deposits", data={"amount": "1,500.00", "idempotency_key": "press-00002"})
    assert len(await ward.rows("SELECT id FROM medical.med_order")) == 1


async def test_the_page_of_a_stay_tells_its_money(ward, staff):
    await ward.list_of(18_642_75)
    for fen in (3_000_00, 3_000_00):
        await ward.deposit(fen)
    cashier = await staff(ward.hospital, *HIS, "medical.order.read")
    row = await ward.row()
    page = (await cashier.get(f"{BASE}/{row.id}")).text
    assert all(word in page for word in ("申请出院", "6,000.00", "18,642.75", "西药费", "收预交金"))
    assert "项目甲" not in page
    assert (await cashier.post(f"{BASE}/{row.id}/discharge")).status_code == 303
    await ward.settle()
    page = (await cashier.get(f"{BASE}/{row.id}")).text
    assert all(word in page for word in ("1,483.59", "4,516.41", "正在退回", "退回患者"))
    assert "收预交金" not in page
    await ward.hurry()
    assert "已办结" in (await cashier.get(f"{BASE}/{row.id}")).text


async def test_the_work_list_counts_what_is_due(ward, staff):
    from plugins.medical.inpatients.worklist import WORKLIST

    await ward.leave()
    await ward.settle(100_00)
    async with ward.tenant() as session:
        found = {item.code: await item.count(session, ward.hospital.maker) for item in WORKLIST}
    assert found == {"medical.discharge.due": 0, "medical.discharge.stuck": 0, "medical.discharge.collect": 1}
    async with ward.tenant() as session:
        from sqlalchemy import text

        await session.execute(text("UPDATE medical.admission SET due_on = current_date - 1"))
    async with ward.tenant() as session:
        assert await WORKLIST[0].count(session, ward.hospital.maker) == 1


async def test_stays_leave_for_excel_as_the_page_shows_them(ward, staff, settle):
    await ward.deposit(300_00)
    clerk = await staff(ward.hospital, *HIS, "exports.make", "jobs.read")
    started = await clerk.post("/api/v1/exports", json={"code": "medical.inpatients", "filters": {"status": "present"}})
    await settle(ward.hospital)
    job = (await clerk.get(f"/api/v1/jobs/{started.json()['job_id']}")).json()
    row = [str(cell) for cell in sheets.read((await clerk.get(job["result_url"])).content, "x.xlsx").rows[1]]
    assert row[:6] == ["ZY0001", "P0001", "张**", "外科", "三病区", "12"]
    assert "300" in row[9]


async def test_the_api_holds_the_hospitals_limits_and_a_discharge_wants_a_stay(ward, web):
    key, here = ward.hospital.keys["his"], "/api/v1/medical/orders"
    fields = {"patient_no": "P0001", "department_code": "NK", "scene": "window", "title": None, "insurance": None}

    async def placed(kind: str, fen: int, **given: object):
        item = {"category": {"deposit": "住院预交金", "discharge": "出院结算"}[kind], "name": "费用", "quantity": 1, "price_fen": fen, "amount_fen": fen}
        body = fields | {"his_bill_no": f"{kind}{fen}", "kind": kind, "total_fen": fen, "items": [item]} | given
        return (await web.post(here, json=body, headers=headers(key))).json().get("code", "taken")

    visit = (await ward.rows("SELECT visit_no FROM medical.visit"))[0].visit_no
    assert await placed("deposit", 200_000_000, visit_no=visit) == "BAD_DEPOSIT"
    assert await placed("discharge", 10_000) == "NOT_IN_HOSPITAL"
    assert await placed("deposit", 10_000, visit_no=visit) == "taken"
