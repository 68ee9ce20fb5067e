"""A payer's inbox by API: listed newest first, read one by one or at once, nobody else's."""

from uuid import uuid4

import pytest

from tests import families
from tests.self_service.test_binding_api import bind


@pytest.fixture
async def told(platform, school, program, sms, settle):
    """A parent who was told of two bills."""
    app = await program(school)
    await bind(app, sms, school, school.children[0])
    for title in ("学费", "餐费"):
        await families.bill(platform, school, school.children[0], title=title)
        await settle(school)
    return app


async def test_messages_are_listed_and_read_one_by_one(told, school):
    first = (await told.get("/messages", params={"limit": 1})).json()
    assert first["unread"] == 2
    assert "餐费" in first["items"][0]["text"] + first["items"][0]["title"]
    assert first["items"][0]["href"].startswith(school.home)
    older = (await told.get("/messages", params={"cursor": first["next_cursor"]})).json()
    assert [item["read"] for item in older["items"]] == [False], "listing marks nothing as read"
    one = await told.post(f"/messages/{first['items'][0]['id']}/read")
    assert one.json() == {"read": 1, "unread": 1}
    assert (await told.post(f"/messages/{first['items'][0]['id']}/read")).json() == {"read": 0, "unread": 1}
    assert (await told.post("/messages/read")).json() == {"read": 1, "unread": 0}


async def test_messages_speak_the_language_asked_for(told):
    english = (await told.get("/messages", params={"lang": "en"})).json()["items"][0]
    assert english["title"].isascii()


async def test_somebody_elses_message_does_not_exist_and_a_device_has_none(told, school, program, sms):
    message_id = (await told.get("/messages")).json()["items"][0]["id"]
    neighbour = await program(school)
    assert (await neighbour.get("/messages")).status_code == 401
    await bind(neighbour, sms, school, school.children[1])
    for wanted in (message_id, uuid4()):
        refused = await neighbour.post(f"/messages/{wanted}/read")
        assert (refused.status_code, refused.json()["code"]) == (404, "NOTICE_NOT_FOUND")
    assert (await neighbour.get("/messages", params={"cursor": "x"})).status_code == 422
    assert (await told.get("/messages")).json()["unread"] == 2
