"""The ticket platforms of the sandbox refuse what real ones refuse; what they say is not believed when it cannot be."""

import hashlib
import hmac
import secrets
import time

import httpx
import msgspec
import pytest

from core import clock
from core.receipts import issuers
from core.receipts.errors import IssuerSilent
from core.receipts.issuer_wire import call, signature
from core.receipts.issuers import EInvoice, Fiscal, Item, Ticket, Unit, tax_within
from tests.receipts.issuing import Outside


def signed(unit: dict, method: str, path: str, body: bytes, **changed: str) -> dict[str, str]:
    """Headers made by the book: HMAC-SHA256 over five lines, by hand and not by our client."""
    stamp, nonce = changed.get("stamp", str(int(time.time()))), changed.get("nonce", secrets.token_hex(16))
    told = "\n".join([method, path, stamp, nonce, hashlib.sha256(body).hexdigest()])
    proof = hmac.new(changed.get("secret", unit["secret"]).encode(), told.encode(), hashlib.sha256).hexdigest()
    return {
        "x-app-id": changed.get("app_id", unit["app_id"]), "x-timestamp": stamp, "x-nonce": nonce, "x-signature": changed.get("proof", proof),
        "content-type": "application/json",
    }  # fmt: skip


@pytest.fixture
async def outside(outside_world):
    made = Outside(outside_world)
    yield made
    await made.http.aclose()


@pytest.fixture
async def fiscal(outside):
    return await outside.register("fiscal")


@pytest.fixture
async def einvoice(outside):
    return await outside.register("einvoice")


@pytest.fixture
async def client():
    async with httpx.AsyncClient(trust_env=False) as made:
        yield made


def unit_of(given: dict) -> Unit:
    return Unit(
        base_url=given["base_url"], app_id=given["app_id"], secret=given["secret"], name=given["name"], code=given["unit_code"],
        tax_rates={"MEAL": "6"},
    )  # fmt: skip


def ticket(number: str, fen: int = 95_000, **given: object) -> Ticket:
    item = Item(code="MEAL", name="餐费", quantity="1", unit_price_fen=fen, amount_fen=fen)
    fields = {"number": number, "amount_fen": fen, "payer": "张小明", "remark": "秋季", "items": [item], "channel": "微信支付",
              "payment_number": "P1", "paid_at": clock.now()}  # fmt: skip
    return Ticket(**fields | given)


@pytest.mark.parametrize("changed", [
    {"secret": "another"}, {"proof": "0" * 64}, {"stamp": "1"}, {"stamp": "x"}, {"nonce": "short"}, {"app_id": "nobody"}, {"app_id": ""},
])  # fmt: skip
async def test_a_request_that_is_not_proved_is_refused(outside, fiscal, changed):
    body = msgspec.json.encode({"busNo": "R1"})
    answer = await outside.http.post("/fiscal/v1/tickets", content=body, headers=signed(fiscal, "POST", "/fiscal/v1/tickets", body, **changed))
    assert answer.status_code == 401


async def test_a_changed_body_or_path_is_refused(outside, fiscal):
    body = msgspec.json.encode({"busNo": "R1"})
    headers = signed(fiscal, "POST", "/fiscal/v1/tickets", body)
    assert (await outside.http.post("/fiscal/v1/tickets", content=body + b" ", headers=headers)).status_code == 401
    assert (await outside.http.post("/einvoice/v1/tickets", content=body, headers=headers)).status_code == 401


async def test_one_number_is_one_ticket_however_often_it_is_asked_for(client, outside, fiscal):
    issuer, unit = Fiscal(client), unit_of(fiscal)
    asked = ticket("R202600000002")
    one, two = await issuer.issue(unit, asked), await issuer.issue(unit, asked)
    assert one == two == await issuer.query(unit, asked)
    with pytest.raises(IssuerSilent):
        await issuer.issue(unit, ticket("R202600000002", fen=1))


async def test_a_number_never_sent_is_absent(client, fiscal):
    assert (await Fiscal(client).query(unit_of(fiscal), ticket("R202600000009"))).state == "absent"


@pytest.mark.parametrize("wrong", [
    {"amount_fen": 94_999}, {"payer": " "}, {"items": []},
])  # fmt: skip
async def test_what_does_not_add_up_is_refused(client, fiscal, wrong):
    state = await Fiscal(client).issue(unit_of(fiscal), ticket("R202600000003", **wrong))
    assert state.state == "refused"
    assert state.message


async def test_an_invoice_splits_the_tax_by_line_and_wrong_tax_is_refused(client, einvoice, monkeypatch):
    unit = unit_of(einvoice)
    state = await EInvoice(client).issue(unit, ticket("R202600000004", fen=10_600))
    assert (state.state, state.facts.tax_fen) == ("issued", 600)
    monkeypatch.setattr(issuers, "tax_within", lambda fen, rate: tax_within(fen, rate) + 1)
    assert (await EInvoice(client).issue(unit, ticket("R202600000005", fen=10_600))).state == "refused"


@pytest.mark.parametrize(("fen", "rate", "tax"), [(10_600, "6", 600), (100, "6", 6), (30_000, "6", 1_698), (11_300, "13", 1_300), (9, "0", 0)])
def test_tax_within_an_amount_is_rounded_half_up(fen, rate, tax):
    assert tax_within(fen, rate) == tax


