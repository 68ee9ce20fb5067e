"""Who looks can do nothing else: no writing by any address, no file, no other client, not a minute longer."""

import datetime as dt
import re
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from core import clock, ids
from core.app import OPENAPI_PATH
from core.database import looking
from core.identity import models as identity
from core.support.consents import repository
from core.support.models import consent
from core.tenancy import models as tenancy
from tests.support.steps import JSON, consents_to, place_of

OWN = ("/account", "/login", "/logout")
"""Addresses of everybody's own account, in whichever house."""


def filled(path: str) -> str:
    """An address with something in each of its places."""
    kinds = {"uuid": str(uuid4()), "int": "1", "date": "2026-09-01"}
    return re.sub(r"\{\w+:?(\w*)\}", lambda found: kinds.get(found[1], "x"), path)


def addresses(app, safe: bool) -> list[tuple[str, str, str]]:
    """Method, address and side of everything that staff of a client may ask for."""
    found = []
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            if route.path.startswith(OPENAPI_PATH) or handler.opt.get("side", "client") not in ("client", "both"):
                continue
            if handler.opt.get("permission") == "public" or route.path.startswith(OWN):
                continue
            side = handler.opt.get("side", "client")
            found += [(method, route.path, side) for method in sorted(handler.http_methods - {"OPTIONS"}) if (method in ("GET", "HEAD")) == safe]
    return sorted(set(found))


async def own_entries(platform, of) -> int:
    """How many audit entries the client has that are not about looking."""
    async with platform.database.tenant(of.id) as session:
        mine = identity.audit_log.c.object_type != repository.OBJECT
        return await session.scalar(select(func.count()).select_from(identity.audit_log).where(mine))


async def test_every_address_that_writes_refuses_who_only_looks(app, platform, client, looks_in):
    here = await client(kind="school_group")
    admin, person, consent_id = await looks_in(here)
    before, let_in = await own_entries(platform, here), []
    asked = addresses(app, safe=False)
    for method, path, side in asked:
        answer = await person.request(method, filled(path), headers=JSON, data={"reason": "x"})
        if side == "both":  # the bank's own house: its people act there on the bank's own rows
            continue
        expected = (403, "ONLY_LOOKING") if path.startswith("/console") else (404, "NOT_FOUND")
        if (answer.status_code, answer.json()["code"]) != expected:
            let_in.append((method, path, side, answer.text[:200]))
    assert len(asked) > 100
    assert let_in == []
    assert await own_entries(platform, here) == before
    page = (await admin.get(f"/console/support/{consent_id}")).text
    assert "操作已拒绝" in page


async def test_every_address_that_reads_shows_a_page_or_refuses(app, client, looks_in):
    here = await client(kind="school_group")
    _admin, person, _consent = await looks_in(here)
    broken, files = [], []
    for _method, path, side in addresses(app, safe=True):
        answer = await person.get(filled(path))
        if side == "both":  # the bank's own house answers its people there, from the bank's own rows
            assert here.name not in answer.text, path
        elif path.startswith("/api/"):
            assert answer.status_code in (404, 422), path
        elif answer.status_code not in (200, 303, 400, 403, 404, 409, 422):
            broken.append((path, answer.status_code, answer.text[:300]))
        if "content-disposition" in answer.headers:
            files.append(path)
    assert broken == []
    assert files == []


async def test_without_a_consent_there_is_no_console(client, supporter):
    await client()
    person = await supporter()
    for path in ("/console", "/console/bills", "/console/support"):
        assert (await person.get(path)).status_code == 404
    assert (await person.post(f"/bank/support/views/{uuid4()}")).status_code == 404


