"""Static codes, routes and the face of merchant numbers over the API, as on their pages."""

from core import ids
from tests import families

RIGHTS = ("payments.channel.read", "payments.channel.manage", "identity.org.read")


async def test_a_program_makes_a_code_reads_its_address_and_takes_it_out_of_use(staff, house, browser):
    desk, phone = await staff(house.school, *RIGHTS), browser()
    key = {"idempotency-key": ids.token()}
    made = await desk.post("/api/v1/static-codes", json={"title": "校门口", "day_cap_fen": 30_000}, headers=key)
    assert made.status_code == 201, made.text
    code = made.json()
    assert (code["day_cap_fen"], code["active"], code["today_fen"], code["org_id"]) == (30_000, True, 0, None)
    assert (await desk.post("/api/v1/static-codes", json={"title": "校门口", "day_cap_fen": 30_000}, headers=key)).json()["id"] == code["id"]
    path = code["url"].removeprefix("http://banyan.test")
    assert "已停用" not in (await phone.get(path)).text
    off = await desk.post(f"/api/v1/static-codes/{code['id']}/status", json={"status": "suspended"})
    assert off.json()["active"] is False
    assert "停用" in (await phone.get(path)).text
    assert [row["id"] for row in (await desk.get("/api/v1/static-codes")).json()["items"]] == [code["id"]]


async def test_what_no_code_may_be_is_refused(staff, house, client):
    desk = await staff(house.school, *RIGHTS)
    for wrong, status in (({"title": ""}, 422), ({"title": "门口", "day_cap_fen": 50_001}, 422), ({"title": "门口", "item_code": "NONE"}, 422),
                          ({"title": "门口", "org_id": str(ids.uuid7())}, 404), ({"title": "门口", "more": 1}, 400)):  # fmt: skip
        answer = await desk.post("/api/v1/static-codes", json=wrong, headers={"idempotency-key": ids.token()})
        assert answer.status_code in (status, 422), (wrong, answer.text)
        assert answer.headers["content-type"].startswith("application/problem+json")
    assert (await desk.post("/api/v1/static-codes", json={"title": "门口"})).status_code == 422, "without a key"
    assert (await desk.get(f"/api/v1/static-codes/{ids.uuid7()}")).status_code == 404
    reader = await staff(house.school, "payments.channel.read")
    assert (await reader.post("/api/v1/static-codes", json={"title": "门口"}, headers={"idempotency-key": ids.token()})).status_code == 403
    assert (await desk.get("/api/v1/static-codes")).json()["items"] == []


async def test_a_route_is_left_out_and_used_again(staff, house):
    account_id = await house.good()
    desk = await staff(house.school, *RIGHTS)
    body = {"channel_account_id": str(account_id), "scenes": ["h5"]}
    route = (await desk.post("/api/v1/payment-routes", json=body, headers={"idempotency-key": ids.token()})).json()
    path = f"/api/v1/payment-routes/{route['id']}/status"
    (left_out,) = (await desk.post(path, json={"status": "suspended"})).json()["items"]
    assert left_out["active"] is False
    (used,) = (await desk.post(path, json={"status": "active"})).json()["items"]
    assert used["active"] is True
    assert (await desk.post(path, json={"status": "gone"})).status_code in (400, 422)
    assert (await desk.post(f"/api/v1/payment-routes/{ids.uuid7()}/status", json={"status": "active"})).status_code == 404


async def test_the_face_of_a_merchant_number_is_changed_and_its_keys_are_not(staff, house):
    await families.collect_at(house.platform, house.school, house.sandbox)
    desk = await staff(house.school, *RIGHTS)
    (account,) = (await desk.get("/api/v1/channel-accounts")).json()["items"]
    merchant = str(house.school.trade.merchants["TUITION"])
    path = f"/api/v1/channel-accounts/{account['id']}"
    changed = (await desk.patch(path, json={"name": "学费专用", "merchant_id": merchant})).json()
    assert (changed["name"], changed["merchant_id"]) == ("学费专用", merchant)
    assert (await desk.patch(path, json={"name": "学费"})).json()["merchant_id"] == merchant, "left out stays"
    assert (await desk.patch(path, json={"merchant_id": None})).json()["merchant_id"] is None
    assert (await desk.patch(path, json={"credentials": {"apiv3_key": "x"}})).status_code in (400, 422)
    assert (await desk.patch(path, json={"alert_phone": "12"})).status_code == 422
