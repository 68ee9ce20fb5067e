"""Bills in the API: strict at the door, done once, and the same rules as in the console."""

import pytest

from tests import desk as desks
from tests import trade

MAKER = ("billing.bill.read", "billing.bill.adjust", "billing.item.read", "billing.status.read")
CHECKER = ("billing.bill.read", "billing.bill.check")
KEY = {"idempotency-key": "3f1c9a52-once"}


@pytest.fixture
async def desk(platform, client):
    return await desks.opened(platform, client)


@pytest.fixture
async def maker(desk, staff):
    return await staff(desk, *MAKER)


@pytest.fixture
async def checker(desk, staff):
    return await staff(desk, *CHECKER)


async def test_a_proposal_sent_twice_with_one_key_is_one_proposal(desk, maker, checker):
    path, body = f"/api/v1/bills/{desk.bills['S1']}/void", {"version": 1, "reason": "录错"}
    first, second = await maker.post(path, json=body, headers=KEY), await maker.post(path, json=body, headers=KEY)
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    other = await maker.post(path, json=body | {"reason": "换个理由"}, headers=KEY)
    assert other.status_code == 409
    assert other.json()["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert len((await checker.get("/api/v1/approvals")).json()["items"]) == 1


async def test_a_proposal_without_a_key_is_told_to_bring_one(desk, maker):
    answer = await maker.post(f"/api/v1/bills/{desk.bills['S1']}/void", json={"version": 1, "reason": "录错"})
    assert answer.status_code == 422
    assert answer.json()["code"] == "IDEMPOTENCY_KEY_MISSING"
    assert answer.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize(
    "body",
    [
        {"version": 1, "reason": "x", "surprise": True},
        {"version": "1", "reason": "x"},
        {"version": 1.5, "reason": "x"},
        {"reason": "x"},
        [],
        "text",
    ],
)
async def test_unknown_fields_and_wrong_types_are_refused(desk, maker, body):
    answer = await maker.post(f"/api/v1/bills/{desk.bills['S1']}/void", json=body, headers=KEY)
    assert answer.status_code in (400, 422)
    assert "code" in answer.json()


@pytest.mark.parametrize("fen", [-1, 100_001, 2**63, 2**200, 950.0, "95000", None, True])
async def test_amounts_are_whole_fen_within_the_price(desk, maker, fen):
    body = {"version": 1, "reason": "调整", "changes": [{"line_no": 1, "net_fen": fen}]}
    answer = await maker.post(f"/api/v1/bills/{desk.bills['S1']}/adjust", json=body, headers=KEY)
    assert answer.status_code in (400, 422), answer.text


async def test_a_line_is_adjusted_once_and_must_exist(desk, maker):
    path = f"/api/v1/bills/{desk.bills['S1']}/adjust"
    twice = [{"line_no": 1, "net_fen": 1}, {"line_no": 1, "net_fen": 2}]
    for changes in (twice, [{"line_no": 77, "net_fen": 1}]):
        answer = await maker.post(path, json={"version": 1, "reason": "调整", "changes": changes}, headers=KEY)
        assert answer.status_code == 422
        assert answer.json()["code"] == "BAD_ADJUSTMENT"
    nothing = await maker.post(path, json={"version": 1, "reason": "调整", "changes": []}, headers=KEY)
    assert nothing.status_code == 409


@pytest.mark.parametrize("fen", [0, -100, 95_001, 10**18])
async def test_a_move_takes_no_more_than_was_paid(desk, maker, platform, fen):
    await desks.pay(platform, desk, "S1")
    version = await desks.version_of(platform, desk, "S1")
    body = {"version": version, "reason": "转移", "target_bill_id": str(desk.bills["S2"]), "amount_fen": fen}
    answer = await maker.post(f"/api/v1/bills/{desk.bills['S1']}/move", json=body, headers=KEY)
    assert answer.status_code == 409
    assert answer.json()["code"] == "MOVE_NOT_POSSIBLE"


async def test_a_stale_version_is_a_conflict(desk, maker):
    answer = await maker.post(f"/api/v1/bills/{desk.bills['S1']}/void", json={"version": 9, "reason": "旧"}, headers=KEY)
    assert answer.status_code == 409
    assert answer.json()["code"] == "STALE_FORM"


async def test_a_bill_in_full_adds_up(desk, maker, staff, platform):
    await desks.pay(platform, desk, "S1", 30_000)
    reader = await staff(desk, "billing.bill.read", "ledger.journal.read")
    found = (await reader.get(f"/api/v1/bills/{desk.bills['S1']}")).json()
    assert sum(m["amount_fen"] for m in found["movements"]) == found["bill"]["paid_fen"] == 30_000
    assert found["bill"]["party_name"] == "王**"
    for journal in found["journals"]:
        assert sum(e["debit_fen"] for e in journal["entries"]) == sum(e["credit_fen"] for e in journal["entries"])
    assert (await maker.get(f"/api/v1/bills/{desk.bills['S1']}")).json()["journals"] == []


async def test_somebody_elses_bill_is_not_found_whatever_one_wants_of_it(desk, staff, client, platform):
    other = await desks.opened(platform, client)
    stranger = await staff(other, *MAKER)
    path = f"/api/v1/bills/{desk.bills['S1']}"
    assert (await stranger.get(path)).status_code == 404
    for verb, body in {
        "void": {"version": 1, "reason": "x"},
        "write-off": {"version": 1, "reason": "x"},
        "adjust": {"version": 1, "reason": "x", "changes": [{"line_no": 1, "net_fen": 1}]},
        "move": {"version": 1, "reason": "x", "target_bill_id": str(other.bills["S1"]), "amount_fen": 1},
        "use-credit": {"version": 1},
        "choose": {"version": 1, "line_nos": []},
    }.items():
        answer = await stranger.post(f"{path}/{verb}", json=body, headers={"idempotency-key": f"key-for-{verb}"})
        assert answer.status_code == 404, verb
    body = {"version": 1, "reason": "x", "target_bill_id": str(desk.bills["S2"]), "amount_fen": 1}
    mine = await stranger.post(f"/api/v1/bills/{other.bills['S1']}/move", json=body, headers=KEY)
    assert mine.status_code == 404


async def test_credit_is_used_once_however_often_it_is_asked(desk, maker, checker, platform):
    await desks.pay(platform, desk, "S1")
    version = await desks.version_of(platform, desk, "S1")
    body = {"version": version, "reason": "减免", "changes": [{"line_no": 1, "net_fen": 90_000}]}
    approval = (await maker.post(f"/api/v1/bills/{desk.bills['S1']}/adjust", json=body, headers=KEY)).json()["approval_id"]
    agreed = await checker.post(f"/api/v1/approvals/{approval}/approve", json={"remark": ""}, headers=KEY)
    assert agreed.status_code == 200, agreed.text
    path = f"/api/v1/bills/{desk.bills['S2']}/use-credit"
    answers = [await maker.post(path, json={"version": 1}, headers=KEY) for _ in range(2)]
    assert [a.json() for a in answers] == [{"used_fen": 5_000}] * 2
    assert (await maker.get(f"/api/v1/bills/{desk.bills['S2']}")).json()["bill"]["paid_fen"] == 5_000
    assert await trade.faults(platform, desk.id) == {}


async def test_fee_items_and_payment_states_are_listed(desk, maker, staff):
    items = (await maker.get("/api/v1/fee-items")).json()["items"]
    assert {item["code"] for item in items} == {"TUITION", "MEAL"}
    states = (await maker.get("/api/v1/payment-states", params={"standing": "all"})).json()
    assert {frozenset(row) for row in states["items"]} == {frozenset({"id", "name", "org", "state"})}
    assert states["counts"] == {"unpaid": 4}
    assert (await maker.get("/api/v1/payment-states", params={"standing": "rich"})).status_code == 422
