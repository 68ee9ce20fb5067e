"""Vendors through the front door: their page, and every way in which one could try to see another's."""

import datetime as dt
import re

import pytest

from core import clock
from plugins.medical.vendors import service
from tests.medical import hospitals

VENDORS, STATEMENTS = "/console/medical/vendors", "/api/v1/medical/vendor-statements"


@pytest.fixture
async def admin(staff, quiet_hospital):
    return await staff(quiet_hospital.client, "medical.vendor.read", "medical.vendor.manage", "identity.key.manage", "medical.statement.read", "exports.make")


async def test_the_administrator_makes_a_vendor_and_sees_its_key_once(platform, admin, web, quiet_hospital):
    made = await admin.post(VENDORS, data={"app_id": "mini-app", "name": "小程序厂商", "scenes": ["internet"]})
    assert made.status_code == 303
    page = await admin.get(made.headers["location"])
    assert "小程序厂商" in page.text and "还没有密钥" in page.text
    once = await admin.post(made.headers["location"] + "/keys")
    token = re.search(r"byk_[A-Za-z0-9_-]+", once.text).group(0)
    assert token not in (await admin.get(made.headers["location"])).text
    answer = await web.get(STATEMENTS, headers={"authorization": f"Bearer {token}"})
    assert answer.json()["app_id"] == "mini-app" and answer.json()["items"] == []


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"app_id": "Mini App", "name": "甲", "scenes": ["internet"]}, "小写字母"),
        ({"app_id": "mini-app", "name": " ", "scenes": ["internet"]}, "厂商名称"),
        ({"app_id": "mini-app", "name": "甲"}, "场景"),
        ({"app_id": "mini-app", "name": "甲", "scenes": ["moon"]}, "场景"),
        ({"app_id": "kiosk", "name": "甲", "scenes": ["internet"]}, "kiosk"),
    ],
)
async def test_what_is_wrong_is_said_beside_the_field(admin, form, words):
    answer = await admin.post(VENDORS, data=form)
    assert answer.status_code in (409, 422) and words in answer.text


async def test_a_name_with_mark_up_is_text(platform, admin, quiet_hospital):
    await hospitals.add_vendor(platform, quiet_hospital, "nasty", "<img src=x onerror=alert(1)>")
    for path in (VENDORS, f"{VENDORS}/{quiet_hospital.vendors['nasty']}", "/console/medical/vendor-statements"):
        page = await admin.get(path)
        assert page.status_code == 200 and "<img src=x onerror" not in page.text


async def test_a_vendor_asks_only_for_its_own_statement(web, quiet_hospital):
    for app_id, status in (("kiosk", 200), ("inet", 404), ("nobody", 404)):
        answer = await web.get(STATEMENTS, params={"app_id": app_id}, headers=quiet_hospital.keys["kiosk"].headers)
        assert answer.status_code == status, answer.text


async def test_a_suspended_vendor_gets_403_and_an_ended_key_401(platform, web, admin, quiet_hospital):
    here, key = f"{VENDORS}/{quiet_hospital.vendors['kiosk']}", quiet_hospital.keys["kiosk"]
    assert (await admin.post(here + "/status", data={"status": "suspended", "reason": "欠费"})).status_code == 303
    answer = await web.get(STATEMENTS, headers=key.headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "VENDOR_SUSPENDED")
    patient = await web.post("/api/v1/medical/patients", json={"patient_no": "N1", "name": "林晓"}, headers=key.headers)
    assert patient.status_code == 403
    assert (await admin.post(here + "/status", data={"status": "active", "reason": "已缴"})).status_code == 303
    assert (await web.get(STATEMENTS, headers=key.headers)).status_code == 200
    assert (await admin.post(f"{here}/keys/{key.key_id}/end")).status_code == 303
    assert (await web.get(STATEMENTS, headers=key.headers)).status_code == 401


async def test_a_vendors_key_opens_nothing_of_core(web, quiet_hospital):
    headers = quiet_hospital.keys["kiosk"].headers
    for path in ("/api/v1/bills", "/api/v1/payments", "/api/v1/refunds", "/api/v1/medical/patients"):
        assert (await web.get(path, headers=headers)).status_code in (403, 404), path


@pytest.mark.parametrize("path", ["orders", "orders/export", "returns", "returns/new", "vendor-statements", "post-failures", "patients", "his"])
async def test_a_vendors_key_opens_no_page_of_the_hospital(web, quiet_hospital, path):
    answer = await web.get(f"/console/medical/{path}", headers=quiet_hospital.keys["kiosk"].headers)
    assert answer.status_code in (303, 404) and answer.headers.get("location", "/login").startswith("/login")


async def test_no_person_holds_what_is_for_programs(staff, quiet_hospital):
    admin = await staff(quiet_hospital.client, "identity.user.manage", "identity.user.read", "identity.role.grant")
    made = (await admin.post("/api/v1/users", json={"login": "vendor.person", "name": "厂商人员"})).json()
    for role in ("med.vendor", "med.his"):
        refused = await admin.post(f"/api/v1/users/{made['id']}/grants", json={"role": role})
        assert (refused.status_code, refused.json()["code"]) == (422, "ROLE_FOR_KEYS")
    assert "接入厂商接口" not in (await admin.get(f"/console/users/{made['id']}")).text


async def test_another_hospitals_vendor_is_not_found(client, staff, web, quiet_hospital):
    other = await client(kind="hospital", plugins=("medical",))
    nosy = await staff(other, "medical.vendor.read", "medical.vendor.manage", "identity.key.manage", "medical.statement.read")
    here = f"{VENDORS}/{quiet_hospital.vendors['kiosk']}"
    assert (await nosy.get(here)).status_code == 404
    for verb, form in (("/keys", {}), ("/status", {"status": "suspended", "reason": "x"}), ("/scenes", {"scenes": ["window"]})):
        assert (await nosy.post(here + verb, data=form)).status_code == 404
    assert (await nosy.get(STATEMENTS, params={"app_id": "kiosk"})).status_code == 404


async def test_without_the_right_nothing_is_shown_or_done(staff, quiet_hospital):
    reader = await staff(quiet_hospital.client, "medical.vendor.read")
    here = f"{VENDORS}/{quiet_hospital.vendors['kiosk']}"
    assert "/keys" not in (await reader.get(here)).text
    assert (await reader.post(here + "/keys")).status_code == 403
    assert (await reader.get("/console/medical/vendor-statements")).status_code == 403


async def test_scenes_are_changed_and_one_must_stay(platform, admin, quiet_hospital):
    here = f"{VENDORS}/{quiet_hospital.vendors['kiosk']}"
    assert (await admin.post(here + "/scenes", data={"scenes": ["selfservice", "internet"]})).status_code == 303
    assert (await admin.post(here + "/scenes")).status_code == 422
    async with platform.database.tenant(quiet_hospital.id) as session:
        assert (await service.find(session, quiet_hospital.vendors["kiosk"])).scenes == ["selfservice", "internet"]


async def test_a_day_that_is_none_is_refused_and_one_without_money_is_empty(web, quiet_hospital):
    headers = quiet_hospital.keys["kiosk"].headers
    assert (await web.get(STATEMENTS, params={"on": "2026-02-30"}, headers=headers)).status_code in (400, 422)
    tomorrow = clock.today() + dt.timedelta(days=1)
    assert (await web.get(STATEMENTS, params={"on": str(tomorrow)}, headers=headers)).json()["pays"] == 0
