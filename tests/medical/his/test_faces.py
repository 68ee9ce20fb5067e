"""The pages and addresses of HIS: the link, its test, failed postings, disagreements; and who may use them."""

import pytest

from plugins.medical.his import posting, service
from plugins.medical.his.errors import LinkBroken
from plugins.medical.his.service import LinkWrite

MANAGE, READ, REPOST = "medical.his.manage", "medical.his.read", "medical.his.repost"


async def failed(house, **given):
    made = await house.paid(insured=False, **given)
    await house.err(made.number, "payment_refuse")
    await house.hurry(3)
    await house.err(made.number)
    return made


async def test_the_link_is_shown_without_its_secret_and_tested(house, staff):
    admin = await staff(house.hospital.client, MANAGE, READ)
    page = await admin.get("/console/medical/his")
    assert page.status_code == 200
    assert house.app_id in page.text
    assert house.secret not in page.text
    assert (await admin.post("/console/medical/his/check")).status_code == 303
    assert "连接正常" in (await admin.get("/console/medical/his")).text
    told = await admin.get("/api/v1/medical/his-link")
    assert sorted(told.json()) == ["app_id", "base_url", "created_at", "made_by", "refund_after_minutes"]
    assert (await admin.post("/api/v1/medical/his-link/check")).json() == {"ok": True, "message": ""}


async def test_a_wrong_secret_is_said(house, staff):
    await house.link(secret="x" * 32)
    admin = await staff(house.hospital.client, MANAGE, READ)
    await admin.post("/console/medical/his/check")
    assert "HIS 不认应用编号或密钥" in (await admin.get("/console/medical/his")).text


async def test_a_secret_is_rotated_and_what_was_before_stays_in_the_history(house):
    given = (await house.outside.post(f"/sandbox/api/his/hospitals/{house.app_id}/secrets")).json()
    assert (await service.check(house.platform, house.id)).state == "silent"
    await house.link(secret=given["secret"])
    assert (await service.check(house.platform, house.id)).state == "absent"
    rows = await house.rows("SELECT open FROM medical.his_link ORDER BY id")
    assert [row.open for row in rows] == [False, True]
    await house.link(secret="", refund_after_minutes=5)
    assert (await service.check(house.platform, house.id)).state == "absent", "an empty secret keeps the one there is"


@pytest.mark.parametrize(
    "given",
    [
        {"base_url": "http://his.example"}, {"base_url": "https://"}, {"base_url": "https://a:b@his.example"}, {"app_id": " "}, {"secret": "short"},
        {"refund_after_minutes": 0}, {"refund_after_minutes": 1441}, {"base_url": "https://[his"},
    ],
)  # fmt: skip
async def test_a_link_that_cannot_be_is_refused(house, given):
    fields = {"base_url": "https://his.example/v1", "app_id": "h1", "secret": "s" * 32} | given
    async with house.tenant() as session:
        with pytest.raises(LinkBroken):
            await service.open_link(session, await house.platform.vault.keys(session), LinkWrite(**fields), house.hospital.maker)


async def test_failed_postings_are_listed_reposted_and_given_back(house, staff):
    made = await failed(house)
    finance = await staff(house.hospital.client, READ, REPOST, "medical.return.make", "medical.return.decide", "medical.return.read", "exports.make")
    listed = await finance.get("/console/medical/post-failures")
    assert made.number in listed.text
    assert "74.56" in listed.text
    assert made.number not in (await finance.get("/console/medical/post-failures?q=NOTHING")).text
    found = (await finance.get("/api/v1/medical/post-failures")).json()
    assert ([row["number"] for row in found["items"]], found["amount_fen"]) == ([made.number], made.cash_fen)
    page = await finance.get(f"/console/medical/post-failures/{made.number}")
    assert page.status_code == 200
    assert "院内规则不允许" in page.text
    again = await finance.post(f"/api/v1/medical/post-failures/{made.number}/repost", json={"reason": "已修复"})
    assert again.status_code == 202
    await house.hurry()
    assert (await house.read(made.number)).status == "posted"
    assert (await finance.post(f"/api/v1/medical/post-failures/{made.number}/repost", json={"reason": "已修复"})).status_code == 409
    assert (await finance.get("/console/medical/post-failures/NONE")).status_code == 404


