"""The checker's desk: others' proposals, each within one's rights; nobody agrees to his own."""

import pytest

from tests import desk as desks

MAKER = ("billing.bill.read", "billing.bill.adjust")
CHECK = "billing.bill.check"


@pytest.fixture
async def desk(platform, client):
    return await desks.opened(platform, client)


async def propose(asking, desk, number: str = "S1", reason: str = "录错") -> str:
    body = {"version": 1, "reason": reason}
    answer = await asking.post(f"/api/v1/bills/{desk.bills[number]}/void", json=body, headers={"idempotency-key": f"void-{number}-x"})
    assert answer.status_code == 201, answer.text
    return answer.json()["approval_id"]


async def test_nobody_checks_what_he_proposed_himself(desk, staff):
    both = await staff(desk, *MAKER, CHECK)
    approval = await propose(both, desk)
    answer = await both.post(f"/console/approvals/{approval}/approve", data={})
    assert answer.status_code == 409
    assert "经办人与复核人不能是同一人" in answer.text
    api = await both.post(f"/api/v1/approvals/{approval}/approve", json={}, headers={"idempotency-key": "self-check"})
    assert api.json()["code"] == "SELF_APPROVAL"
    assert (await both.post(f"/console/approvals/{approval}/reject", data={"reason": "不"})).status_code == 409
    page = (await both.get(f"/console/approvals/{approval}")).text
    assert "您自己提交的申请" in page
    assert "同意并执行" not in page


async def test_the_desk_has_what_waits_what_is_mine_and_what_is_done(desk, staff):
    maker, checker = await staff(desk, *MAKER, name="经办"), await staff(desk, CHECK, name="复核")
    first, second = await propose(maker, desk, "S1"), await propose(maker, desk, "S2")

    async def desk_of(asking, tab: str) -> list[str]:
        assert (await asking.get("/console/approvals", params={"tab": tab})).status_code == 200
        return [row["id"] for row in (await asking.get("/api/v1/approvals", params={"tab": tab})).json()["items"]]

    assert await desk_of(checker, "waiting") == [second, first]
    assert await desk_of(maker, "waiting") == []
    assert await desk_of(maker, "mine") == [second, first]
    refused = await checker.post(f"/console/approvals/{first}/reject", data={"reason": ""})
    assert refused.status_code == 422
    assert (await checker.post(f"/console/approvals/{first}/reject", data={"reason": "依据不足"})).status_code == 303
    assert (await maker.post(f"/console/approvals/{second}/withdraw")).status_code == 303
    assert await desk_of(checker, "waiting") == []
    assert await desk_of(checker, "decided") == [second, first]
    assert "依据不足" in (await maker.get(f"/console/approvals/{first}")).text
    assert (await checker.get("/api/v1/approvals", params={"tab": "all"})).status_code == 422


async def test_a_decided_matter_is_not_decided_again(desk, staff):
    maker, checker, late = await staff(desk, *MAKER), await staff(desk, CHECK), await staff(desk, CHECK)
    approval = await propose(maker, desk)
    assert (await checker.post(f"/console/approvals/{approval}/approve", data={})).status_code == 303
    for verb in ("approve", "reject"):
        answer = await late.post(f"/console/approvals/{approval}/{verb}", data={"reason": "再来", "remark": "再来"})
        assert answer.status_code == 409
        assert "已经处理过了" in answer.text
    assert (await maker.post(f"/console/approvals/{approval}/withdraw")).status_code == 409


async def test_what_cannot_happen_any_more_is_not_half_done(desk, staff, platform):
    maker, checker = await staff(desk, *MAKER), await staff(desk, CHECK)
    approval = await propose(maker, desk)
    await desks.pay(platform, desk, "S1")
    answer = await checker.post(f"/console/approvals/{approval}/approve", data={})
    assert answer.status_code == 409
    assert (await checker.get(f"/api/v1/approvals/{approval}")).json()["status"] == "waiting"
    assert (await maker.get(f"/api/v1/bills/{desk.bills['S1']}")).json()["bill"]["status"] == "paid"


async def test_proposals_beyond_ones_rights_or_reach_are_not_found(desk, staff, client, platform, web):
    maker = await staff(desk, *MAKER)
    approval = await propose(maker, desk, "S1")
    west = await staff(desk, CHECK, org_id=desk.units["西区"])
    reader = await staff(desk, "billing.bill.read")
    stranger = await staff(await desks.opened(platform, client), CHECK)
    for asking in (west, reader, stranger):
        assert (await asking.get(f"/console/approvals/{approval}")).status_code == 404
        assert (await asking.get(f"/api/v1/approvals/{approval}")).status_code == 404
        assert (await asking.post(f"/console/approvals/{approval}/approve", data={})).status_code == 404
        assert (await asking.post(f"/console/approvals/{approval}/withdraw")).status_code == 404
        assert (await asking.get("/api/v1/approvals")).json()["items"] == []
    assert (await web.get("/api/v1/approvals")).status_code == 401
    east = await staff(desk, CHECK, org_id=desk.units["东区"])
    assert (await east.get(f"/console/approvals/{approval}")).status_code == 200


async def test_the_home_page_counts_what_waits_for_this_person(desk, staff):
    maker, checker = await staff(desk, *MAKER), await staff(desk, CHECK, "billing.bill.read")
    await propose(maker, desk)
    assert "账单更正待复核" in (await checker.get("/console")).text
