"""The chain to its end: settlement, payout, the bank's own line; differences in between; a hospital's money that is in no book of ours."""

import pytest

from core.trace.errors import NumberUnknown
from tests.trace.conftest import differ, load, seer, settle_and_pay


def states(trace) -> dict[str, str]:
    return {step.code: step.state for step in trace.steps}


async def test_a_chain_that_is_paid_to_the_merchant_is_complete(lived, platform, traced):
    await settle_and_pay(platform, lived)
    found = (await traced(lived.client.id, lived.payment.order_number)).trace
    assert states(found) == dict.fromkeys(("bills", "payment", "channel", "ledger", "arrival", "settlement", "payout"), "done")
    assert (found.complete, found.ends) == (True, "链路完整：从账单到银行，每一分都对上了。")
    settled = next(step for step in found.steps if step.code == "settlement")
    assert settled.sums == "650.00 = 650.00（TUITION · S26010001）；手续费 3.90 后应结 646.10"
    assert [line.channel_number for line in found.bank_lines] == ["BK20260009", "BK20260001"]


@pytest.mark.parametrize("number", ["S26010001", "po26010001", "BK20260001"])
async def test_batch_payout_and_bank_serial_lead_back_to_the_money(lived, platform, traced, number):
    await settle_and_pay(platform, lived)
    found = (await traced(lived.client.id, number)).trace
    assert [share.number for share in found.settled] == [lived.payment.order_number, lived.refund.items[0].number]
    assert (found.settled_count, [payout.number for payout in found.payouts]) == (2, ["PO26010001"])
    assert states(found) == {"arrival": "done", "settlement": "done", "payout": "done"}


async def test_an_arrivals_serial_shows_the_day_it_paid(lived, platform, traced):
    await settle_and_pay(platform, lived)
    found = (await traced(lived.client.id, "BK20260009")).trace
    assert (found.kind, [arrival.arrived_fen for arrival in found.arrivals]) == ("arrival", [64_610])
    assert [line.amount_fen for line in found.bank_lines] == [64_610]


async def test_what_is_not_paid_out_yet_says_whom_it_waits_for(lived, platform, traced):
    await settle_and_pay(platform, lived, paid=False)
    found = (await traced(lived.client.id, lived.payment.order_number)).trace
    assert found.ends.startswith("链路到“付款到户”为止：结算批次 S26010001：")
    assert states(found)["payout"] == "waiting"


async def test_settlement_is_hidden_from_who_may_not_see_it(lived, platform, traced):
    await settle_and_pay(platform, lived)
    by = seer(lived.client.id, "settlement.batch.read")
    found = (await traced(lived.client.id, lived.payment.order_number, by)).trace
    assert (found.batches, found.payouts, found.arrivals, found.bank_lines) == ([], [], [], [])
    with pytest.raises(NumberUnknown):
        await traced(lived.client.id, "S26010001", by)


async def test_a_difference_stands_in_the_chain_with_its_remedy_and_opens_it(lived, platform, traced):
    code = await differ(platform, lived.client.id, "AM1", lived.payment.order_number, platform_fen=95_000, channel_fen=95_000)
    by_code = (await traced(lived.client.id, code)).trace
    found = (await traced(lived.client.id, lived.payment.order_number)).trace
    assert [item.code for item in found.differences] == [item.code for item in by_code.differences] == [code]
    assert (found.complete, [remedy.made_by for remedy in found.differences[0].remedies]) == (False, ["经办甲"])
    assert [payment.id for payment in by_code.payments] == [lived.payment.id]
    assert ("提交差异处理：追款", "经办甲") in [(event.title, event.by) for event in found.events]


async def test_a_payment_that_waits_for_tomorrows_file_is_no_difference(lived, platform, traced, office):
    payment = await office.payment(await office.pay(office.bills[1], 10_000))
    await differ(platform, lived.client.id, "SH1", payment.order_number, status="expected", amount_fen=10_000)
    found = (await traced(lived.client.id, payment.order_number)).trace
    channel = next(step for step in found.steps if step.code == "channel")
    assert (channel.state, channel.why) == ("waiting", "当日文件里没有这一笔，等次日文件（跨日在途，不算差异）")


async def test_a_hospitals_money_is_followed_through_the_files(client, platform, traced):
    hospital = await client(plugins=())
    line = {"kind": "pay", "number": "260301A00017", "channel_number": "4200001", "amount_fen": 12_345, "channel": "wechatpay"}
    wide = {"channel": "", "merchant_number": ""}
    await load(platform, hospital.id, [line | {"serial": "HIS778"}], source="his", side="business", **wide)
    await load(platform, hospital.id, [line], source="platform", side="platform", **wide)
    await load(platform, hospital.id, [line | {"fee_fen": 74}])
    for number in ("260301A00017", "4200001", "HIS778"):
        found = (await traced(hospital.id, number)).trace
        assert [line.side for line in found.lines] == ["business", "channel", "platform"], number
        assert states(found) == {"payment": "done", "channel": "done"}
    code = await differ(platform, hospital.id, "AM1", "260301A00017", business_fen=12_300, platform_fen=12_345, channel_fen=12_345)
    found = (await traced(hospital.id, code)).trace
    assert ([item.business_fen for item in found.differences], len(found.lines)) == ([12_300], 3)
