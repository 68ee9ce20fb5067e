"""A plugin's roles bundle rights of core; they end with the plugin's switch, and not a minute later."""

import asyncio
import time

from sqlalchemy import update

from core.tenancy import models as tenancy
from core.tenancy.directory import REMEMBER_SECONDS
from tests.conftest import log_in

MINUTE = 60


async def switch(platform, bank, client, on: bool) -> None:
    async with platform.database.tenant(bank.id) as session:
        mine = (tenancy.client_plugin.c.client_id == client.id) & (tenancy.client_plugin.c.plugin == "education")
        await session.execute(update(tenancy.client_plugin).where(mine).values(enabled=on))


async def test_core_rights_of_a_plugins_role_end_with_its_switch(platform, bank, client, web):
    school = await client()
    _, token = await log_in(platform, school.id, "edu.group_finance")
    cookies = {"cookie": f"banyan_session={token}"}
    assert (await web.get("/api/v1/bills", headers=cookies)).status_code == 200
    await switch(platform, bank, school, on=False)
    assert REMEMBER_SECONDS < MINUTE
    deadline = time.monotonic() + MINUTE
    while (answer := await web.get("/api/v1/bills", headers=cookies)).status_code == 200 and time.monotonic() < deadline:  # noqa: ASYNC110 - what a process remembers has no event
        await asyncio.sleep(0.2)
    assert (answer.status_code, answer.json()["code"]) == (403, "NOT_PERMITTED")
    assert (await web.get("/console", headers=cookies)).status_code == 200
    await switch(platform, bank, school, on=True)
    platform.directory.forget(school.id)
    assert (await web.get("/api/v1/bills", headers=cookies)).status_code == 200


async def test_a_role_of_core_outlives_every_plugin(platform, bank, client, web):
    school = await client()
    _, token = await log_in(platform, school.id, "client.admin")
    await switch(platform, bank, school, on=False)
    platform.directory.forget(school.id)
    assert (await web.get("/api/v1/bills", headers={"cookie": f"banyan_session={token}"})).status_code == 200
