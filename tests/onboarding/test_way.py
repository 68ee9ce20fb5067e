"""A case from the first line to collecting, each step by the side whose word it is, and back where somebody says no."""

import pytest
from sqlalchemy import text

from core import clock
from core.onboarding import rates
from core.onboarding.errors import RateNotAgreed
from tests.onboarding.conftest import FACTS, PDF, RATES, WANTED


async def merchant_of(platform, desk, case_id: str):
    found = text("SELECT m.* FROM core.merchant m JOIN core.onboarding_case c ON c.merchant_id = m.id WHERE c.id = :id")
    async with platform.database.tenant(desk.client.id) as session:
        return await session.one(found, {"id": case_id})


async def test_a_merchant_collects_when_everybody_has_agreed(platform, desk):
    case_id = await desk.until("active")
    shown = await desk.read(case_id)
    assert [event["target"] for event in reversed(shown["events"])] == ["submitted", "bank_review", "channel_review", "signing", "active"]
    assert [event["side"] for event in reversed(shown["events"])] == ["client", "bank", "bank", "channel", "client"]
    assert shown["results"]["wechatpay"]["reference"] == "1900000109"
    row = await merchant_of(platform, desk, case_id)
    assert (row.status, row.legal_name, row.uscc) == ("active", FACTS["legal_name"], FACTS["uscc"])
    async with platform.database.tenant(desk.client.id) as session:
        (account,) = await session.all(text("SELECT * FROM core.settlement_account"))
        found = await rates.in_force(session, row.id, "wechatpay", clock.today())
    assert (account.status, account.holder, account.made_by_name, account.checked_by_name) == ("active", "样例甲学校", "管理员甲", "网点丙")
    assert (found.rate_ppm, found.cap_fen) == (6000, 3500)
    (agreed,) = (await desk.maker.get(f"/api/v1/merchants/{row.id}/rates")).json()["items"]
    assert (agreed["channel"], agreed["rate_ppm"], agreed["from_on"]) == ("wechatpay", 6000, clock.today().isoformat())


async def test_the_branch_sees_what_waits_for_it_and_no_more(desk):
    case_id = await desk.until("submitted")
    tasks = (await desk.branch.get("/bank/tasks?kind=onboarding_review")).text
    assert f"/bank/clients/{desk.client.id}/onboarding/{case_id}" in tasks
    page = await desk.branch.get(f"/bank/clients/{desk.client.id}/onboarding/{case_id}")
    assert page.status_code == 200
    assert "开始审核" in page.text
    await desk.review(case_id, "take")
    await desk.review(case_id, "reject", remark="执照看不清")
    assert case_id not in (await desk.branch.get("/bank/tasks?kind=onboarding_review")).text


@pytest.mark.parametrize("stage", ["draft", "submitted", "bank_review", "channel_review", "signing", "active"])
async def test_every_stage_can_be_looked_at_from_both_houses(desk, stage):
    case_id = await desk.until(stage)
    for who, path in ((desk.maker, f"/console/onboarding/{case_id}"), (desk.signatory, "/console/onboarding"),
                      (desk.branch, f"/bank/clients/{desk.client.id}/onboarding/{case_id}")):  # fmt: skip
        page = await who.get(path)
        assert page.status_code == 200, page.text
        assert "食堂餐费户" in page.text


@pytest.mark.parametrize(
    ("stage", "refuse", "status"),
    [
        ("bank_review", lambda desk, case: desk.review(case, "reject", remark="执照看不清"), "bank_rejected"),
        ("channel_review", lambda desk, case: desk.channel(case, "reject", remark="资质不符"), "channel_rejected"),
        ("signing", lambda desk, case: desk.sign(case, "reject", remark="费率太高"), "signing_rejected"),
    ],
)
async def test_a_refusal_says_why_and_leads_back_to_the_draft(platform, desk, stage, refuse, status):
    case_id = await desk.until(stage)
    answer = await refuse(desk, case_id)
    assert (answer.status_code, answer.json()["status"]) == (200, status)
    assert (await merchant_of(platform, desk, case_id)).status == "rejected"
    page = (await desk.maker.get(f"/console/onboarding/{case_id}")).text
    assert (await desk.read(case_id))["events"][0]["remark"] in page
    assert (await desk.maker.post(f"/api/v1/onboarding-cases/{case_id}/take-back")).json()["status"] == "draft"
    assert (await desk.submit(case_id)).json()["status"] == "submitted"
    assert (await merchant_of(platform, desk, case_id)).status == "submitted"


async def test_a_second_round_does_not_trip_over_the_first_ones_account(desk):
    case_id = await desk.until("channel_review")
    await desk.channel(case_id, "reject", remark="资质不符")
    await desk.maker.post(f"/api/v1/onboarding-cases/{case_id}/take-back")
    await desk.submit(case_id)
    await desk.review(case_id, "take")
    assert (await desk.review(case_id, "approve", rates=RATES)).json()["status"] == "channel_review"


async def test_a_refusal_without_a_reason_is_no_refusal(desk):
    case_id = await desk.until("bank_review")
    assert (await desk.review(case_id, "reject", remark=" ")).status_code == 422
    assert (await desk.read(case_id))["status"] == "bank_review"


