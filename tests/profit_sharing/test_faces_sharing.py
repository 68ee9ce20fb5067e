"""Profit sharing's pages and API: a whole life by forms, by programs, and who is refused."""

import re

import pytest

from core import ids
from core.profit_sharing import exports, service
from core.profit_sharing.schemas import ShareAsk

CONSOLE, API = "/console/sharing", "/api/v1/sharing"
RIGHTS = (service.READ, service.MAKE)


@pytest.fixture
async def desk(sharing, staff):
    maker = await staff(sharing.school, *RIGHTS, "payments.payment.read", name="经办甲")
    checker = await staff(sharing.school, service.READ, service.CHECK, name="复核乙")
    return maker, checker


async def agree(checker) -> None:
    """What waits in the checker's list is agreed to."""
    page = (await checker.get("/console/approvals")).text
    [approval] = dict.fromkeys(re.findall(r"/console/approvals/([0-9a-f-]{36})", page))
    answer = await checker.post(f"/console/approvals/{approval}/approve", data={"remark": "同意"})
    assert answer.status_code == 303, answer.text[:300]


async def test_a_share_is_asked_for_agreed_to_and_taken_back_by_forms(sharing, desk):
    maker, checker = desk
    paid = await sharing.paid()
    assert "登记接收方" in (await maker.get(CONSOLE + "/receivers")).text
    form = {"account_id": str(sharing.account_id), "kind": "MERCHANT_ID", "account": "1600000777", "name": "", "relation": "PARTNER"}
    refused = await maker.post(CONSOLE + "/receivers", data=form)
    assert (refused.status_code, "商户全称" in refused.text, "1600000777" in refused.text) == (422, True, True)
    assert (await maker.post(CONSOLE + "/receivers", data=form | {"name": "榕城餐饮有限公司"})).status_code == 303
    await agree(checker)
    await sharing.beat()
    page = (await maker.get(CONSOLE + "/receivers?q=1600000777")).text
    assert "可分账" in page and "榕城餐饮有限公司" in page
    assert str(paid) in (await maker.get(CONSOLE + "?stage=waiting")).text
    here = f"{CONSOLE}/payments/{paid}"
    page = (await maker.get(here)).text
    [field] = re.findall(r'name="(share-[0-9a-f-]{36})"', page)
    wrong = await maker.post(here + "/split", data={field: "400.00", "reason": "餐费分成"})
    assert (wrong.status_code, "最多还可以分 285.00 元" in wrong.text, 'value="400.00"' in wrong.text) == (422, True, True)
    assert (await maker.post(here + "/split", data={field: "10％", "reason": "餐费分成"})).status_code == 303
    assert "正在等待复核" in (await maker.get(here)).text
    await agree(checker)
    for _ in range(20):
        await sharing.beat()
    page = (await maker.get(here)).text
    assert ("95.00" in page, "已到账" in page, "已完成" in page) == (True, True, True)
    [split_id] = dict.fromkeys(re.findall(rf"{CONSOLE}/splits/([0-9a-f-]{{36}})/return", page))
    number = (await sharing.read(split_id)).number
    back = {"position": "1", f"amount-{number}-1": "95.00", f"reason-{number}-1": "退款"}
    assert (await maker.post(f"{CONSOLE}/splits/{split_id}/return", data=back)).status_code == 303
    assert f"amount-{number}-1" not in (await maker.get(here)).text, "asked for once at a time"
    await agree(checker)
    await sharing.beat()
    assert "已回退" in (await maker.get(here)).text
    assert (await maker.post(here + "/release", data={"reason": "不再分账"})).status_code == 303
    await agree(checker)
    for _ in range(5):
        await sharing.beat()
    assert "已解冻" in (await maker.get(here)).text
    assert "分账" in (await maker.get(f"/console/payments/{paid}")).text
    assert await sharing.sound()


