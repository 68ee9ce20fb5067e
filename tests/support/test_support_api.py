"""Consents, views and the bank's queue in the API: what the pages do, for the same people, and refused where they refuse."""

from uuid import uuid4

import msgspec
import pytest

from core.support.consents import doors
from core.support.errors import OnlyPeopleLook
from core.support.rights import QUEUE
from tests.support.steps import consents_to

CONSENTS, OF_CLIENTS, QUEUED = "/api/v1/support-consents", "/api/v1/clients/support-consents", "/api/v1/clients/tickets"
SAID = {"title": "九月账单金额不对", "text": "学费比收费标准多了 100 元", "severity": "high"}


def problem(answer) -> tuple[int, str, bool]:
    """Status, code, and whether it is told as problem+json."""
    return answer.status_code, answer.json()["code"], answer.headers["content-type"].startswith("application/problem+json")


@pytest.fixture
async def here(client):
    return await client()


async def test_a_client_lets_support_look_sees_every_look_and_takes_it_back(here, administrator, supporter):
    admin, person = await administrator(here), await supporter()
    made = await admin.post(CONSENTS, json={"purpose": "核对九月账单的显示", "person_id": person.actor.id})
    assert made.status_code == 201, made.text
    consent = made.json()
    assert (consent["state"], consent["person"], consent["days"], consent["looks"]) == ("granted", "林客服", 1, 0)
    at = f"{CONSENTS}/{consent['id']}"
    assert [one["id"] for one in (await admin.get(CONSENTS, params={"status": "granted", "q": "九月"})).json()["items"]] == [consent["id"]]
    assert (await person.post(f"{OF_CLIENTS}/{consent['id']}/view")).status_code == 204
    assert (await person.get("/console/tickets")).status_code == 200
    assert (await admin.get(at)).json()["looks"] == 1
    looks = (await admin.get(f"{at}/looks")).json()
    assert [(look["path"], look["refused"], look["who"]) for look in looks["items"]] == [("/console/tickets", False, "林客服")]
    assert (await person.post("/api/v1/support-views/leave")).status_code == 204
    assert (await admin.post(f"{at}/end")).json()["state"] == "ended"
    assert problem(await person.post(f"{OF_CLIENTS}/{consent['id']}/view")) == (403, "SUPPORT_VIEW_OVER", True)
    assert (await admin.post(f"{at}/end")).status_code == 409


async def test_support_asks_and_the_client_answers(here, administrator, supporter):
    admin, person = await administrator(here), await supporter()
    ask = f"/api/v1/clients/{here.id}/support-consents"
    asked = await person.post(ask, json={"purpose": "看账单显示", "days": 3})
    assert asked.status_code == 201
    assert problem(await person.post(ask, json={"purpose": "再问一次"})) == (409, "CONSENT_ALREADY_ASKED", True)
    refused = await admin.post(f"{CONSENTS}/{asked.json()['id']}/refuse")
    assert (refused.status_code, refused.json()["state"]) == (200, "refused")
    second = (await person.post(ask, json={"purpose": "看账单显示"})).json()["id"]
    assert (await person.post(f"{OF_CLIENTS}/{second}/withdraw")).status_code == 204
    third = (await person.post(ask, json={"purpose": "看账单显示"})).json()["id"]
    assert (await admin.post(f"{CONSENTS}/{third}/agree")).json()["state"] == "granted"
    found = (await person.get(OF_CLIENTS, params={"client_id": str(here.id), "limit": 2})).json()
    assert [(one["client_code"], one["consent"]["state"]) for one in found["items"]] == [(here.code, "granted"), (here.code, "withdrawn")]
    rest = (await person.get(OF_CLIENTS, params={"client_id": str(here.id), "cursor": found["next_cursor"]})).json()
    assert [one["consent"]["state"] for one in rest["items"]] == ["refused"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"purpose": ""}, "PURPOSE_MISSING"),
        ({"purpose": "x", "until_on": "2099-01-01"}, "CONSENT_TOO_LONG"),
        ({"purpose": "x", "from_on": "2020-01-01"}, "CONSENT_DATES_WRONG"),
        ({"purpose": "x", "person_id": str(uuid4())}, "SUPPORT_PERSON_UNKNOWN"),
    ],
)
async def test_a_consent_that_is_not_right_is_refused(here, administrator, given, code):
    assert problem(await (await administrator(here)).post(CONSENTS, json=given)) == (422, code, True)


async def test_the_desk_is_named_to_those_who_may_consent(here, administrator, supporter):
    person = await supporter("秦客服")
    desk = (await (await administrator(here)).get("/api/v1/support-desk")).json()
    assert {"id": person.actor.id, "name": "秦客服"} in desk


