"""Refunds at the console and the API: asked for, agreed to by another person, kept within reach, refused when the input is bad."""

import asyncio
import re

import msgspec
import pytest
from sqlalchemy import text

from core.tenancy.directory import ClientProfile
from tests import desk as desks
from tests.desk import FULL

MAKER = ("refunds.refund.make", "refunds.refund.read", "billing.bill.read", "payments.payment.read", "payments.suspense.read", "exports.make", "jobs.read")
CHECKER = ("refunds.refund.check", "refunds.refund.read", "ledger.journal.read", "jobs.read")


@pytest.fixture
async def desk(platform, client, channel):
    return await desks.opened(platform, client)


@pytest.fixture
async def maker(desk, staff):
    return await staff(desk, *MAKER, name="经办")


@pytest.fixture
async def checker(desk, staff):
    return await staff(desk, *CHECKER, name="复核")


def key(name: object) -> dict[str, str]:
    return {"idempotency-key": f"refund-{name}-0001"}


async def ask(asking, name: object = "a", **body: object):
    given = {"amount_fen": 1_000, "reason": "退学"} | body
    return await asking.post("/api/v1/refunds", json={n: str(v) if n.endswith("_id") else v for n, v in given.items()}, headers=key(name))


async def agree(checker) -> None:
    for proposal in (await checker.get("/api/v1/approvals")).json()["items"]:
        answer = await checker.post(f"/api/v1/approvals/{proposal['id']}/approve", json={}, headers={"idempotency-key": proposal["id"]})
        assert answer.status_code == 200, answer.text


async def test_a_refund_through_the_api_from_the_request_to_the_money(platform, desk, maker, checker, settle, channel):
    channel.usual = "succeeded"
    await desks.pay(platform, desk, "S1")
    quote = await maker.post("/api/v1/refunds/quote", json={"bill_id": str(desk.bills["S1"]), "amount_fen": 1_000, "reason": "x"})
    assert (quote.status_code, quote.json()["free_fen"], quote.json()["planned"][0]["way"]) == (200, FULL, "channel")
    made = await ask(maker, bill_id=desk.bills["S1"], lines=[{"line_no": 1, "amount_fen": 1_000}])
    assert (made.status_code, made.json()["status"]) == (201, "requested"), made.text
    assert (await ask(maker, bill_id=desk.bills["S1"], lines=[{"line_no": 1, "amount_fen": 1_000}])).json()["id"] == made.json()["id"]
    await agree(checker)
    await settle(desk)
    refund = (await maker.get(f"/api/v1/refunds/{made.json()['id']}")).json()
    assert (refund["status"], refund["refunded_fen"], refund["items"][0]["state"]) == ("success", 1_000, "success")
    page = (await maker.get("/api/v1/refunds", params={"status": "success"})).json()
    assert (page["refunds"], page["refunded_fen"]) == (1, 1_000)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"amount_fen": 10.5}, 400),
        ({"amount_fen": "100"}, 400),
        ({"amount_fen": -5}, 400),
        ({"amount_fen": 0}, 400),
        ({"amount_fen": FULL + 1}, 409),
        ({"amount_fen": 10**15}, 409),
        ({"reason": " "}, 422),
        ({"reason": "x" * 201}, 422),
        ({"version": 99}, 409),
        ({"lines": [{"line_no": 7, "amount_fen": 1_000}]}, 422),
        ({"lines": [{"line_no": 1, "amount_fen": 999}]}, 422),
        ({"split": "fifo"}, 400),
        ({"surprise": 1}, 400),
        ({"bill_id": "00000000-0000-0000-0000-000000000000"}, 404),
    ],
)
async def test_what_cannot_be_is_refused(platform, desk, maker, body, status):
    await desks.pay(platform, desk, "S1")
    answer = await ask(maker, **({"bill_id": desk.bills["S1"]} | body))
    assert answer.status_code in ({400, 422} if status == 400 else {status}), answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert (await maker.get("/api/v1/refunds")).json()["refunds"] == 0


async def test_two_sources_or_none_are_refused(platform, desk, maker):
    await desks.pay(platform, desk, "S1")
    assert (await ask(maker)).status_code == 422
    assert (await ask(maker, "b", bill_id=desk.bills["S1"], party_id=desk.people["S1"])).status_code == 422


async def test_another_clients_bill_and_refund_do_not_exist(platform, desk, maker, checker, client, staff):
    await desks.pay(platform, desk, "S1")
    made = await ask(maker, bill_id=desk.bills["S1"])
    other = await staff(await client(plugins=()), *MAKER, name="外人")
    assert (await ask(other, bill_id=desk.bills["S1"])).status_code == 404
    for path in (f"/api/v1/refunds/{made.json()['id']}", f"/console/refunds/{made.json()['id']}"):
        assert (await other.get(path)).status_code == 404
    assert (await other.post(f"/api/v1/refunds/{made.json()['id']}/stop", json={"reason": "x"})).status_code == 404