async def test_a_consent_that_runs_out_ends_the_view_at_the_next_click(client, looks_in, is_over):
    here = await client()
    admin, person, consent_id = await looks_in(here)
    assert (await person.get("/console/bills")).status_code == 200
    await is_over(here, consent_id)
    answer = await person.get("/console/bills", headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (403, "SUPPORT_VIEW_OVER")
    assert (await person.get("/console/bills")).status_code == 404
    assert (await person.post(f"/bank/support/views/{consent_id}")).status_code == 403
    assert "已过期" in (await admin.get("/console/support")).text


async def test_a_consent_that_is_taken_back_ends_the_view_at_the_next_click(client, looks_in):
    admin, person, consent_id = await looks_in(await client())
    await admin.post(f"/console/support/{consent_id}/end")
    answer = await person.get("/console/bills")
    assert answer.status_code == 403
    assert "/bank/support" in answer.text
    assert (await person.post(f"/bank/support/views/{consent_id}")).status_code == 403


async def test_a_consent_of_one_client_opens_no_other(platform, client, bank, administrator, looks_in):
    first, second = await client(), await client()
    _admin, person, consent_id = await looks_in(first)
    theirs = await administrator(second)
    other = await consents_to(theirs)
    page = (await person.get(f"/console/support/{other}")).status_code
    assert page in (403, 404)
    async with platform.database.tenant(bank.id) as session:  # even a copy that names the wrong client lets nobody in
        await session.execute(update(consent).where(consent.c.id == consent_id).values(client_id=second.id))
    assert (await person.post(f"/bank/support/views/{consent_id}")).status_code == 403


async def test_a_consent_for_later_opens_nothing_yet(client, administrator, supporter):
    admin, person = await administrator(await client()), await supporter()
    day = str(clock.today() + dt.timedelta(days=2))
    consent_id = place_of(await admin.post("/console/support", data={"purpose": "后天看", "from_on": day, "until_on": day})).rpartition("/")[2]
    assert (await person.post(f"/bank/support/views/{consent_id}")).status_code == 403


async def test_who_is_disabled_or_no_longer_support_sees_nothing(platform, client, bank, looks_in):
    _admin, person, _consent = await looks_in(await client())
    async with platform.database.tenant(bank.id) as session:
        await session.execute(delete(identity.role_grant).where(identity.role_grant.c.user_id == UUID(person.actor.id)))
    assert (await person.get("/console", headers=JSON)).status_code == 403
    _admin, person, _consent = await looks_in(await client())
    async with platform.database.tenant(bank.id) as session:
        await session.execute(update(identity.user).where(identity.user.c.id == UUID(person.actor.id)).values(status="disabled"))
    assert (await person.get("/console", headers=JSON)).status_code == 401


async def test_a_view_belongs_to_one_log_in(client, looks_in, supporter):
    await looks_in(await client())
    assert (await (await supporter("何客服")).get("/console")).status_code == 404


async def test_out_of_ones_branch_is_out_of_sight(platform, client, bank, administrator, supporter):

    elsewhere = ids.uuid7()
    async with platform.database.tenant(bank.id) as session:
        code = elsewhere.hex[-6:]
        await session.execute(insert(tenancy.branch), {"id": elsewhere, "path": f"b{code}", "kind": "branch", "code": code, "name": "东城支行"})
    here = await client()
    consent_id = await consents_to(await administrator(here))
    person = await supporter(org_id=elsewhere)
    assert here.name not in (await person.get("/bank/support")).text
    assert (await person.post(f"/bank/support/views/{consent_id}")).status_code == 404
    assert (await person.post("/bank/support/requests", data={"client": str(here.id), "purpose": "x", "days": "1"})).status_code == 404


async def test_a_suspended_client_is_closed_to_support_too(platform, client, bank, looks_in):
    here = await client()
    _admin, person, _consent = await looks_in(here)
    async with platform.database.tenant(bank.id) as session:
        await session.execute(update(tenancy.client).where(tenancy.client.c.id == here.id).values(status="suspended"))
    platform.directory.forget(here.id)
    assert (await person.get("/console/bills")).status_code == 403


@pytest.mark.parametrize("statement", ["DELETE FROM core.user", "UPDATE core.bill SET status = 'void'", "INSERT INTO core.support_view DEFAULT VALUES"])
async def test_the_database_itself_refuses_whatever_who_looks_would_write(platform, client, statement):
    here = await client()
    with looking.request():
        looking.from_now_on()
        with pytest.raises(DBAPIError, match="read-only transaction"):
            async with platform.database.tenant(here.id) as session:
                await session.execute(text(statement))
    async with platform.database.tenant(here.id) as session:
        assert (await session.scalar(text("SHOW transaction_read_only"))) == "off", "it ends with the request"


async def test_a_file_is_no_page(platform, client, looks_in):
    """The wall behind the handlers: an answer that is a download is refused, whichever handler made it."""
    from core.door import _only_pages

    for headers in ([(b"content-type", b"application/pdf")], [(b"content-type", b"text/html"), (b"content-disposition", b"attachment")]):
        with pytest.raises(looking.OnlyLooking):
            _only_pages({"headers": headers})
    _only_pages({"headers": [(b"content-type", b"text/html; charset=utf-8")]})