async def test_others_are_refused_and_find_nothing(client, here, staff, administrator, supporter, web, bank):
    admin = await administrator(here)
    consent_id = await consents_to(admin)
    at = f"{CONSENTS}/{consent_id}"
    assert (await web.get(CONSENTS)).status_code == 401
    clerk = await staff(here, "billing.bill.read")
    for ask in (clerk.get(CONSENTS), clerk.post(CONSENTS, json={"purpose": "x"}), clerk.get("/api/v1/support-desk"), clerk.get(at)):
        assert problem(await ask)[:2] == (403, "NOT_PERMITTED")
    stranger = await administrator(await client())
    for ask in (stranger.get(at), stranger.get(f"{at}/looks"), stranger.post(f"{at}/end"), stranger.post(f"{at}/agree")):
        assert problem(await ask)[:2] == (404, "CONSENT_NOT_FOUND")
    assert (await admin.get(OF_CLIENTS)).status_code == 404, "the bank's address is none of a client's"
    reader = await staff(bank, QUEUE)
    for ask in (reader.get(OF_CLIENTS), reader.post(f"{OF_CLIENTS}/{consent_id}/view"), reader.post(f"{OF_CLIENTS}/{consent_id}/withdraw")):
        assert (await ask).status_code == 403
    elsewhere = await supporter(org_id=uuid4())
    assert (await elsewhere.post(f"/api/v1/clients/{here.id}/support-consents", json={"purpose": "x"})).status_code == 404
    assert (await elsewhere.get(OF_CLIENTS, params={"client_id": str(here.id)})).json()["items"] == []
    other = await supporter("何客服")
    asked = (await other.post(f"/api/v1/clients/{here.id}/support-consents", json={"purpose": "x"})).json()["id"]
    assert (await (await supporter()).post(f"{OF_CLIENTS}/{asked}/withdraw")).status_code == 404, "only who asked takes it back"


async def test_the_queue_is_read_taken_and_answered(here, staff, supporter):
    teacher, person = await staff(here, "billing.bill.read", name="李老师"), await supporter()
    ticket_id = (await teacher.post("/api/v1/tickets", json=SAID)).json()["ticket"]["id"]
    (queued,) = (await person.get(QUEUED, params={"client_id": str(here.id), "status": "open"})).json()["items"]
    assert (queued["client_name"], queued["ticket"]["id"]) == (here.name, ticket_id)
    at = f"{QUEUED}/{ticket_id}"
    assert (await person.get(at)).json()["entries"][0]["text"] == SAID["text"]
    assert (await person.post(f"{at}/take")).json()["ticket"]["owner"] == "林客服"
    assert len((await person.get(QUEUED, params={"client_id": str(here.id), "mine": "true"})).json()["items"]) == 1
    asked = (await person.post(f"{at}/answers", json={"target": "waiting_client", "text": "请问是哪一张账单？"})).json()
    assert asked["ticket"]["status"] == "waiting_client"
    solved = await person.post(f"{at}/answers", json={"target": "resolved", "text": "已更正"})
    assert (solved.status_code, solved.json()["ticket"]["status"]) == (201, "resolved")
    assert problem(await person.post(f"{at}/answers", json={"target": "nothing", "text": "x"}))[0] == 422
    assert problem(await person.get(QUEUED, params={"status": "nonsense"}))[:2] == (422, "BAD_FILTER")


async def test_the_queue_ends_at_the_branch_and_readers_do_not_answer(here, bank, staff, supporter):
    teacher = await staff(here, "billing.bill.read")
    at = f"{QUEUED}/{(await teacher.post('/api/v1/tickets', json=SAID)).json()['ticket']['id']}"
    elsewhere = await supporter(org_id=uuid4())
    for ask in (elsewhere.get(at), elsewhere.post(f"{at}/take"), elsewhere.post(f"{at}/answers", json={"text": "x"})):
        assert problem(await ask)[:2] == (404, "TICKET_NOT_FOUND")
    reader = await staff(bank, QUEUE)
    assert (await reader.get(at)).status_code == 200
    for ask in (reader.post(f"{at}/take"), reader.post(f"{at}/answers", json={"text": "x"})):
        assert (await ask).status_code == 403
    assert (await teacher.get(QUEUED)).status_code == 404


async def test_a_program_of_the_bank_may_not_ask_to_look(here, supporter, platform):
    person = await supporter()
    program = msgspec.structs.replace(person.actor, kind="api_key", session_id=None)
    with pytest.raises(OnlyPeopleLook):
        await doors.ask(platform, program, here.id, purpose="夜里看看", days=1)


async def test_the_banks_lists_find_a_part_of_a_name_or_code(here, bank, staff, supporter, administrator):
    teacher, person = await staff(here, "billing.bill.read"), await supporter()
    await teacher.post("/api/v1/tickets", json=SAID)
    await consents_to(await administrator(here))
    part = here.code[3:].upper()
    for path in (QUEUED, OF_CLIENTS):
        found = (await person.get(path, params={"q": part})).json()["items"]
        assert [one["client_name"] for one in found] == [here.name], path