@pytest.mark.parametrize(
    ("stage", "step"),
    [
        ("draft", lambda desk, case: desk.review(case, "take")),
        ("draft", lambda desk, case: desk.sign(case)),
        ("submitted", lambda desk, case: desk.review(case, "approve", rates=RATES)),
        ("submitted", lambda desk, case: desk.submit(case)),
        ("bank_review", lambda desk, case: desk.channel(case)),
        ("bank_review", lambda desk, case: desk.maker.post(f"/api/v1/onboarding-cases/{case}/take-back")),
        ("channel_review", lambda desk, case: desk.sign(case)),
        ("channel_review", lambda desk, case: desk.review(case, "reject", remark="晚了")),
        ("signing", lambda desk, case: desk.review(case, "approve", rates=RATES)),
        ("active", lambda desk, case: desk.sign(case)),
        ("active", lambda desk, case: desk.channel(case, "reject", remark="晚了")),
    ],
)
async def test_no_step_can_be_skipped_or_repeated(desk, stage, step):
    case_id = await desk.until(stage)
    answer = await step(desk, case_id)
    assert (answer.status_code, answer.json()["code"]) == (409, "ILLEGAL_TRANSITION")
    assert (await desk.read(case_id))["status"] == stage


async def test_a_channel_that_repeats_itself_counts_once(desk):
    case_id = await desk.until("channel_review")
    for _ in range(3):
        assert (await desk.channel(case_id, reference="1900000109")).json()["status"] == "signing"
    assert len((await desk.read(case_id))["events"]) == 4


async def test_of_two_channels_both_must_agree(desk, platform, monkeypatch):
    monkeypatch.setitem(platform.channels, "citybank", platform.channels["wechatpay"])
    case_id = await desk.filled(channels=["wechatpay", "citybank"])
    await desk.submit(case_id)
    await desk.review(case_id, "take")
    assert (await desk.review(case_id, "approve", rates=RATES)).json()["code"] == "RATE_INVALID"
    both = [*RATES, {"channel": "citybank", "rate_ppm": 3000}]
    await desk.review(case_id, "approve", rates=both)
    assert (await desk.channel(case_id, reference="1")).json()["status"] == "channel_review"
    assert (await desk.channel(case_id, channel="nobody")).json()["code"] == "ONBOARDING_CHANNEL_NOT_ASKED"
    assert (await desk.channel(case_id, channel="citybank", reference="2")).json()["status"] == "signing"


async def test_rates_that_were_never_agreed_are_not_guessed(platform, desk):
    case_id = await desk.until("signing")
    row = await merchant_of(platform, desk, case_id)
    async with platform.database.tenant(desk.client.id) as session:
        with pytest.raises(RateNotAgreed):
            await rates.in_force(session, row.id, "wechatpay", clock.today())


async def test_a_merchant_with_a_case_cannot_be_switched_on_past_it(platform, desk):
    case_id = await desk.until("channel_review")
    row = await merchant_of(platform, desk, case_id)
    answer = await desk.branch.patch(f"/api/v1/clients/{desk.client.id}/merchants/{row.id}", json={"status": "active"})
    assert (answer.status_code, answer.json()["code"]) == (409, "MERCHANT_HAS_CASE")
    assert (await merchant_of(platform, desk, case_id)).status == "channel_review"


async def test_after_its_case_a_merchant_is_suspended_and_resumed_as_any_other(platform, desk):
    case_id = await desk.until("active")
    row = await merchant_of(platform, desk, case_id)
    path = f"/api/v1/clients/{desk.client.id}/merchants/{row.id}"
    assert (await desk.branch.patch(path, json={"status": "suspended", "reason": "核查"})).json()["status"] == "suspended"
    assert (await desk.branch.patch(path, json={"status": "active"})).json()["status"] == "active"


async def test_the_whole_way_can_be_walked_by_pages(desk):
    answer = await desk.maker.post("/console/onboarding", data={"code": "BOOK", "name": "教材户"})
    here = answer.headers["location"]
    page = (await desk.maker.get(here)).text
    assert "还差这些" in page
    form = {name: value for name, value in FACTS.items() if name != "channels"} | {"version": "1", "channels": "wechatpay"}
    assert (await desk.maker.post(here, data=form)).status_code == 303
    for kind in WANTED:
        await desk.maker.post(f"{here}/documents", data={"kind": kind}, files={"file": ("照.pdf", PDF, "application/pdf")})
    assert (await desk.maker.post(f"{here}/submit")).status_code == 303
    bank = here.replace("/console", f"/bank/clients/{desk.client.id}")
    await desk.branch.post(f"{bank}/take")
    wrong = await desk.branch.post(f"{bank}/approve", data={"rate.wechatpay.": "六"})
    assert (wrong.status_code, "百分数" in wrong.text) == (422, True)
    await desk.branch.post(f"{bank}/approve", data={"rate.wechatpay.": "0.6", "cap.wechatpay.": "35", "rate.wechatpay.credit": "0.6"})
    await desk.branch.post(f"{bank}/channels/wechatpay/approve", data={"reference": "1900000109"})
    page = (await desk.signatory.get(here)).text
    assert "0.6%" in page
    assert "确认签约" in page
    await desk.signatory.post(f"{here}/sign")
    assert "可收款" in (await desk.signatory.get(here)).text


async def test_the_work_lists_say_what_is_to_be_done(desk):
    case_id = await desk.until("submitted")
    assert "商户进件待审核" in (await desk.branch.get("/bank")).text
    await desk.review(case_id, "take")
    await desk.review(case_id, "reject", remark="执照看不清")
    assert "进件被退回" in (await desk.maker.get("/console")).text
    await desk.maker.post(f"/api/v1/onboarding-cases/{case_id}/take-back")
    for step in (desk.submit(case_id), desk.review(case_id, "take"), desk.review(case_id, "approve", rates=RATES), desk.channel(case_id)):
        assert (await step).status_code == 200
    assert "进件待签约" in (await desk.signatory.get("/console")).text
