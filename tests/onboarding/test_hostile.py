"""What a case refuses: wrong numbers, foreign files, one person for two, other clients, other branches."""

import asyncio

import pytest
from sqlalchemy import text

from core import ids
from tests.onboarding.conftest import FACTS, PDF, RATES, REVIEW


@pytest.mark.parametrize(
    "change",
    [
        {"uscc": "91350100M000100Y44"},
        {"uscc": "1"},
        {"person_id": "110105194912310021"},
        {"account_number": "12ab5678"},
        {"account_number": "１２３４５６７８９"},
        {"contact_phone": "12345"},
        {"settlement_days": -1},
        {"channels": ["nobody"]},
        {"legal_name": "长" * 101},
    ],
)
async def test_what_is_wrong_in_itself_is_refused_at_once(desk, change):
    case_id = await desk.begin()
    answer = await desk.save(case_id, **change)
    assert (answer.status_code, answer.json()["code"]) == (422, "ONBOARDING_FIELD_INVALID")
    assert (await desk.read(case_id))["legal_name"] == ""


async def test_an_incomplete_case_names_everything_it_lacks(desk):
    case_id = await desk.begin()
    answer = await desk.submit(case_id)
    assert answer.json()["code"] == "ONBOARDING_INCOMPLETE"
    for word in ("法定名称", "统一社会信用代码", "结算账号", "营业执照", "行业许可", "身份证"):
        assert word in answer.text


async def test_an_account_in_another_name_needs_a_letter(platform, desk):
    case_id = await desk.filled(account_holder="样例甲教育发展有限公司")
    answer = await desk.submit(case_id)
    assert "委托书" in answer.text
    await desk.attach(case_id, "letter")
    await desk.submit(case_id)
    await desk.review(case_id, "take")
    assert (await desk.review(case_id, "approve", rates=RATES)).status_code == 200
    async with platform.database.tenant(desk.client.id) as session:
        (account,) = await session.all(text("SELECT holder, status FROM core.settlement_account"))
    assert (account.holder, account.status) == ("样例甲教育发展有限公司", "active")


async def test_the_branch_still_enters_no_account_in_another_name(desk, bank, staff):
    maker = await staff(bank.id, *REVIEW, "tenancy.account.make")
    merchant_id = (await desk.read(await desk.until("active")))["merchant_id"]
    path = f"/api/v1/clients/{desk.client.id}/merchants/{merchant_id}/settlement-accounts"
    answer = await maker.post(path, json={"holder": "别人", "bank_name": "某行", "number": "6229080000000000028"})
    assert answer.json()["code"] == "ACCOUNT_HOLDER_DIFFERS"


async def test_identities_are_sealed_and_shown_masked(platform, desk):
    case_id = await desk.until("submitted")
    pages = [
        await desk.maker.get(f"/console/onboarding/{case_id}"), await desk.maker.get(f"/api/v1/onboarding-cases/{case_id}"),
        await desk.branch.get(f"/bank/clients/{desk.client.id}/onboarding/{case_id}"),
    ]  # fmt: skip
    async with platform.database.tenant(desk.client.id) as session:
        kept = [str(await session.all(text(f"SELECT to_jsonb(t)::text FROM core.{name} t"))) for name in ("onboarding_case", "audit_log")]
    for shown in [page.text for page in pages] + kept:
        for secret in ("欧阳小明", "11010519491231002X", "6229080000000000010", "13800138000"):
            assert secret not in shown
    assert "欧***" in pages[0].text


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"<script>alert(1)</script>", "执照.pdf"), (b"MZ\x90\x00", "a.png"), (b"", "empty.pdf"), (PDF + b"0" * (10 * 1024 * 1024), "big.pdf")],
)
async def test_only_documents_are_taken_whatever_they_are_called(platform, desk, content, name):
    case_id = await desk.begin()
    answer = await desk.attach(case_id, "business_licence", content, name)
    assert answer.status_code == 422
    async with platform.database.tenant(desk.client.id) as session:
        assert await session.scalar(text("SELECT count(*) FROM core.stored_file")) == 0


async def test_a_documents_name_cannot_lead_anywhere(desk):
    case_id = await desk.begin()
    await desk.attach(case_id, "business_licence", name="../../etc/passwd\r\nX: y.pdf")
    (document,) = (await desk.read(case_id))["documents"]
    assert "/" not in document["name"]
    answer = await desk.maker.get(f"/console/onboarding/{case_id}/documents/{document['id']}")
    assert answer.content == PDF
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "x" not in answer.headers


