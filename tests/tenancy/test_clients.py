"""A client's life at the bank: opened, prepared by two people, handed over, used, suspended, resumed, closed."""

import re

import pytest

from core.identity import repository as identity_repository
from core.tenancy import numbers

NUMBER = "6229 0812 3456 7890 010"


@pytest.fixture
async def two(at_branch, house):
    """Two administrators of one branch: the one who enters and the one who checks."""
    return await at_branch(house.north, name="周经办"), await at_branch(house.north, name="吴复核")


async def merchants_of(http, client_id):
    return (await http.get(f"/api/v1/clients/{client_id}/merchants")).json()["items"]


async def password_in(page):
    return re.search(r'<code class="by-mono">([^<]+)</code>', page.text).group(1)


async def test_a_branch_opens_a_school_from_its_blueprint_and_hands_it_over(web, two, house, platform):
    maker, checker = two
    wizard = await maker.get("/bank/clients/new?kind=school_group")
    assert "教育" in wizard.text
    form = {"kind": "school_group", "code": "walk-school", "name": "走查学校", "branch": str(house.north_sub), "legal_name": "走查学校"}
    opened = await maker.post("/bank/clients", data=form)
    assert opened.status_code == 303
    page = opened.headers["location"]
    client_id = page.rsplit("/", 1)[1]
    assert "筹备中" in (await maker.get(page)).text

    merchants = await merchants_of(maker, client_id)
    assert merchants
    assert {m["status"] for m in merchants} == {"bank_review"}
    merchant = merchants[0]
    account = {"holder": "走查学校", "bank_name": "榕城银行北城一支行", "number": NUMBER}
    assert (await maker.post(f"{page}/merchants/{merchant['id']}/accounts", data=account)).status_code == 303
    entered = (await merchants_of(maker, client_id))[0]["accounts"][0]
    assert (entered["status"], entered["number_masked"]) == ("pending", "622908*********0010")

    refused = await maker.post(f"{page}/accounts/{entered['id']}/approve")
    assert refused.status_code == 409
    assert "SELF_APPROVAL" in refused.text
    assert (await checker.get("/bank/tasks?kind=account_check")).text.count("走查学校")
    assert (await checker.post(f"{page}/accounts/{entered['id']}/approve")).status_code == 303
    assert (await checker.post(f"{page}/merchants/{merchant['id']}/activate")).status_code == 303
    assert (await merchants_of(maker, client_id))[0]["status"] == "active"

    handed = await maker.post(f"{page}/hand-over", data={"login": "walk.admin", "name": "走查管理员"})
    password = await password_in(handed)
    assert (await maker.post(f"{page}/activate")).status_code == 303
    platform.directory.forget(client_id)

    first = await web.post("/login", data={"username": "walk.admin", "password": password})
    assert first.headers["location"] == "/login/password"
    assert (await web.get("/console")).headers["location"].startswith("/login")
    step = await web.get("/login/password")
    csrf = re.search(r'name="_csrf_token" value="([^"]+)"', step.text).group(1)
    own = {"password": "my-own-secret-9", "again": "my-own-secret-9", "_csrf_token": csrf}
    done = await web.post("/login/password", data=own)
    assert done.headers["location"] == "/console"
    assert (await web.get("/console/users")).status_code == 200


async def test_a_password_that_was_never_used_can_be_handed_over_again(two, opened, house):
    maker, _ = two
    client_id = await opened(house.north)
    form = {"login": f"again.{client_id.hex[:8]}", "name": "管理员"}
    first = await password_in(await maker.post(f"/bank/clients/{client_id}/hand-over", data=form))
    second = await password_in(await maker.post(f"/bank/clients/{client_id}/hand-over", data=form))
    assert first != second


