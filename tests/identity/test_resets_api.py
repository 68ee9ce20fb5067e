"""A lost password and a lost authenticator, through the API as on the page."""

from uuid import uuid4

import pytest

from core.identity import accounts_repository

ADMIN = ("identity.user.read", "identity.user.manage")


@pytest.fixture
async def school(client):
    return await client(kind="school_group")


async def made(admin) -> dict:
    return (await admin.post("/api/v1/users", json={"login": f"u{uuid4().hex[:12]}", "name": "同事"})).json()


async def test_a_new_password_is_given_once_and_the_old_one_opens_nothing(staff, school, web):
    admin = await staff(school, *ADMIN)
    user = await made(admin)
    answer = await admin.post(f"/api/v1/users/{user['id']}/password")
    assert answer.status_code == 200, answer.text
    given = answer.json()
    assert given["login"] == user["login"]
    assert given["initial_password"] not in ("", user["initial_password"])
    for password, status in ((user["initial_password"], 422), (given["initial_password"], 303)):
        told = await web.post("/login", data={"username": user["login"], "password": password})
        assert told.status_code in (status, 401), (password == given["initial_password"], told.status_code)
        assert (told.status_code == 303) == (status == 303)


async def test_a_lost_authenticator_is_forgotten_with_a_reason(staff, school, platform):
    admin = await staff(school, *ADMIN)
    user = await made(admin)
    path = f"/api/v1/users/{user['id']}/second-factor/reset"
    async with platform.database.tenant(school.id) as session:
        await accounts_repository.change_user(session, user["id"], {"totp_sealed": b"x"})
    assert (await admin.get(f"/api/v1/users/{user['id']}")).json()["has_second_factor"] is True
    assert (await admin.post(path, json={"reason": " "})).status_code == 422
    assert (await admin.post(path, json={"reason": "手机丢失，已当面核对"})).json()["has_second_factor"] is False


async def test_others_and_oneself_are_out_of_reach(staff, school, client):
    admin, reader = await staff(school, *ADMIN), await staff(school, "identity.user.read")
    other = await staff(await client(), *ADMIN)
    user = await made(admin)
    for path, body in ((f"/api/v1/users/{user['id']}/password", None), (f"/api/v1/users/{user['id']}/second-factor/reset", {"reason": "丢失"})):
        assert (await reader.post(path, json=body)).status_code == 403
        assert (await other.post(path, json=body)).status_code == 404
    assert (await admin.post(f"/api/v1/users/{admin.actor.id}/password")).status_code == 409