async def test_finance_gives_back_and_another_person_agrees(house, staff):
    made = await failed(house)
    finance = await staff(house.hospital.client, READ, REPOST, "medical.return.make", "medical.return.decide", "medical.return.read")
    answer = await finance.post(f"/console/medical/post-failures/{made.number}/refund", data={"reason": "患者已离院"})
    assert answer.status_code == 303
    assert "/console/medical/returns/TF" in answer.headers["location"]
    (refund,) = await house.rows("SELECT id, status FROM core.refund")
    assert refund.status == "requested", "a person's wish takes a second person"
    await house.agree(refund.id)
    await house.hurry(4)
    assert (await house.read(made.number)).status == "refunded"
    assert (await house.booked(made.number))[0]["state"] == "cancelled"


async def test_finance_cannot_give_back_while_his_is_silent_or_has_it(house, staff):
    made = await failed(house)
    finance = await staff(house.hospital.client, READ, REPOST, "medical.return.make", "medical.return.decide", "medical.return.read")
    here = f"/console/medical/post-failures/{made.number}"
    await house.err(made.number, "query_error")
    await finance.post(f"{here}/refund", data={"reason": "退"})
    assert await house.rows("SELECT 1 FROM core.refund") == []
    assert "款项未动" in (await finance.get(here)).text
    await house.err(made.number)
    his = await service.reach(house.platform, house.id)
    async with house.tenant() as session:
        (work,) = await posting.repository.list_postings(session, [made.id])
    await posting.post(his, work, ask_first=False)
    await finance.post(f"{here}/refund", data={"reason": "退"})
    assert await house.rows("SELECT 1 FROM core.refund") == []
    assert (await house.read(made.number)).status == "posted"


async def test_a_disagreement_is_looked_at_by_a_person(house, staff):
    made = await house.paid()
    await house.err(made.number, "payment_twice")
    await house.beat()
    finance = await staff(house.hospital.client, READ, REPOST)
    page = await finance.get("/console/medical/his-disagreements")
    assert made.number in page.text
    assert "HIS 记了两笔" in page.text
    (said,) = await house.rows("SELECT id FROM medical.his_disagreement")
    assert (await finance.post(f"/console/medical/his-disagreements/{said.id}/settle", data={"reason": "HIS 已冲掉一笔"})).status_code == 303
    assert made.number not in (await finance.get("/console/medical/his-disagreements")).text
    assert (await finance.post(f"/console/medical/his-disagreements/{said.id}/settle", data={"reason": "再次"})).status_code == 409


async def test_without_the_right_there_is_nothing(house, staff):
    nobody = await staff(house.hospital.client, "medical.order.read")
    for path in ("/console/medical/his", "/console/medical/post-failures", "/console/medical/his-disagreements", "/console/medical/returns"):
        assert (await nobody.get(path)).status_code == 403
    reader = await staff(house.hospital.client, READ)
    assert (await reader.post("/console/medical/his", data={"base_url": "https://x.example", "app_id": "a", "secret": "s" * 20})).status_code == 403
    assert (await reader.put("/api/v1/medical/his-link", json={"base_url": "https://x.example", "app_id": "a"})).status_code == 403


async def test_another_client_sees_none_of_it(house, staff, client):
    made = await failed(house)
    other = await client(kind="hospital", plugins=("medical",))
    stranger = await staff(other, READ, REPOST, "medical.return.make", "medical.return.decide")
    assert (await stranger.get(f"/console/medical/post-failures/{made.number}")).status_code == 404
    assert (await stranger.post(f"/api/v1/medical/post-failures/{made.number}/repost", json={"reason": "x"})).status_code == 404