async def test_nothing_changes_once_it_is_handed_in(desk):
    case_id = await desk.until("submitted")
    document = (await desk.read(case_id))["documents"][0]["id"]
    assert (await desk.save(case_id, account_number="6229080000000000028")).json()["code"] == "ONBOARDING_NOT_DRAFT"
    assert (await desk.attach(case_id, "other")).status_code == 409
    assert (await desk.maker.post(f"/console/onboarding/{case_id}/documents/{document}/remove")).status_code == 409
    assert len((await desk.read(case_id))["documents"]) == 4


async def test_a_stale_form_does_not_overwrite_a_colleagues_work(desk):
    case_id = await desk.begin()
    old = (await desk.read(case_id))["version"]
    await desk.save(case_id)
    answer = await desk.maker.put(f"/api/v1/onboarding-cases/{case_id}", json={"version": old, "legal_name": "别的名字"})
    assert answer.status_code == 409
    assert (await desk.read(case_id))["legal_name"] == FACTS["legal_name"]


async def test_whoever_handed_it_in_does_not_sign_it(desk, staff):
    both = await staff(desk.client, "tenancy.merchant.read", "onboarding.case.manage", "onboarding.case.sign")
    desk.maker = both
    case_id = await desk.until("signing")
    answer = await desk.sign(case_id, who=both)
    assert (answer.status_code, answer.json()["code"]) == (409, "SELF_APPROVAL")
    assert (await desk.sign(case_id)).json()["status"] == "active"


async def test_two_signatures_at_once_are_one(platform, desk):
    case_id = await desk.until("signing")
    answers = await asyncio.gather(*(desk.sign(case_id) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    async with platform.database.tenant(desk.client.id) as session:
        assert await session.scalar(text("SELECT count(*) FROM core.rate")) == 1


async def test_the_same_beginning_twice_is_one_case(desk):
    key, body = ids.token(), {"code": "MEAL", "name": "食堂"}
    answers = [await desk.maker.post("/api/v1/onboarding-cases", json=body, headers={"idempotency-key": key}) for _ in range(2)]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    again = await desk.maker.post("/api/v1/onboarding-cases", json=body, headers={"idempotency-key": ids.token()})
    assert again.json()["code"] == "CODE_TAKEN"


async def test_another_client_another_branch_and_people_without_the_right_find_nothing(desk, client, staff, bank):
    case_id = await desk.until("submitted")
    other = await client(plugins=())
    stranger = await staff(other, "tenancy.merchant.read", "onboarding.case.manage", "onboarding.case.sign")
    assert (await stranger.get(f"/api/v1/onboarding-cases/{case_id}")).status_code == 404
    assert (await desk.sign(case_id, who=stranger)).status_code == 404
    elsewhere = f"/api/v1/clients/{other.id}/onboarding-cases/{case_id}"
    assert (await desk.branch.get(elsewhere)).status_code == 404
    assert (await desk.branch.post(f"{elsewhere}/review", json={"outcome": "take"})).status_code == 404
    looker = await staff(bank.id, "tenancy.client.read", "tenancy.merchant.read")
    assert (await desk.review(case_id, "take", who=looker)).status_code == 403
    clerk = await staff(desk.client, "tenancy.merchant.read")
    assert (await clerk.post(f"/api/v1/onboarding-cases/{case_id}/submit")).status_code == 403
    assert (await desk.sign(case_id, who=desk.maker)).status_code == 403
    assert (await desk.read(case_id))["status"] == "submitted"


async def test_every_change_is_in_both_trails(platform, desk, bank):
    case_id = await desk.until("active")
    told = text("SELECT action, actor_kind FROM core.audit_log WHERE action LIKE 'onboarding.%' ORDER BY at, id")
    async with platform.database.tenant(desk.client.id) as session:
        here = [(row.action, row.actor_kind) for row in await session.all(told)]
    assert ("onboarding.case.channel_review", "bank") in here
    assert ("onboarding.case.active", "user") in here
    async with platform.database.tenant(bank.id) as session:
        rows = await session.all(text("SELECT action FROM core.audit_log WHERE after->>'case' = :id ORDER BY at, id"), {"id": case_id})
    assert [row.action for row in rows] == ["onboarding.review.take", "onboarding.review.approve", "onboarding.channel.approve"]