async def test_programs_do_the_same_with_keys_of_their_own(sharing, desk):
    maker, _checker = desk
    paid, canteen = await sharing.paid(), await sharing.receiver()
    listed = (await maker.get(API + "-payments?stage=waiting")).json()["items"]
    assert [(one["id"], one["free_fen"]) for one in listed] == [(str(paid), 28_500)]
    asked = {"payment_id": str(paid), "shares": [{"receiver_id": str(canteen), "percent": "10"}], "reason": "餐费分成"}
    assert (await maker.post(API + "-splits", json=asked)).json()["code"] == "IDEMPOTENCY_KEY_MISSING"
    key = {"idempotency-key": ids.token()}
    made = await maker.post(API + "-splits", json=asked, headers=key)
    assert (made.status_code, made.json()["shares"][0]["amount_fen"]) == (201, 9_500)
    assert (await maker.post(API + "-splits", json=asked, headers=key)).json()["id"] == made.json()["id"]
    assert (await maker.post(API + "-splits", json=asked | {"reason": "另一个"}, headers=key)).status_code == 409
    under_way = await maker.post(API + "-releases", json={"payment_id": str(paid), "reason": "解冻"}, headers={"idempotency-key": ids.token()})
    assert under_way.json()["code"] == "SHARING_SPLIT_UNDER_WAY"
    await sharing.agree(made.json()["id"])
    await sharing.until(made.json()["id"])
    assert (await maker.get(f"{API}-splits/{made.json()['id']}")).json()["state"] == "finished"
    wanted = {"split_id": made.json()["id"], "position": 1, "amount_fen": 9_500, "reason": "退款"}
    back = await maker.post(API + "-returns", json=wanted, headers={"idempotency-key": ids.token()})
    assert [one["state"] for one in back.json()["returns"]] == ["proposed"]
    story = (await maker.get(f"{API}-payments/{paid}")).json()
    assert (story["payment"]["stage"], len(story["splits"])) == ("shared", 1)
    given = {"account_id": str(sharing.account_id), "kind": "MERCHANT_ID", "account": "1600000888", "name": "甲公司"}
    added = await maker.post(API + "-receivers", json=given, headers={"idempotency-key": ids.token()})
    assert (added.status_code, added.json()["status"], added.json()["name"]) == (201, "proposed", "甲公司")
    again = await maker.post(API + "-receivers", json=given, headers={"idempotency-key": ids.token()})
    assert again.json()["code"] == "SHARING_RECEIVER_KNOWN"
    assert (await maker.post(f"{API}-receivers/{canteen}/remove", json={"reason": "结束"})).status_code == 200


async def test_only_those_with_the_right_over_the_whole_client_come_in(sharing, staff):
    paid = await sharing.paid()
    clerk = await staff(sharing.school, "refunds.refund.make")
    reader = await staff(sharing.school, service.READ)
    for path in (CONSOLE, CONSOLE + "/receivers", f"{CONSOLE}/payments/{paid}", API + "-payments", API + "-receivers", f"{API}-payments/{paid}"):
        assert (await clerk.get(path)).status_code == 403, path
        assert (await reader.get(path)).status_code == 200, path
    assert (await reader.post(f"{CONSOLE}/payments/{paid}/release", data={"reason": "x"})).status_code == 403
    asked = {"payment_id": str(paid), "shares": [], "reason": "x"}
    assert (await reader.post(API + "-splits", json=asked, headers={"idempotency-key": ids.token()})).status_code == 403
    assert (await reader.get(f"{API}-splits/{ids.uuid7()}")).status_code == 404


async def test_another_client_finds_nothing(sharing, staff, client):
    paid = await sharing.paid()
    stranger = await staff(await client(plugins=()), *RIGHTS)
    assert (await stranger.get(f"{API}-payments/{paid}")).status_code == 404
    assert (await stranger.get(f"{CONSOLE}/payments/{paid}")).status_code == 404
    assert (await stranger.get(API + "-payments")).json()["items"] == []
    assert "还没有启用分账" in (await stranger.get(CONSOLE)).text
    assert "还没有启用分账" in (await stranger.get(CONSOLE + "/receivers")).text


async def test_shares_leave_as_excel_rows(sharing):
    paid, canteen = await sharing.paid(), await sharing.receiver("1600000555", "榕城餐饮有限公司")
    made = await sharing.split(paid, ShareAsk(receiver_id=canteen, amount_fen=100))
    async with sharing.tenant() as session:
        [row] = [row async for row in exports.rows(session, {}, None)]
    assert (row[0], row[3], row[5], row[7]) == (made.number, "1600000555", 100, "已到账")
    assert len(row) == len(exports.COLUMNS)
