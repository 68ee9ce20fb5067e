"""The door for people: password, one-time code, first password, locks, log-out, expiry."""

import datetime as dt
import re

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
