"""Binding by API: facts, a code to a phone of the roster, consent; what a guess costs stays when the answer is no."""

import pytest

from tests import families

AGREED = ["service", "minor_data"]


def facts(child, **other) -> dict:
    return {"name": child.name, "number": child.number, "id_tail": child.id_tail} | other


async def bind(program, sms, school, child, phone: int = 0) -> dict:
    ticket = (await program.post("/binding-tickets", facts(child, phone=phone))).json()
    code = await sms.code(school, child.phones[phone][0])
    answer = await program.post(f"/binding-tickets/{ticket['ticket_id']}/confirm", {"code": code, "agreed": AGREED})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_facts_send_a_code_and_the_code_binds(program, school, sms):
    child = school.children[0]
    app = await program(school)
    started = await app.post("/binding-tickets", facts(child))
    assert started.status_code == 201, started.text
    ticket = started.json()
    assert (ticket["name"], ticket["sent_to"]) == ("*小明", 0)
    assert [offer["masked"][-4:] for offer in ticket["phones"]] == [phone[-4:] for phone, _ in child.phones]
    assert child.phones[0][0] not in started.text
    before = app.http.headers["authorization"]
    done = await app.post(
        f"/binding-tickets/{ticket['ticket_id']}/confirm", {"code": await sms.code(school, child.phones[0][0]), "agreed": AGREED}
    )
    assert done.json()["status"] == "bound"
    assert app.http.headers["authorization"] != before
    [binding] = (await app.get("/bindings")).json()["items"]
    assert (binding["party_id"], binding["is_primary"]) == (str(child.id), True)
    app.http.headers["authorization"] = before
    assert (await app.get("/bindings")).status_code == 401


async def test_wrong_facts_say_no_more_and_count(program, school):
    app = await program(school)
    child = school.children[0]
    for _ in range(5):
        refused = await app.post("/binding-tickets", facts(child, id_tail="0000"))
        assert (refused.status_code, refused.json()["code"]) == (422, "FACTS_DO_NOT_MATCH")
    closed = await app.post("/binding-tickets", facts(child))
    assert (closed.status_code, closed.json()["code"]) == (403, "TOO_MANY_TRIES")
    fresh = await program(school)
    assert (await fresh.post("/binding-tickets", facts(child))).json()["code"] == "TOO_MANY_TRIES", "a new session does not help"


async def test_a_wrong_code_counts_and_consent_costs_no_try(program, school, sms):
    app, child = await program(school), school.children[0]
    ticket = (await app.post("/binding-tickets", facts(child))).json()["ticket_id"]
    confirm = f"/binding-tickets/{ticket}/confirm"
    missing = await app.post(confirm, {"code": "000000", "agreed": ["service"]})
    assert (missing.status_code, missing.json()["code"]) == (422, "CONSENT_MISSING")
    right = await sms.code(school, child.phones[0][0])
    wrong = "000000" if right != "000000" else "111111"
    left = [(await app.post(confirm, {"code": wrong, "agreed": AGREED})).json() for _ in range(5)]
    assert [answer["code"] for answer in left] == ["CODE_WRONG"] * 4 + ["CODE_EXPIRED"]
    assert [answer["facts"]["tries_left"] for answer in left[:4]] == [4, 3, 2, 1]
    assert (await app.post(confirm, {"code": right, "agreed": AGREED})).json()["code"] == "CODE_EXPIRED"


async def test_another_of_the_phones_may_be_chosen_and_no_other(program, school, sms):
    app, child = await program(school), school.children[0]
    ticket = (await app.post("/binding-tickets", facts(child, phone=1))).json()
    assert ticket["sent_to"] == 1
    assert await sms.code(school, child.phones[1][0])
    refused = await app.post("/binding-tickets", facts(school.children[1], phone=7))
    assert refused.json()["code"] == "PHONE_NOT_OFFERED"
    soon = await app.post(f"/binding-tickets/{ticket['ticket_id']}/code", {"phone": 1})
    assert soon.status_code in (404, 409), "the code before is a minute old at most, or the ticket was replaced"


async def test_a_second_guardian_waits_for_the_first(program, school, sms):
    child = school.children[0]
    mother, father = await program(school), await program(school)
    await bind(mother, sms, school, child, 0)
    assert (await bind(father, sms, school, child, 1))["status"] == "manual_review"
    assert (await father.get("/people")).json()["items"] == []
    [asking] = (await mother.get("/bindings")).json()["to_decide"]
    assert (await mother.post(f"/bindings/{asking['id']}/decide", {"agree": True})).json()["to_decide"] == []
    [person] = (await father.get("/people")).json()["items"]
    assert (person["party_id"], person["own"]) == (str(child.id), True)
    mine = (await father.get("/bindings")).json()["items"][0]["id"]
    assert (await father.delete(f"/bindings/{mine}")).status_code == 204
    assert (await father.get("/people")).json()["items"] == []


async def test_a_bound_phone_logs_in_elsewhere_and_an_unknown_one_looks_the_same(program, school, sms):
    child = school.children[0]
    await bind(await program(school), sms, school, child)
    other = await program(school)
    known = await other.post("/login", {"phone": child.phones[0][0]})
    unknown = await (await program(school)).post("/login", {"phone": "13700000001"})
    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json()) == (202, {"sent": True})
    assert (await other.post("/login/confirm", {"code": await sms.code(school, child.phones[0][0])})).status_code == 200
    assert [person["party_id"] for person in (await other.get("/people")).json()["items"]] == [str(child.id)]
    assert (await other.delete("/session")).status_code == 204
    assert (await other.get("/people")).status_code == 401


@pytest.mark.parametrize("path", ["/people", "/bills", "/bindings", "/receipts"])
async def test_without_a_session_nothing_is_shown_and_none_is_begun(program, school, path):
    app = await program(school)
    for header in ("", "Bearer made-up"):
        app.http.headers["authorization"] = header
        answer = await app.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json; charset=utf-8")
        assert "set-cookie" not in answer.headers


async def test_a_session_is_good_for_one_client_only(program, school, platform, client, roster):
    app = await program(school)
    other = await families.found(platform, roster, await client(plugins=()))
    app.root = f"/api/v1/payer/{other.client.code}"
    assert (await app.get("/people")).status_code == 401


async def test_a_cookie_without_proof_of_origin_changes_nothing(program, school):
    app = await program(school)
    token = app.http.headers.pop("authorization").removeprefix("Bearer ")
    refused = await app.http.post(f"{app.root}/binding-tickets", json=facts(school.children[0]), headers={"cookie": f"banyan_payer={token}"})
    assert (refused.status_code, refused.json()["code"]) == (403, "CSRF_REFUSED")
