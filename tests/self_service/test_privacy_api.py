"""What a payer agreed to and wants to be told, for programs."""

import pytest

from core import ids
from tests.self_service.test_binding_api import bind


@pytest.fixture
async def app_of(program, school, sms):
    made = await program(school)
    await bind(made, sms, school, school.children[0])
    return made


async def test_marketing_is_a_switch_of_its_own(app_of):
    before = (await app_of.get("/consents")).json()
    assert (before["marketing"], "service" in {row["purpose"] for row in before["items"]}) == (False, True)
    switch = f"{app_of.root}/consents/marketing"
    assert (await app_of.http.put(switch, json={"on": True})).json()["marketing"] is True
    given = next(row for row in (await app_of.get("/consents")).json()["items"] if row["purpose"] == "bank_marketing")
    assert (await app_of.post(f"/consents/{given['id']}/withdraw")).status_code == 404, "it is switched, not withdrawn"
    assert (await app_of.http.put(switch, json={"on": False})).json()["marketing"] is False
    assert len((await app_of.get("/people")).json()["items"]) == 1


async def test_taking_back_the_consent_for_a_child_ends_its_binding(app_of, school):
    found = (await app_of.get("/consents")).json()["items"]
    of_child = next(row for row in found if row["party_id"] == str(school.children[0].id))
    answer = await app_of.post(f"/consents/{of_child['id']}/withdraw")
    assert answer.status_code == 200, answer.text
    assert next(row for row in answer.json()["items"] if row["id"] == of_child["id"])["withdrawn_at"]
    assert (await app_of.get("/people")).json()["items"] == []
    assert (await app_of.post(f"/consents/{of_child['id']}/withdraw")).status_code == 404
    assert (await app_of.post(f"/consents/{ids.uuid7()}/withdraw")).status_code == 404


async def test_taking_back_the_service_ends_the_session_too(app_of):
    service = next(row for row in (await app_of.get("/consents")).json()["items"] if row["purpose"] == "service")
    assert (await app_of.post(f"/consents/{service['id']}/withdraw")).status_code == 200
    assert (await app_of.get("/consents")).status_code in (401, 403)


async def test_a_kind_of_message_is_left_out_and_wanted_again(app_of):
    kinds = (await app_of.get("/message-kinds")).json()["items"]
    assert kinds and all(kind["wanted"] for kind in kinds)
    path, one = f"{app_of.root}/message-kinds", kinds[0]["kind"]
    out = (await app_of.http.put(path, json={"kind": one, "wanted": False})).json()["items"]
    assert [kind["kind"] for kind in out if not kind["wanted"]] == [one]
    assert all(kind["wanted"] for kind in (await app_of.http.put(path, json={"kind": one, "wanted": True})).json()["items"])
    assert (await app_of.http.put(path, json={"kind": "nothing", "wanted": False})).status_code in (404, 422)


async def test_who_has_no_verified_phone_is_asked_to_bind(program, school):
    unknown = await program(school)
    for path in ("/consents", "/message-kinds"):
        assert (await unknown.get(path)).status_code in (401, 403)
