"""Any other file becomes a source through the API alone; and a day without trades is said by somebody."""

import pytest

from core import ids
from tests.statements.test_field_maps_pages import SHOP

READ, MAKE = "statements.file.read", "statements.file.make"
MAPS = "/api/v1/statement-maps"


@pytest.fixture
async def desk(client, staff):
    profile = await client(plugins=())
    asking = await staff(profile, READ, MAKE)
    asking.profile = profile
    return asking


async def made(desk, code: str = "shop") -> dict:
    form = {"code": code, "title": "收费系统日报", "side": "business"}
    answer = await desk.post(MAPS, data=form, files={"file": ("sample.csv", SHOP.encode())})
    assert answer.status_code == 201, answer.text
    return answer.json()


def written(found: dict, **other) -> dict:
    layout = found["layout"] | {"kind_pay": ["收款"], "kind_refund": ["退款"], "channel_values": {"微信": "wechatpay"}}
    return {"version": found["version"], "title": found["title"], "side": found["side"], "layout": layout} | other


async def test_a_sample_is_guessed_tried_saved_and_used(desk):
    found = await made(desk)
    assert (found["source"], found["version"], found["active"]) == ("map-shop", 0, False)
    wanted = written(found)
    tried = (await desk.post(f"{MAPS}/{found['id']}/preview", json={"layout": wanted["layout"]})).json()
    assert tried["refused"] == "" and tried["rows"][0]["normalised"]["amount_fen"] == 1_234
    assert [row["code"] for row in tried["rows"]][-1] != "", "three decimals are a fault of their row"
    saved = (await desk.put(f"{MAPS}/{found['id']}", json=wanted)).json()
    assert (saved["version"], saved["active"]) == (1, True)
    assert (await desk.put(f"{MAPS}/{found['id']}", json=wanted)).json()["code"] == "FIELD_MAP_CHANGED"
    taken = await desk.post("/api/v1/statements", data={"source": "map-shop", "date": "2026-03-01"}, files={"file": ("day.csv", SHOP.encode())})
    assert (taken.json()["verdict"], taken.json()["rows_loaded"]) == ("reject_rows", 2)
    off = (await desk.post(f"{MAPS}/{found['id']}/status", json={"status": "suspended"})).json()
    assert off["active"] is False
    assert [row["code"] for row in (await desk.get(MAPS)).json()["items"]] == ["shop"]


async def test_what_is_wrong_is_refused(desk, client, staff):
    found = await made(desk)
    again = await desk.post(MAPS, data={"code": "shop", "title": "又一个", "side": "business"}, files={"file": ("a.csv", SHOP.encode())})
    assert (again.status_code, again.json()["code"]) == (409, "FIELD_MAP_CODE_TAKEN")
    for form in ({"code": "A", "title": "x", "side": "business"}, {"code": "ok", "title": "x", "side": "nowhere"}):
        assert (await desk.post(MAPS, data=form, files={"file": ("a.csv", SHOP.encode())})).status_code == 422
    lacking = written(found) | {"layout": found["layout"] | {"number": "", "kind": ""}}
    assert (await desk.put(f"{MAPS}/{found['id']}", json=lacking)).status_code == 422
    assert (await desk.put(f"{MAPS}/{found['id']}", json=written(found) | {"layout": {"format": "pdf"}})).status_code in (400, 422)
    assert (await desk.post(f"{MAPS}/{found['id']}/status", json={"status": "active"})).status_code == 422, "never saved"
    reader = await staff(desk.profile, READ)
    assert (await reader.put(f"{MAPS}/{found['id']}", json=written(found))).status_code == 403
    stranger = await staff(await client(), READ, MAKE)
    assert (await stranger.get(f"{MAPS}/{found['id']}")).status_code == 404
    assert (await desk.get(f"{MAPS}/{ids.uuid7()}")).status_code == 404


async def test_somebody_says_that_a_day_had_no_trades(desk):
    body = {"source": "wechatpay-trade", "date": "2026-03-01", "merchant": "1900000109"}
    said = await desk.post("/api/v1/empty-days", json=body)
    assert (said.status_code, said.json()["verdict"], said.json()["lines"]) == (201, "accept", 0)
    assert (await desk.post("/api/v1/empty-days", json=body | {"date": "2099-01-01"})).status_code == 422
    assert (await desk.post("/api/v1/empty-days", json=body | {"source": "nothing"})).status_code in (404, 422)