async def test_outside_ones_own_units_a_bill_is_not_found(platform, desk, staff):
    await desks.pay(platform, desk, "S4")
    east = await staff(desk, *MAKER, org_id=desk.units["东区"], name="东区财务")
    assert (await ask(east, bill_id=desk.bills["S4"])).status_code == 404
    await desks.pay(platform, desk, "S1")
    assert (await ask(east, "b", bill_id=desk.bills["S1"])).status_code == 201


async def test_without_the_right_nothing_is_asked_and_the_requester_cannot_agree(platform, desk, staff, maker):
    await desks.pay(platform, desk, "S1")
    reader = await staff(desk, "refunds.refund.read")
    assert (await ask(reader, bill_id=desk.bills["S1"])).status_code == 403
    both = await staff(desk, *MAKER, *CHECKER, name="一人两权")
    assert (await ask(both, bill_id=desk.bills["S1"])).status_code == 201
    proposal = (await both.get("/api/v1/approvals", params={"tab": "mine"})).json()["items"][0]
    answer = await both.post(f"/api/v1/approvals/{proposal['id']}/approve", json={}, headers={"idempotency-key": "self-agree-1"})
    assert (answer.status_code, answer.json()["code"]) == (409, "SELF_APPROVAL")


async def test_a_refused_and_a_withdrawn_request_end(platform, desk, maker, checker):
    await desks.pay(platform, desk, "S1")
    first, second = await ask(maker, 1, bill_id=desk.bills["S1"]), await ask(maker, 2, bill_id=desk.bills["S1"])
    proposals = (await maker.get("/api/v1/approvals", params={"tab": "mine"})).json()["items"]
    of = {proposal["subject_id"]: proposal["id"] for proposal in proposals}
    await checker.post(f"/api/v1/approvals/{of[first.json()['id']]}/reject", json={"remark": "材料不全"})
    await maker.post(f"/api/v1/approvals/{of[second.json()['id']]}/withdraw")
    states = [(await maker.get(f"/api/v1/refunds/{made.json()['id']}")).json()["status"] for made in (first, second)]
    assert states == ["rejected", "cancelled"]


async def test_a_hundred_programs_at_once_are_promised_no_more_than_was_paid(platform, desk, maker, settle, channel):
    channel.usual = "succeeded"
    await desks.pay(platform, desk, "S1")
    profile = await platform.directory.profile(desk.id)
    platform.directory._known[desk.id] = (float("inf"), _with(profile, refund_auto_limit_fen=10**9))
    try:
        answers = await asyncio.gather(*(ask(maker, n, bill_id=desk.bills["S1"], amount_fen=2_000 + n) for n in range(100)))
        await settle(desk)
    finally:
        platform.directory.forget(desk.id)
    assert {answer.status_code for answer in answers} <= {201, 409}
    promised = sum(answer.json()["amount_fen"] for answer in answers if answer.status_code == 201)
    assert promised == sum(channel.moved.values()) <= FULL
    assert FULL - promised < 2_000 + 99, "as much as fits"
    refunds = (await maker.get("/api/v1/refunds", params={"status": "success"})).json()
    assert refunds["refunded_fen"] == promised


def _with(profile: ClientProfile, **settings: object) -> ClientProfile:
    return msgspec.structs.replace(profile, settings=profile.settings | settings)


def csrf_of(page: str) -> str:
    return re.search(r'name="_csrf_token" value="([^"]*)"', page)[1]


async def test_the_console_asks_shows_and_follows(platform, desk, maker, checker, settle, channel):
    channel.usual = "succeeded"
    await desks.pay(platform, desk, "S1")
    form = await maker.get("/console/refunds/new", params={"bill": str(desk.bills["S1"]), "effective_on": "2026-10-01"})
    assert form.status_code == 200, form.text
    assert "950.00" in form.text
    version = re.search(r'name="version" value="(\d+)"', form.text)[1]
    typed = {"bill": str(desk.bills["S1"]), "version": version, "line_1": "100.00", "why": "退学", "reason": "", "split": "lifo"}
    bad = await maker.post("/console/refunds/new", data={**typed, "line_1": "1.001"})
    assert bad.status_code == 422
    assert "1.001" in bad.text
    much = await maker.post("/console/refunds/new", data={**typed, "line_1": "950.01"})
    assert (much.status_code, "最多可退 950.00 元" in much.text) == (422, True)
    made = await maker.post("/console/refunds/new", data=typed)
    assert made.status_code == 303, made.text
    assert "待复核" in (await maker.get(made.headers["location"])).text
    approvals = (await checker.get("/api/v1/approvals")).json()["items"]
    shown = await checker.get(f"/console/approvals/{approvals[0]['id']}")
    assert "100.00" in shown.text
    await agree(checker)
    await settle(desk)
    page = await checker.get(made.headers["location"])
    assert "已到账" in page.text
    assert "冲正" not in page.text
    listed = await maker.get("/console/refunds")
    assert "100.00" in listed.text
    stale = await maker.post("/console/refunds/new", data=typed)
    assert stale.status_code == 409, "the bill has changed since the form was drawn"


