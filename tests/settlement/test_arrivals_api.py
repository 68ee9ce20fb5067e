"""Comparing arrivals again and connecting a clearing account, for programs."""

from core import ids
from tests.settlement.test_bank_accounts import form, waiting

READ, MAKE, CHECK = "settlement.batch.read", "settlement.batch.make", "settlement.batch.check"
ACCOUNTS = "/api/v1/clearing-accounts"


async def test_a_clearing_account_is_connected_by_two_people_and_shows_no_keys(platform, client, staff):
    house = await client(plugins=())
    maker, checker = await staff(house, READ, MAKE), await staff(house, READ, CHECK)
    given, once = form(), {"idempotency-key": ids.token()}
    asked = await maker.post(ACCOUNTS, json=given, headers=once)
    assert asked.status_code == 201, asked.text
    assert (await maker.post(ACCOUNTS, json=given, headers=once)).json() == asked.json()
    assert (await maker.get(ACCOUNTS)).json()["items"] == []
    found = await waiting(platform, house)
    agreed = await checker.post(f"/api/v1/approvals/{found.id}/approve", json={"remark": "与银行函件一致"}, headers={"idempotency-key": ids.token()})
    assert agreed.status_code == 200, agreed.text
    page = await maker.get(ACCOUNTS)
    (account,) = page.json()["items"]
    assert (account["customer"], account["account"][-4:]) == ("EB7", given["account_number"][-4:])
    assert "PRIVATE" not in page.text and given["account_number"] not in page.text


async def test_what_could_not_work_and_who_may_not_are_refused(client, staff):
    house = await client(plugins=())
    maker, reader = await staff(house, READ, MAKE), await staff(house, READ)
    for wrong in ({"base_url": "http://bank.invalid"}, {"private_key": "none"}, {"account_number": ""}):
        answer = await maker.post(ACCOUNTS, json=form(**wrong), headers={"idempotency-key": ids.token()})
        assert answer.status_code == 422, (wrong, answer.text)
    assert (await reader.post(ACCOUNTS, json=form(), headers={"idempotency-key": ids.token()})).status_code == 403
    assert (await maker.post(ACCOUNTS, json=form())).status_code == 422, "without a key"


async def test_arrivals_are_compared_again(client, staff):
    house = await client(plugins=())
    maker, reader = await staff(house, READ, MAKE), await staff(house, READ)
    assert (await maker.post("/api/v1/channel-arrivals/match")).json() == {"open": 0}
    assert (await reader.post("/api/v1/channel-arrivals/match")).status_code == 403
