"""API keys: shown once, kept as a hash, limited in what they may hold, ended at once."""

import datetime as dt

import httpx
import pytest
from sqlalchemy import update

from core import clock, door
from core.identity.models import api_key
from core.identity.models import session as session_table


@pytest.fixture
async def school(client):
    return await client()


@pytest.fixture
async def admin(staff, school):
    return await staff(school, "identity.key.manage")


@pytest.fixture
async def system(app):
    """A client's own system, with a key in its hand: `system("byk_…")`."""
    made = []

    def make(key: str) -> httpx.AsyncClient:
        made.append(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url="http://banyan.test", headers={"authorization": f"Bearer {key}"}
            )
        )
        return made[-1]

    yield make
    for asking in made:
        await asking.aclose()


async def new_key(admin, **more):
    return await admin.post("/api/v1/api-keys", json={"name": "教务系统", "roles": ["client.api"]} | more)


async def test_a_key_lets_a_system_in_and_is_kept_as_a_hash_only(admin, system, school, postgres, addresses):
    made = (await new_key(admin)).json()
    asking = system(made["key"])
    assert (await asking.get("/api/v1/org-units")).status_code == 200
    assert (await asking.get("/api/v1/users")).status_code == 403
    listed = (await admin.get("/api/v1/api-keys")).json()["items"]
    assert [(row["name"], row["tail"]) for row in listed] == [("教务系统", made["key"][-4:])]
    rows = postgres.psql("SELECT string_agg(k::text, '') FROM core.api_key k", addresses.name)
    assert made["key"] not in rows


@pytest.mark.parametrize(("method", "page"), [("GET", "/console"), ("GET", "/console/bills"), ("GET", "/console/jobs"), ("POST", "/console/users")])
async def test_a_key_opens_the_api_and_no_page(admin, system, method, page):
    asking = system((await new_key(admin, roles=["client.api"])).json()["key"])
    answer = await asking.request(method, page, data={"name": "x"} if method == "POST" else None)
    assert (answer.status_code, answer.headers.get("location", "").partition("?")[0]) in [(302, "/login"), (303, "/login"), (401, "")]


async def test_a_key_needs_no_csrf_token_and_a_session_does(admin, system):
    key = (await new_key(admin)).json()["key"]
    answer = await system(key).post("/api/v1/org-units", json={"name": "x", "kind": "unit"})
    assert answer.json()["code"] == "NOT_PERMITTED"
    del admin.headers["x-csrf-token"]
    assert (await new_key(admin)).json()["code"] == "CSRF_REFUSED"


async def test_an_ended_key_and_an_expired_key_open_nothing(admin, system, school, platform):
    made, other = (await new_key(admin)).json(), (await new_key(admin)).json()
    assert (await admin.delete(f"/api/v1/api-keys/{made['id']}")).status_code == 204
    assert (await admin.delete(f"/api/v1/api-keys/{made['id']}")).status_code == 204
    assert (await system(made["key"]).get("/api/v1/org-units")).status_code == 401
    async with platform.database.tenant(school.id) as session:
        past = clock.now() - dt.timedelta(seconds=1)
        await session.execute(update(api_key).where(api_key.c.id == other["id"]).values(expires_at=past))
    assert (await system(other["key"]).get("/api/v1/org-units")).status_code == 401


async def test_a_key_cannot_hold_what_manages_people_or_keys(admin):
    refused = await new_key(admin, roles=["client.admin"])
    assert (refused.status_code, refused.json()["code"]) == (422, "KEY_ROLE_TOO_STRONG")
    assert (await new_key(admin, roles=["no.such"])).json()["code"] == "UNKNOWN_ROLE"
    assert (await new_key(admin, roles=[])).json()["code"] == "UNKNOWN_ROLE"
    assert (await new_key(admin, expires_at="2020-01-01T00:00:00Z")).status_code == 422


async def test_another_tenants_key_is_not_found(admin, client, staff):
    other = await staff(await client(), "identity.key.manage")
    foreign = (await new_key(other)).json()["id"]
    assert (await admin.delete(f"/api/v1/api-keys/{foreign}")).status_code == 404
    assert (await admin.post(f"/console/keys/{foreign}/end")).status_code == 404


async def test_the_page_shows_a_new_key_once(admin):
    page = await admin.post("/console/keys", data={"name": "人事系统", "role": "client.api", "expires_on": "2099-12-31"})
    assert "byk_" in page.text
    listed = (await admin.get("/console/keys")).text
    assert "byk_" not in listed
    assert "人事系统" in listed
    bad = await admin.post("/console/keys", data={"name": "", "role": "client.api", "expires_on": "not a day"})
    assert bad.status_code == 422


async def test_a_made_up_key_opens_nothing(system, bank):
    assert (await system("byk_" + "x" * 43).get("/api/v1/org-units")).status_code == 401


@pytest.mark.parametrize(("seconds", "status"), [(0.0, 401), (60.0, 201)])
async def test_who_takes_long_over_a_body_is_asked_again_who_they_are(admin, school, platform, monkeypatch, seconds, status):
    monkeypatch.setattr(door, "ADMITTED_SECONDS", seconds)

    async def slowly():
        yield b'{"name": "x",'
        async with platform.database.tenant(school.id) as session:
            await session.execute(update(session_table).values(ended_at=clock.now()))
        yield b' "roles": ["client.api"]}'

    answer = await admin.post("/api/v1/api-keys", content=slowly(), headers={"content-type": "application/json"})
    assert answer.status_code == status