async def test_a_ticket_is_taken_back_once_and_whole(client, outside, fiscal):
    issuer, unit = Fiscal(client), unit_of(fiscal)
    await issuer.issue(unit, ticket("R202600000006"))
    red = ticket("R202600000007", amount_fen=-95_000, takes_back="R202600000006", reason="退费")
    assert (await issuer.red_flush(unit, ticket("R2026", amount_fen=-1, takes_back="R202600000006"))).state == "refused"
    one, two = await issuer.red_flush(unit, red), await issuer.red_flush(unit, red)
    assert one == two
    assert one.state == "issued"
    other = ticket("R202600000008", amount_fen=-95_000, takes_back="R202600000006", reason="退费")
    assert (await issuer.red_flush(unit, other)).state == "refused"
    assert (await outside.ticket(fiscal, "R202600000006"))["flushed"] is True


async def test_anybody_checks_a_ticket_on_the_platforms_page(client, outside, fiscal):
    issuer, unit = Fiscal(client), unit_of(fiscal)
    facts = (await issuer.issue(unit, ticket("R202600000001"))).facts
    given = {"number": facts.number, "check_code": facts.check_code}
    good = (await outside.http.get("/fiscal/verify", params=given | {"code": facts.code, "amount": "950.00", "day": facts.issued_on})).text
    assert "票据真实有效" in good
    for wrong, told in (({"amount": "950.01"}, "金额不符"), ({"code": "1"}, "代码不符"), ({"day": "2000-01-01"}, "日期不符")):
        assert told in (await outside.http.get("/fiscal/verify", params=given | wrong)).text
    assert "没有查到" in (await outside.http.get("/fiscal/verify", params=given | {"check_code": "000000"})).text
    await issuer.red_flush(unit, ticket("R202600000002", amount_fen=-95_000, takes_back="R202600000001", reason="退费"))
    assert "票据已红冲" in (await outside.http.get("/fiscal/verify", params=given)).text


def answering(status: int, content: dict, secret: str = "k", **changed: object):
    """A platform that answers just this, signed with a secret."""

    def reply(request: httpx.Request) -> httpx.Response:
        body, stamp = msgspec.json.encode(content), str(changed.get("stamp", int(time.time())))
        nonce = changed.get("nonce", request.headers["x-nonce"])
        headers = {"x-timestamp": stamp, "x-signature": signature(secret, str(status), stamp, nonce, body)}
        return httpx.Response(status, content=body, headers={} if changed.get("bare") else headers)

    return httpx.AsyncClient(transport=httpx.MockTransport(reply))


@pytest.mark.parametrize("changed", [{"secret": "other"}, {"bare": True}, {"stamp": 1}, {"stamp": "x"}, {"nonce": "0" * 32}])
async def test_an_answer_that_is_not_proved_is_no_answer(changed):
    async with answering(200, {"state": "issued"}, **changed) as platform:
        with pytest.raises(IssuerSilent):
            await call(platform, "https://tickets.example/v1", "app", "k", "GET", "/tickets/R1")


@pytest.mark.parametrize("wrong", [{"busNo": "R2"}, {"totalAmt": "950.01"}, {"totalAmt": None}])
async def test_an_answer_about_another_ticket_or_sum_is_no_answer(wrong):
    content = {"state": "issued", "busNo": "R1", "totalAmt": "950.00"} | wrong
    unit = Unit(base_url="https://tickets.example", app_id="a", secret="k", name="n")
    async with answering(200, content) as platform:
        with pytest.raises(IssuerSilent):
            await Fiscal(platform).query(unit, ticket("R1"))


@pytest.mark.parametrize("missing", ["billNo", "random", "unitSeal"])
async def test_an_issued_ticket_without_its_facts_is_no_answer(missing):
    whole = {
        "state": "issued", "busNo": "R1", "totalAmt": "950.00", "billName": "a", "billBatchCode": "b", "billNo": "c", "random": "d",
        "unit": "e", "author": "f", "ivcDate": "g", "pictureUrl": "h", "unitSeal": "i", "supervisionSeal": "j",
    }  # fmt: skip
    unit = Unit(base_url="https://tickets.example", app_id="a", secret="k", name="n")
    async with answering(200, whole) as platform:
        assert (await Fiscal(platform).query(unit, ticket("R1"))).facts.number == "c"
    for broken in ({name: value for name, value in whole.items() if name != missing}, whole | {missing: 5}):
        async with answering(200, broken) as platform:
            with pytest.raises(IssuerSilent):
                await Fiscal(platform).query(unit, ticket("R1"))
    async with answering(200, whole | {"pictureUrl": "javascript:alert(1)"}) as platform:
        assert (await Fiscal(platform).query(unit, ticket("R1"))).facts.url == ""


async def test_what_a_plugin_says_of_a_bill_goes_to_the_platform(client, outside, fiscal, einvoice):
    extras = [("医保统筹支付", "291.84"), ("科室", "内科门诊")]
    asked = ticket("R202600000011", extras=extras)
    assert (await Fiscal(client).issue(unit_of(fiscal), asked)).state in ("issued", "pending")
    kept = (await outside.ticket(fiscal, asked.number))["asked"]
    assert [(info["infoNo"], info["infoName"], info["infoValue"]) for info in kept["otherInfo"]] == [(1, *extras[0]), (2, *extras[1])]
    assert (await EInvoice(client).issue(unit_of(einvoice), asked)).state in ("issued", "pending")
    kept = (await outside.ticket(einvoice, asked.number))["asked"]
    assert [(each["name"], each["value"]) for each in kept["additionalElements"]] == extras


async def test_a_ticket_without_such_facts_is_sent_as_ever(client, outside, fiscal):
    asked = ticket("R202600000012")
    await Fiscal(client).issue(unit_of(fiscal), asked)
    assert "otherInfo" not in (await outside.ticket(fiscal, asked.number))["asked"]
