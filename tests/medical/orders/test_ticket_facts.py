"""What a medical ticket shows besides core's own facts: who bore what, the visit, the department; never what was treated."""

import msgspec
import pytest
from sqlalchemy import text

from core.payments import service as payments
from core.receipts import service as receipts
from plugins.medical.orders import ticket_facts, ticket_repository
from tests import trade
from tests.medical.inpatients import stays
from tests.medical.orders.places import ITEMS, M1, SECRETS, place, rows
from tests.receipts import issuing
from tests.receipts.issuing import Outside

M1_TOLD = msgspec.structs.replace(M1, psn_part_amt=19_456, fulamt_ownpay_amt=2_000)
"""M1 with what the patient bears in all (account and cash), 20.00 of it outside the catalogue."""


@pytest.fixture
async def unit(platform, hospital, outside_world):
    """Outpatient bills are on fiscal tickets at the sandbox's platform."""
    outside = Outside(outside_world)
    made = await outside.register("fiscal")
    await issuing.opened(platform, hospital, made, ["medical.outpatient", "medical.deposit"])
    yield outside, made
    await outside.http.aclose()


async def paid(platform, hospital, settle, *orders) -> list:
    """The money of some orders arrives; answers the tickets of each."""
    for order in orders:
        number = await trade.order(platform, hospital.trade, [(order.bill_id, order.cash_fen)])
        await payments.settle(platform, hospital.id, hospital.trade.account, trade.success(number, order.cash_fen))
    await settle(hospital)
    async with platform.database.tenant(hospital.id) as session:
        return [await receipts.receipts_of(session, [order.bill_id]) for order in orders]


async def facts(platform, hospital, *orders) -> list[dict[str, str]]:
    """What the plugin says of some orders' bills now."""
    async with platform.database.tenant(hospital.id) as session:
        found = await ticket_facts.propose(session, [order.bill_id for order in orders])
    return [dict(found.get(order.bill_id, ())) for order in orders]


async def test_a_fiscal_ticket_names_who_bore_what_and_the_platform_keeps_it(platform, hospital, settle, unit):
    outside, at = unit
    order = await place(platform, hospital, insurance=M1_TOLD)
    [[ticket]] = await paid(platform, hospital, settle, order)
    expected = [
        ("医保统筹支付", "291.84"), ("个人账户支付", "120.00"), ("个人现金支付", "74.56"), ("个人自付", "174.56"), ("个人自费", "20.00"),
        ("病历号", "P0001"), ("科室", "内科门诊"), ("业务流水号", "HB1"),
    ]  # fmt: skip
    assert (ticket.ticket, ticket.status, ticket.content.extras) == ("fiscal", "issued", expected)
    kept = (await outside.ticket(at, ticket.number))["asked"]
    assert [(info["infoName"], info["infoValue"]) for info in kept["otherInfo"]] == expected
    assert all(secret not in str(kept) for secret in SECRETS)


async def test_who_pays_alone_owes_nothing_to_the_fund_and_what_is_not_told_is_not_guessed(platform, hospital, settle):
    own = await place(platform, hospital, his_bill_no="HB2", insurance=None, total_fen=48_640, items=ITEMS)
    bare = await place(platform, hospital, his_bill_no="HB3", insurance=msgspec.structs.replace(M1, setl_id="SETL3"))
    [[first], [second]] = await paid(platform, hospital, settle, own, bare)
    assert first.content.extras[:3] == [("医保统筹支付", "0.00"), ("个人账户支付", "0.00"), ("个人现金支付", "486.40")]
    assert not {"个人自付", "个人自费"} & {label for label, _value in (*first.content.extras, *second.content.extras)}


async def test_tickets_numbered_together_are_asked_about_once(platform, hospital, settle, monkeypatch):
    asked, plain = [], ticket_repository.list_of_bills

    async def counted(session, bill_ids):
        asked.append(len(bill_ids))
        return await plain(session, bill_ids)

    monkeypatch.setattr(ticket_repository, "list_of_bills", counted)
    given = [{"his_bill_no": f"HB{n}", "insurance": msgspec.structs.replace(M1, setl_id=f"SETL{n}")} for n in range(3)]
    orders = [await place(platform, hospital, **each) for each in given]
    await paid(platform, hospital, settle, *orders)
    assert sum(asked) == 3
    assert len(asked) == 1


async def test_a_settlement_taken_back_is_on_no_ticket_issued_again(platform, hospital, settle):
    order = await place(platform, hospital, insurance=M1_TOLD)
    await paid(platform, hospital, settle, order)
    [before] = await facts(platform, hospital, order)
    assert before["医保统筹支付"] == "291.84"
    async with platform.database.tenant(hospital.id) as session:
        await session.execute(text("UPDATE medical.insurance_settlement SET status = 'reversing'"))
    assert await facts(platform, hospital, order) == [{"病历号": "P0001", "科室": "内科门诊", "业务流水号": "HB1"}]


async def test_a_ticket_for_the_rest_says_nothing_of_the_whole(platform, hospital, settle):
    order = await place(platform, hospital, insurance=None, items=ITEMS)
    [[blue]] = await paid(platform, hospital, settle, order)
    async with platform.database.tenant(hospital.id) as session:
        await receipts.red_flush(session, blue.payment_id, blue.bill_id, 10_000, "退费", hospital.maker, "RF1")
    await settle(hospital)
    async with platform.database.tenant(hospital.id) as session:
        found = await receipts.receipts_of(session, [order.bill_id])
    rest = next(each for each in found if each.stands)
    red = next(each for each in found if each.kind == "red")
    assert (rest.amount_fen, [label for label, _ in rest.content.extras]) == (38_640, ["病历号", "科室", "业务流水号"])
    assert red.content.extras == blue.content.extras, "a red ticket says what the blue one said"


async def test_a_deposit_names_the_stay_and_the_discharge_what_the_stay_came_to(platform, hospital, settle):
    ward = stays.Ward(platform, hospital, None, settle)
    await ward.admit()
    deposit = await ward.deposit(3_000_00)
    await ward.leave()
    asked = await ward.settle(stays.M2)
    [due] = await rows(platform, hospital, "SELECT number, bill_id, cash_fen FROM medical.med_order WHERE kind = 'discharge'")
    assert (asked.status, due.cash_fen) == ("collecting", 1_516_41)
    await ward.pay(due)
    async with platform.database.tenant(hospital.id) as session:
        found = {each.bill_id: dict(each.content.extras) for each in await receipts.receipts_of(session, [deposit.bill_id, due.bill_id])}
    assert list(found[deposit.bill_id]) == ["病历号", "住院号", "科室", "业务流水号"]
    assert found[deposit.bill_id]["住院号"] == stays.VISIT
    told = found[due.bill_id]
    assert [told[label] for label in ("医保统筹支付", "个人账户支付", "个人现金支付", "个人自付", "个人自费")] == [
        "13126.34", "1000.00", "4516.41", "3956.41", "1560.00",
    ]  # fmt: skip
    assert told["住院号"] == stays.VISIT


async def test_the_page_of_the_receipt_shows_it_and_the_public_one_does_not(platform, hospital, settle, staff, web):
    order = await place(platform, hospital, insurance=M1_TOLD)
    [[ticket]] = await paid(platform, hospital, settle, order)
    clerk = await staff(hospital, "receipts.receipt.read")
    page = (await clerk.get(f"/console/receipts/{ticket.id}")).text
    assert "医保统筹支付" in page and "291.84" in page
    public = await web.get(f"/verify/{hospital.client.code}/{ticket.number}", params={"code": ticket.verify_code})
    assert public.status_code == 200
    assert "291.84" not in public.text
