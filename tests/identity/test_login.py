"""The door for people: password, one-time code, first password, locks, log-out, expiry."""

import asyncio
import datetime as dt
import re
import secrets

import httpx
import pyotp
import pytest
from sqlalchemy import update

from core import clock
from core.identity import accounts, second_factor
from core.identity.actor import system
from core.identity.models import session as session_table

PASSWORD = "correct-horse-7"


def csrf_of(page) -> str:
    return re.search(r'name="_csrf_token" value="([^"]+)"', page.text).group(1)


@pytest.fixture
async def web(app):
    """A visitor from an address of their own, so that no test is locked out by another's failures."""
    transport = httpx.ASGITransport(app, client=(f"198.18.{secrets.randbelow(250)}.{secrets.randbelow(250)}", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://banyan.test") as asking:
        yield asking


@pytest.fixture
def person(platform, bank):
    """Makes somebody with a password: `await person(tenant_id, "zhao", totp=True)` answers id and TOTP secret."""

    async def make(tenant_id, login: str, password: str = PASSWORD, totp: bool = False):
        async with platform.database.tenant(tenant_id) as session:
            by = system(tenant_id)
            user_id, _ = await accounts.create(session, platform.routes, by, login=login, name="赵测试", password=password)
            secret = pyotp.random_base32() if totp else ""
            if totp:
                await second_factor.bind(session, await platform.vault.keys(session), by, user_id, secret)
        return user_id, secret

    return make


async def log_in(web, login: str, password: str = PASSWORD):
    return await web.post("/login", data={"username": login, "password": password})


async def test_a_member_of_staff_logs_in_and_reaches_the_console(web, client, person):
    school = await client()
    await person(school.id, "staff.one")
    answer = await log_in(web, " Staff.One ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    page = await web.get("/console")
    assert page.status_code == 200
    assert "赵测试" in page.text


async def test_nobody_reaches_the_console_without_logging_in(web, bank):
    answer = await web.get("/console/users")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/console/users")


async def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(web, client, person):
    school = await client()
    await person(school.id, "staff.two")
    wrong, unknown = await log_in(web, "staff.two", "wrong-password-1"), await log_in(web, "nobody.here", "wrong-password-1")
    assert wrong.status_code == unknown.status_code == 401
    assert "用户名或密码不正确" in wrong.text
    assert wrong.text.replace("staff.two", "") == unknown.text.replace("nobody.here", "")


async def test_five_wrong_passwords_lock_the_name_and_not_the_others(web, client, person):
    school = await client()
    await person(school.id, "locked.one")
    await person(school.id, "free.one")
    for _ in range(5):
        assert (await log_in(web, "locked.one", "wrong-password-1")).status_code == 401
    locked = await log_in(web, "locked.one")
    assert locked.status_code == 429
    assert "尝试次数过多" in locked.text
    assert (await log_in(web, "free.one")).status_code == 303


async def test_a_lock_ends_after_a_quarter_of_an_hour(web, client, person, platform, bank):
    school = await client()
    await person(school.id, "locked.two")
    for _ in range(5):
        await log_in(web, "locked.two", "wrong-password-1")
    assert (await log_in(web, "locked.two")).status_code == 429
    async with platform.database.tenant(bank.id) as session:
        await session.simple("UPDATE core.login_failure SET at = at - interval '15 minutes 1 second'")
    assert (await log_in(web, "locked.two")).status_code == 303


async def test_a_hundred_guesses_at_once_are_five(client, person, app):
    school = await client()
    await person(school.id, "raced.one")

    async def guess() -> int:
        transport = httpx.ASGITransport(app, client=("192.0.2.99", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://banyan.test") as asking:
            return (await log_in(asking, "raced.one", "wrong-password-1")).status_code

    codes = await asyncio.gather(*(guess() for _ in range(12)))
    assert sorted(codes) == [401] * 5 + [429] * 7


async def test_an_address_that_tries_many_names_is_locked(client, person, app, platform):
    transport = httpx.ASGITransport(app, client=("192.0.2.200", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://banyan.test") as asking:
        for n in range(20):
            assert (await log_in(asking, f"guess.{n:02d}", "wrong-password-1")).status_code == 401
        assert (await log_in(asking, "guess.99", "wrong-password-1")).status_code == 429


async def test_the_banks_people_need_a_second_factor_and_enrol_at_their_first_log_in(web, bank, person):
    await person(bank.id, "bank.one")
    answer = await log_in(web, "bank.one")
    assert answer.headers["location"] == "/login/enrol"
    assert (await web.get("/bank")).headers["location"].startswith("/login")
    page = await web.get("/login/enrol")
    assert "<svg" in page.text
    secret = re.search(r'data-copy="([A-Z2-7]{32})"', page.text).group(1)
    form = {"ticket": re.search(r'name="ticket" value="([^"]+)"', page.text).group(1), "_csrf_token": csrf_of(page)}
    wrong = await web.post("/login/enrol", data=form | {"code": "000000"})
    assert wrong.status_code == 401
    code = pyotp.TOTP(secret).now()
    assert (await web.post("/login/enrol", data=form | {"code": code, "_csrf_token": csrf_of(wrong)})).headers["location"] == "/bank"
    assert (await web.get("/bank")).status_code == 200
    refused = await web.post("/account/second-factor/drop", headers={"x-csrf-token": csrf_of(await web.get("/account"))})
    assert refused.status_code == 409


async def test_a_one_time_code_opens_once(web, bank, person, app):
    _, secret = await person(bank.id, "bank.two", totp=True)
    code = pyotp.TOTP(secret).now()
    assert (await log_in(web, "bank.two")).headers["location"] == "/login/code"
    page = await web.get("/login/code")
    first = await web.post("/login/code", data={"code": code, "_csrf_token": csrf_of(page)})
    assert first.headers["location"] == "/bank"

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://banyan.test") as thief:
        await log_in(thief, "bank.two")
        page = await thief.get("/login/code")
        replayed = await thief.post("/login/code", data={"code": code, "_csrf_token": csrf_of(page)})
        assert replayed.status_code == 401
        assert "已使用" in replayed.text
        assert (await thief.get("/bank")).status_code == 303


async def test_the_same_code_sent_twice_at_once_opens_once(bank, person, app):
    _, secret = await person(bank.id, "bank.three", totp=True)
    code = pyotp.TOTP(secret).now()

    async def enter() -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://banyan.test") as asking:
            await log_in(asking, "bank.three")
            page = await asking.get("/login/code")
            return (await asking.post("/login/code", data={"code": code, "_csrf_token": csrf_of(page)})).status_code

    assert sorted(await asyncio.gather(enter(), enter(), enter())) == [303, 401, 401]


async def test_wrong_codes_lock_the_second_step_too(web, bank, person):
    _, secret = await person(bank.id, "bank.four", totp=True)
    await log_in(web, "bank.four")
    page = await web.get("/login/code")
    for _ in range(5):
        assert (await web.post("/login/code", data={"code": "000000", "_csrf_token": csrf_of(page)})).status_code == 401
    right = await web.post("/login/code", data={"code": pyotp.TOTP(secret).now(), "_csrf_token": csrf_of(page)})
    assert right.status_code == 429


async def test_a_session_ends_after_two_idle_hours_and_after_twelve_at_most(web, client, person, platform):
    school = await client()
    user_id, _ = await person(school.id, "idle.one")
    for change in ({"seen_at": clock.now() - dt.timedelta(hours=2, seconds=1)}, {"expires_at": clock.now() - dt.timedelta(seconds=1)}):
        await log_in(web, "idle.one")
        assert (await web.get("/account")).status_code == 200
        async with platform.database.tenant(school.id) as session:
            await session.execute(update(session_table).where(session_table.c.user_id == user_id).values(**change))
        answer = await web.get("/console")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/console")


async def test_logging_out_ends_the_session_for_a_copied_cookie_too(web, client, person):
    school = await client()
    await person(school.id, "leaver.one")
    await log_in(web, "leaver.one")
    token = web.cookies["banyan_session"]
    csrf = csrf_of(await web.get("/account"))
    assert (await web.post("/logout", data={"_csrf_token": csrf})).headers["location"] == "/login"
    assert (await web.get("/console", headers={"cookie": f"banyan_session={token}"})).status_code == 303


async def test_a_new_password_ends_every_other_session(web, client, person, app):
    school = await client()
    await person(school.id, "changer.one")
    await log_in(web, "changer.one")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://banyan.test") as elsewhere:
        await log_in(elsewhere, "changer.one")
        assert (await elsewhere.get("/account")).status_code == 200
        form = {"current": PASSWORD, "password": "another-secret-8", "again": "another-secret-8"}
        form["_csrf_token"] = csrf_of(await web.get("/account"))
        assert (await web.post("/account/password", data=form | {"current": "wrong"})).status_code == 422
        assert (await web.post("/account/password", data=form | {"again": "else"})).status_code == 422
        weak = await web.post("/account/password", data=form | {"password": "short1", "again": "short1"})
        assert "至少 10 位" in weak.text
        assert (await web.post("/account/password", data=form)).status_code == 303
        assert (await elsewhere.get("/console")).status_code == 303
    assert (await web.get("/account")).status_code == 200


async def test_a_form_from_another_page_changes_nothing(web, client, person):
    school = await client()
    await person(school.id, "forged.one")
    await log_in(web, "forged.one")
    for given in ({}, {"_csrf_token": "guessed"}):
        refused = await web.post("/account/sessions/end", data=given)
        assert refused.status_code == 403
        assert "CSRF_REFUSED" in refused.text
    foreign = await web.post("/login", data={"username": "forged.one", "password": PASSWORD}, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403


async def test_one_goes_where_one_wanted_to_but_never_out_of_the_house(web, client, person):
    school = await client()
    await person(school.id, "nextone.one")
    wishes = {"/console/users": "/console/users", "//evil.example": "/console", "/bank": "/console", "https://evil.example": "/console"}
    for wanted, place in wishes.items():
        answer = await web.post("/login", data={"username": "nextone.one", "password": PASSWORD, "next": wanted})
        assert answer.headers["location"] == place


async def test_a_disabled_user_is_out_at_once_and_stays_out(web, client, person, staff):
    school = await client()
    user_id, _ = await person(school.id, "disabled.one")
    await log_in(web, "disabled.one")
    admin = await staff(school, "identity.user.manage", "identity.user.read")
    assert (await admin.post(f"/console/users/{user_id}/disable")).status_code == 303
    assert (await web.get("/console")).status_code == 303
    assert (await log_in(web, "disabled.one")).status_code == 401
    await admin.post(f"/console/users/{user_id}/enable")
    assert (await log_in(web, "disabled.one")).status_code == 303


async def test_staff_of_a_client_may_add_a_second_factor_of_their_own(web, client, person):
    school = await client()
    await person(school.id, "careful.one")
    await log_in(web, "careful.one")
    page = await web.get("/account/second-factor")
    secret = re.search(r'data-copy="([A-Z2-7]{32})"', page.text).group(1)
    form = {"ticket": re.search(r'name="ticket" value="([^"]+)"', page.text).group(1), "_csrf_token": csrf_of(page)}
    assert (await web.post("/account/second-factor", data=form | {"code": "000000"})).status_code == 401
    assert (await web.post("/account/second-factor", data=form | {"code": pyotp.TOTP(secret).now()})).status_code == 303
    assert (await log_in(web, "careful.one")).headers["location"] == "/login/code"


async def test_an_old_api_client_without_a_session_gets_json_not_a_page(web, bank):
    answer = await web.get("/api/v1/users")
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["code"] == "NOT_AUTHENTICATED"