async def test_a_log_in_name_of_another_client_is_taken(two, opened, house):
    maker, _ = two
    one, other = await opened(house.north), await opened(house.north)
    form = {"login": f"taken.{one.hex[:8]}", "name": "管理员"}
    assert (await maker.post(f"/bank/clients/{one}/hand-over", data=form)).status_code == 200
    refused = await maker.post(f"/bank/clients/{other}/hand-over", data=form)
    assert refused.status_code == 409
    assert "已被使用" in refused.text


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"holder": "别的公司"}, "ACCOUNT_HOLDER_DIFFERS"),
        ({"number": "12ab"}, "ACCOUNT_NUMBER_MALFORMED"),
        ({"bank_name": "  "}, "FIELD_MISSING"),
    ],
)
async def test_a_wrong_account_is_refused_with_its_reason(two, opened, house, changed, code):
    maker, _ = two
    client_id = await opened(house.north, kind="hospital")
    merchant = (await merchants_of(maker, client_id))[0]
    body = {"holder": merchant["legal_name"], "bank_name": "榕城银行", "number": NUMBER} | changed
    url = f"/api/v1/clients/{client_id}/merchants/{merchant['id']}/settlement-accounts"
    refused = await maker.post(url, json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_a_rejected_account_may_be_entered_again_by_someone(two, opened, house):
    maker, checker = two
    client_id = await opened(house.north, kind="hospital")
    merchant = (await merchants_of(maker, client_id))[0]
    base = f"/api/v1/clients/{client_id}"
    body = {"holder": merchant["legal_name"], "bank_name": "榕城银行", "number": NUMBER}
    account = (await maker.post(f"{base}/merchants/{merchant['id']}/settlement-accounts", json=body)).json()["accounts"][0]
    twice = await checker.post(f"{base}/merchants/{merchant['id']}/settlement-accounts", json=body)
    assert twice.json()["code"] == "ACCOUNT_KNOWN"
    check = f"{base}/settlement-accounts/{account['id']}/check"
    assert (await checker.post(check, json={"approve": False})).json()["code"] == "REASON_MISSING"
    assert (await checker.post(check, json={"approve": False, "reason": "开户行不对"})).status_code == 200
    again = await checker.post(f"{base}/merchants/{merchant['id']}/settlement-accounts", json=body)
    assert again.json()["accounts"][0]["status"] == "pending"
    assert (await checker.post(check, json={"approve": True})).json()["code"] == "SELF_APPROVAL"
    assert (await maker.post(check, json={"approve": True})).json()["items"][0]["accounts"][0]["status"] == "active"


async def test_a_merchant_without_a_checked_account_cannot_collect(two, opened, house):
    maker, _ = two
    client_id = await opened(house.north, kind="hospital")
    merchant = (await merchants_of(maker, client_id))[0]
    refused = await maker.patch(f"/api/v1/clients/{client_id}/merchants/{merchant['id']}", json={"status": "active"})
    assert (refused.status_code, refused.json()["code"]) == (409, "MERCHANT_HAS_NO_ACCOUNT")


async def test_an_account_number_is_sealed_and_appears_nowhere_in_clear(two, opened, house, addresses, postgres):
    maker, _ = two
    client_id = await opened(house.north, kind="hospital")
    merchant = (await merchants_of(maker, client_id))[0]
    number = "9988776655443322110"
    body = {"holder": merchant["legal_name"], "bank_name": "榕城银行", "number": number}
    await maker.post(f"/api/v1/clients/{client_id}/merchants/{merchant['id']}/settlement-accounts", json=body)
    for table in ("settlement_account", "audit_log", "branch_task"):
        rows = postgres.psql(f"SELECT string_agg(t::text, ' ') FROM core.{table} t", addresses.name)
        assert rows
        assert number not in rows


async def test_a_code_is_taken_once_and_must_be_well_formed(two, house):
    maker, _ = two
    body = {"code": "only-one", "name": "客户", "kind": "hospital", "branch_id": str(house.north)}
    assert (await maker.post("/api/v1/clients", json=body)).status_code == 201
    assert (await maker.post("/api/v1/clients", json=body)).json()["code"] == "CODE_TAKEN"
    for code in ("A B", "x", "有中文", "-lead", "a" * 40):
        assert (await maker.post("/api/v1/clients", json=body | {"code": code})).json()["code"] == "CODE_MALFORMED"
    assert (await maker.post("/api/v1/clients", json=body | {"code": "other-kind", "kind": "zoo"})).json()["code"] == "UNKNOWN_CLIENT_KIND"
    assert (await maker.post("/api/v1/clients", json=body | {"code": "more-fields", "colour": "red"})).status_code == 422


async def test_what_a_crash_left_out_is_completed_by_the_clients_page(two, opened, house, platform):
    maker, _ = two
    client_id = await opened(house.north)
    async with platform.database.tenant(client_id) as session:
        await session.simple("DELETE FROM core.merchant")
    page = await maker.get(f"/bank/clients/{client_id}")
    assert "补齐商户" in page.text
    assert (await maker.post(f"/bank/clients/{client_id}/prepare")).status_code == 303
    assert len(await merchants_of(maker, client_id)) > 0
    assert "补齐商户" not in (await maker.get(f"/bank/clients/{client_id}")).text


async def test_a_suspended_client_stops_and_a_resumed_one_works_again(two, staff, opened, house, platform):
    maker, _ = two
    client_id = await opened(house.north)
    base = f"/api/v1/clients/{client_id}"
    assert (await maker.patch(base, json={"status": "active"})).json()["status"] == "active"
    person = await staff(client_id, "identity.user.read")
    assert (await person.get("/console/users")).status_code == 200
    assert (await maker.patch(base, json={"status": "suspended"})).json()["code"] == "REASON_MISSING"
    assert (await maker.patch(base, json={"status": "suspended", "reason": "证照过期"})).status_code == 200
    stopped = await person.get("/api/v1/users")
    assert (stopped.status_code, stopped.json()["code"]) == (403, "CLIENT_SUSPENDED")
    assert (await maker.patch(base, json={"status": "suspended", "reason": "再来一次"})).json()["code"] == "ILLEGAL_TRANSITION"
    assert (await maker.patch(base, json={"status": "active", "reason": "证照已补"})).status_code == 200
    assert (await person.get("/api/v1/users")).status_code == 200


async def test_a_closed_client_gives_its_merchant_numbers_back(two, opened, house, platform):
    maker, _ = two
    before, after = await opened(house.north), await opened(house.north)

    async def holds(client_id) -> bool:
        async with platform.database.tenant(client_id) as session:
            return await numbers.hold(session, platform.vault, "wechatpay", "1911112222")

    assert await holds(before) and not await holds(after)
    base = f"/api/v1/clients/{before}"
    await maker.patch(base, json={"status": "active"})
    await maker.patch(base, json={"status": "suspended", "reason": "证照过期"})
    assert not await holds(after), "who may come back keeps its numbers"
    assert (await maker.patch(base, json={"status": "closed", "reason": "合同到期"})).status_code == 200
    assert await holds(after)


async def test_a_closed_client_is_closed_for_good_and_nobody_is_logged_in(two, staff, opened, house):
    maker, _ = two
    client_id = await opened(house.north)
    base = f"/api/v1/clients/{client_id}"
    await maker.patch(base, json={"status": "active"})
    person = await staff(client_id, "identity.user.read")
    assert (await maker.patch(base, json={"status": "closed", "reason": "合同到期"})).json()["status"] == "closed"
    assert (await person.get("/api/v1/users")).status_code in (401, 403)
    assert (await maker.patch(base, json={"status": "active", "reason": "反悔"})).json()["code"] == "ILLEGAL_TRANSITION"
    assert (await maker.patch(base, json={"status": "closed", "reason": "再点一次"})).status_code == 200


async def test_every_step_stands_in_the_banks_trail_and_in_the_clients(two, opened, house, platform):
    maker, _ = two
    client_id = await opened(house.north)
    await maker.patch(f"/api/v1/clients/{client_id}", json={"status": "active"})
    await maker.put(f"/api/v1/clients/{client_id}/plugins/education", json={"enabled": False})
    async with platform.database.tenant(house.bank_id) as session:
        rows = await identity_repository.list_audit_of(session, "client", str(client_id))
    actions = [row.action for row in rows]
    assert "tenancy.client.open" in actions
    assert "tenancy.client.active" in actions
    assert "tenancy.plugin.disable" in actions
    async with platform.database.tenant(client_id) as session:
        own = await identity_repository.list_audit(session, None, 50)
    assert {row.actor_kind for row in own} == {"bank"}
    assert {"tenancy.client.active", "tenancy.plugin.disable", "tenancy.merchant.register"} <= {row.action for row in own}
