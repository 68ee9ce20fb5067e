"""A client lets the bank's support look, for some days; it answers requests and takes its word back."""

import datetime as dt

import pytest

from core import clock
from core.database.tables import new_tenant_id
from core.notices import inbox
from core.support import copying
from core.support.notices import CONSENT_ASKED
from tests.conftest import log_in
from tests.support.steps import consents_to, place_of


async def test_the_bank_learns_of_a_consent_at_once(client, bank, administrator, supporter, consent_row):
    here = await client()
    consent_id = await consents_to(await administrator(here), days=7)
    own, copy = await consent_row(here, consent_id), await consent_row(bank, consent_id)
    assert (own.status, own.user_id, copy.client_id, copy.until_at) == ("granted", None, here.id, own.until_at)
    assert own.until_at == dt.datetime.combine(clock.today() + dt.timedelta(days=7), dt.time(), clock.SHANGHAI)
    page = (await (await supporter()).get("/bank/support")).text
    assert here.name in page
    assert f"/bank/support/views/{consent_id}" in page


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"purpose": ""}, "purpose", "请写明为什么查看"),
        ({"until_on": str(clock.today() + dt.timedelta(days=7))}, "until_on", "最多 7 天"),
        ({"until_on": str(clock.today() - dt.timedelta(days=1))}, "until_on", "起止日期不对"),
        ({"from_on": str(clock.today() - dt.timedelta(days=1))}, "until_on", "起止日期不对"),
        ({"person": str(new_tenant_id())}, "person", "从列表中选择"),
    ],
)
async def test_a_consent_that_is_not_right_is_refused_beside_its_field(client, administrator, typed, field, said):
    admin = await administrator(await client())
    given = {"purpose": "看一页", "from_on": str(clock.today()), "until_on": str(clock.today())} | typed
    answer = await admin.post("/console/support", data=given)
    assert answer.status_code == 422
    assert said in answer.text
    assert f'id="e-{field}"' in answer.text


async def test_a_person_of_the_desk_may_be_named_and_only_they_see_it(client, administrator, supporter):
    here = await client()
    named, other = await supporter("林客服"), await supporter("何客服")
    admin = await administrator(here)
    assert "何客服" in (await admin.get("/console/support/new")).text
    consent_id = await consents_to(admin, named)
    assert here.name in (await named.get("/bank/support")).text
    assert here.name not in (await other.get("/bank/support")).text
    assert (await other.post(f"/bank/support/views/{consent_id}")).status_code == 403


async def test_support_asks_and_the_client_answers_from_its_home_page(client, administrator, supporter, consent_row, bank):
    here = await client()
    admin, person = await administrator(here), await supporter()
    asked = {"client": str(here.id), "purpose": "账单金额显示不对", "days": "3"}
    assert place_of(await person.post("/bank/support/requests", data=asked)) == "/bank/support"
    home = (await admin.get("/console")).text
    assert "银行客服申请只读查看" in home
    page = (await admin.get("/console/support?status=asked")).text
    consent_id = page.split('href="/console/support/')[-1].split('"')[0]
    assert "账单金额显示不对" in page
    await admin.post(f"/console/support/{consent_id}/agree")
    row = await consent_row(bank, consent_id)
    assert (row.status, row.days) == ("granted", 3)
    assert str(row.user_id) == person.actor.id
    assert (await person.post(f"/bank/support/views/{consent_id}")).status_code == 303


async def test_the_administrator_hears_of_a_request_in_the_bell(platform, client, open_client, supporter, bank):
    here = await client()
    actor, _token = await log_in(platform, here.id, "client.admin", name="钱主任")
    await (await supporter()).post("/bank/support/requests", data={"client": str(here.id), "purpose": "看看", "days": "1"})
    async with platform.database.tenant(here.id) as session:
        entries, _more = await inbox.of_staff(session, {CONSENT_ASKED.code: CONSENT_ASKED}, actor, None)
    assert [entry.title for entry in entries] == ["客服申请查看"]
    assert entries[0].href.startswith("/console/support/")
    async with platform.database.tenant(here.id) as session:
        told = {CONSENT_ASKED.code: CONSENT_ASKED}
        assert (await inbox.unread_of_staff(session, told, actor), await inbox.unread_of_staff(session, {}, actor)) == (1, 0)
        assert await inbox.of_staff(session, {}, actor, None) == ([], None), "of what is off for the client nothing is listed or counted"


async def test_what_is_refused_or_withdrawn_lets_nobody_in(client, administrator, supporter):
    here = await client()
    admin, person = await administrator(here), await supporter()
    for verb in ("refuse", "withdraw"):
        await person.post("/bank/support/requests", data={"client": str(here.id), "purpose": verb, "days": "1"})
        page = (await admin.get("/console/support?status=asked")).text
        consent_id = page.split('href="/console/support/')[-1].split('"')[0]
        if verb == "refuse":
            await admin.post(f"/console/support/{consent_id}/refuse")
        else:
            await person.post(f"/bank/support/requests/{consent_id}/withdraw")
        assert (await person.post(f"/bank/support/views/{consent_id}")).status_code == 403
        assert (await admin.post(f"/console/support/{consent_id}/agree")).status_code == 409


async def test_one_request_at_a_time(client, supporter):
    here, person = await client(), await supporter()
    asked = {"client": str(here.id), "purpose": "看一页", "days": "1"}
    await person.post("/bank/support/requests", data=asked)
    assert (await person.post("/bank/support/requests", data=asked)).status_code == 409


async def test_another_client_sees_nothing_of_it(client, administrator):
    consent_id = await consents_to(await administrator(await client()))
    stranger = await administrator(await client())
    for ask in (stranger.get(f"/console/support/{consent_id}"), stranger.post(f"/console/support/{consent_id}/end")):
        assert (await ask).status_code == 404


async def test_consenting_is_a_right(client, staff):
    somebody = await staff(await client(), "billing.bill.read")
    for ask in (somebody.get("/console/support"), somebody.post("/console/support", data={"purpose": "x"})):
        assert (await ask).status_code == 403


async def test_a_copy_that_failed_is_made_by_the_pulse(platform, client, bank, administrator, consent_row, settle, monkeypatch):
    here = await client()
    admin = await administrator(here)

    async def crash(*_args):
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(copying, "copy", crash)
        await admin.post("/console/support", data={"purpose": "看一页", "from_on": str(clock.today()), "until_on": str(clock.today())})
    page = (await admin.get("/console/support")).text
    consent_id = page.split('href="/console/support/')[-1].split('"')[0]
    assert await consent_row(bank, consent_id) is None
    await settle(here)
    assert (await consent_row(bank, consent_id)).status == "granted"


async def test_lists_filter_search_and_say_the_next_step(client, administrator):
    admin = await administrator(await client())
    assert "授权客服查看" in (await admin.get("/console/support")).text
    await consents_to(admin, purpose="看名册")
    assert "看名册" in (await admin.get("/console/support?q=名册&status=granted")).text
    assert "看名册" not in (await admin.get("/console/support?status=ended")).text
    assert (await admin.get("/console/support?status=nonsense")).status_code == 422
