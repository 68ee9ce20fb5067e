"""Patients through the front door: what HIS and vendors may send, what nobody may see, and another hospital's patient."""

import datetime as dt

import pytest

from tests.medical import hospitals

PATIENTS, VISITS = "/api/v1/medical/patients", "/api/v1/medical/visits"
NEW = {"patient_no": "N1", "name": "林晓", "id_no": "350102199001011246", "phone": "13900000009", "insurance": "resident"}
OLD = {"patient_no": "P0002", "name": "李美华"}


@pytest.fixture
def ask(web, quiet_hospital):
    async def run(app_id: str, path: str, body: dict):
        return await web.post(path, json=body, headers=quiet_hospital.keys[app_id].headers)

    return run


@pytest.fixture
async def keeper(staff, quiet_hospital):
    return await staff(quiet_hospital.client, "medical.patient.read", "medical.patient.manage", "medical.patient.import", "exports.make")


async def test_his_registers_and_corrects_and_the_same_again_changes_nothing(ask):
    outcomes = [(await ask("his", PATIENTS, body)).json()["outcome"] for body in (NEW, NEW, NEW | {"phone": "13900000008"})]
    assert outcomes == ["created", "unchanged", "changed"]


async def test_a_vendor_registers_somebody_new_and_may_not_change_who_is_there(ask):
    """The code for binding goes to the phone on file: a vendor that could change it could bind anybody."""
    assert (await ask("kiosk", PATIENTS, NEW)).json()["outcome"] == "created"
    assert (await ask("kiosk", PATIENTS, OLD)).json()["outcome"] == "unchanged"
    for change in ({"phone": "13900000001"}, {"name": "别名"}, {"cards": [{"kind": "就诊卡", "number": "777777"}]}):
        answer = await ask("kiosk", PATIENTS, OLD | change)
        assert (answer.status_code, answer.json()["code"]) == (409, "PATIENT_DIFFERS")
        assert not any(word in answer.text for word in ("phone", "name", "手机"))


@pytest.mark.parametrize(
    "change",
    [
        {"id_no": "350102199001011247"},
        {"phone": "12345"},
        {"insurance": "gold"},
        {"gender": "其他"},
        {"gender": "男"},
        {"birth_on": "1991-01-01"},
        {"name": "=1+1"},
        {"name": "  "},
        {"patient_no": "N 1"},
        {"patient_no": ""},
        {"cards": [{"kind": "会员卡", "number": "777777"}]},
        {"cards": [{"kind": "就诊卡", "number": "1"}]},
        {"status": "vip"},
    ],
)
async def test_a_bad_fact_is_refused_and_nothing_is_kept(ask, platform, quiet_hospital, change):
    answer = await ask("his", PATIENTS, NEW | change)
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert await hospitals.patient(platform, quiet_hospital, "N1") is None


async def test_a_visit_is_registered_once(ask):
    visit = {"visit_no": "V1", "patient_no": "P0001", "kind": "outpatient", "department_code": "NK", "began_on": "2026-03-02"}
    first = await ask("his", VISITS, visit)
    assert first.status_code == 200 and (await ask("kiosk", VISITS, visit)).json() == first.json()
    assert (await ask("his", VISITS, visit | {"patient_no": "P0002"})).status_code == 409
    assert (await ask("his", VISITS, visit | {"visit_no": "V2", "kind": "spa"})).status_code in (400, 422)
    assert (await ask("his", VISITS, visit | {"visit_no": "V2", "patient_no": "P9"})).status_code == 404
    assert (await ask("his", VISITS, visit | {"visit_no": "V2", "department_code": "XX"})).json()["code"] == "DEPARTMENT_UNKNOWN"


async def test_his_ends_a_visit_and_a_vendor_ends_nobodys(ask, platform, quiet_hospital):
    await hospitals.visit(platform, quiet_hospital, "V1")
    here = f"{VISITS}/V1/close"
    assert (await ask("kiosk", here, {})).status_code == 404
    for day in (str(hospitals.TODAY - dt.timedelta(days=1)), "2999-01-01"):
        assert (await ask("his", here, {"on": day})).status_code == 422
    answers = [(await ask("his", here, {"on": str(hospitals.TODAY)})).json()["status"] for _ in range(2)]
    assert answers == ["closed", "closed"]
    assert (await ask("his", f"{VISITS}/V9/close", {})).status_code == 404


async def test_a_vendor_reads_no_patient(web, quiet_hospital):
    headers = quiet_hospital.keys["kiosk"].headers
    for path in (PATIENTS, f"{PATIENTS}/P0001"):
        assert (await web.get(path, headers=headers)).status_code == 403


async def test_his_reads_them_masked(web, quiet_hospital):
    answer = await web.get(f"{PATIENTS}/P0001", headers=quiet_hospital.keys["his"].headers)
    assert answer.json()["phone"] == "138****0001" and answer.json()["id_no"].count("*") > 8
    assert [card["tail"] for card in answer.json()["cards"]] == ["0001", "0001"]


async def test_another_hospitals_patient_is_not_found(platform, client, web, staff, quiet_hospital):
    other = await client(kind="hospital", plugins=("medical",))
    nosy = await staff(other, "medical.patient.read", "medical.patient.manage")
    assert (await nosy.get(f"{PATIENTS}/P0001")).status_code == 404
    assert (await nosy.get(f"/console/medical/patients/{quiet_hospital.patients['P0001']}")).status_code == 404
    assert (await nosy.get(f"{PATIENTS}?q=P0001")).json()["items"] == []


@pytest.mark.parametrize(
    ("typed", "found"),
    [("张", {"P0001"}), ("zxm", {"P0001"}), ("P000", {"P0001", "P0002", "P0003", "P0004", "P0005"}), ("0001", {"P0001", "P0004"}),
     ("13800000002", {"P0002"}), ("880000000002", {"P0002"}), ("A00000001", {"P0001"}), ("%", set()), ("'; drop", set())],
)  # fmt: skip
async def test_patients_are_found_by_what_somebody_has_in_hand(keeper, typed, found):
    answer = await keeper.get(PATIENTS, params={"q": typed})
    assert {row["patient_no"] for row in answer.json()["items"]} == found


async def test_pages_mask_and_only_keepers_read_names(keeper, staff, quiet_hospital):
    one = f"/console/medical/patients/{quiet_hospital.patients['P0001']}"
    for asking, name in ((keeper, "张小明"), (await staff(quiet_hospital.client, "medical.patient.read"), "张**")):
        for path in ("/console/medical/patients", one):
            page = await asking.get(path)
            assert page.status_code == 200 and name in page.text
            assert not any(secret in page.text for secret in ("13800000001", "350102199001011238", "880000000001"))
    assert "张小明" not in (await asking.get("/console/medical/patients")).text


async def test_the_list_leaves_page_by_page(keeper):
    seen, cursor = [], None
    while True:
        page = (await keeper.get(PATIENTS, params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        seen += [row["patient_no"] for row in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == sorted(seen) and len(seen) == 5


async def test_the_search_box_finds_patients(keeper):
    assert "张小明" in (await keeper.get("/console/search", params={"q": "zxm"})).text