async def test_what_the_channel_no_longer_takes_back_is_transferred_by_hand(platform, desk, maker, checker, settle, channel):
    await desks.pay(platform, desk, "S1")
    channel.refund_rules = msgspec.structs.replace(channel.refund_rules, most=0)
    made = (await ask(maker, bill_id=desk.bills["S1"])).json()
    await agree(checker)
    await settle(desk)
    page = await maker.get(f"/console/refunds/{made['id']}")
    assert "人工汇款" in page.text
    [item] = (await maker.get(f"/api/v1/refunds/{made['id']}")).json()["items"]
    account = {"holder": "王大明", "account": "6222 0212 3456 7890 123", "bank": "榕城银行东街支行", "evidence": "与付款人电话核对，户名一致"}
    assert (await maker.post(f"/console/refund-items/{item['id']}/transfer", data=account)).status_code == 303
    async with platform.database.tenant(desk.id) as session:
        kept = await session.scalar(text("SELECT proposal::text FROM core.approval WHERE kind = 'refunds.transfer'"))
        trail = await session.scalar(text("SELECT string_agg(after::text, ' ') FROM core.audit_log"))
    assert "6222021234567890123" not in kept + trail
    await agree(checker)
    page = await maker.get(f"/console/refunds/{made['id']}")
    assert "银行流水号" in page.text
    lost = await maker.post(f"/console/refund-items/{item['id']}/finish", data={"bank_reference": ""})
    assert lost.status_code == 422
    done = await maker.post(f"/api/v1/refund-items/{item['id']}/finish", json={"bank_reference": "BK20261122001"})
    assert (done.status_code, done.json()["status"], done.json()["refunded_fen"]) == (200, "success", 1_000)
    assert channel.seen == {}
    journal = (await checker.get(f"/console/refunds/{made['id']}")).text
    assert "A.BANK.CLEARING" in journal


@pytest.mark.parametrize(("wrong", "status"), [
    ({"effective_on": "0001-01-01"}, 422), ({"effective_on": "9999-12-31"}, 422),
    ({"amount_fen": 10**19}, 422), ({"amount_fen": 1_000.0}, 422), ({"payment_id": "b75b52b5-c2ba-4ef0-b3f0-ecc63ea6cefc"}, 404),
])  # fmt: skip
async def test_amounts_that_cannot_be_and_payments_of_nobody_are_refused(platform, desk, maker, channel, wrong, status):
    await desks.pay(platform, desk, "S1")
    assert (await ask(maker, bill_id=desk.bills["S1"], **wrong)).status_code == status


@pytest.mark.parametrize("door", ["api", "page"])
async def test_what_the_channel_has_moved_after_all_cannot_be_stopped(platform, desk, maker, checker, settle, channel, door):
    """It said failed, then its own people sent the money: giving it up would let the same money be asked for again."""
    channel.usual = "failed"
    await desks.pay(platform, desk, "S1")
    made = (await ask(maker, bill_id=desk.bills["S1"])).json()["id"]
    await agree(checker)
    await settle(desk)
    item = (await maker.get(f"/api/v1/refunds/{made}")).json()["items"][0]
    assert item["state"] == "failed"
    channel.answers[item["number"]] = "succeeded"
    if door == "api":
        answer = await maker.post(f"/api/v1/refunds/{made}/stop", json={"reason": "算了"})
    else:
        answer = await maker.post(f"/console/refunds/{made}/stop", data={"reason": "算了"})
    assert answer.status_code == 409, answer.text
    refund = (await maker.get(f"/api/v1/refunds/{made}")).json()
    assert (refund["status"], refund["refunded_fen"]) == ("success", 1_000)


async def test_a_day_that_cannot_be_meant_is_told_beside_its_field(platform, desk, maker, channel):
    await desks.pay(platform, desk, "S1")
    wrong = {"bill": str(desk.bills["S1"]), "effective_on": "0202-10-01"}
    form = await maker.get("/console/refunds/new", params=wrong)
    assert (form.status_code, "2000 年到 2100 年" in form.text) == (200, True)
    refused = await maker.post("/console/refunds/new", data=wrong | {"amount": "10.00", "why": "退学"})
    assert (refused.status_code, "2000 年到 2100 年" in refused.text) == (422, True)
