"""A lost post-back is found by the day's reconciliation, posted again by two people's word, and HIS has it; and what HIS must not be asked."""

import datetime as dt
import io

import pytest
from sqlalchemy import text

from core import clock
from core.events import RepostAsked
from core.ids import uuid7
from core.payments.service import settle
from core.reconciliation.remedies import service as remedies
from core.reconciliation.remedies.service import RemedyAsk
from core.reconciliation.runs import service as runs
from core.statements import receiving
from plugins.medical.his import client, reposting, service
from tests import trade
from tests.reconciliation import loading

DAY = clock.today() - dt.timedelta(days=2)
NOON = dt.datetime.combine(DAY, dt.time(12), clock.SHANGHAI)


@pytest.fixture(autouse=True)
def own_number(monkeypatch):
    """The channel's files are those of the hospital's merchant number."""
    monkeypatch.setitem(loading.MERCHANTS, "wechatpay", trade.MCHID)


async def paid_that_day(house, **given: object) -> tuple[object, str]:
    """An order that was paid on the day; answers it and the number the channel knows."""
    made = await house.order(**given)
    number = await trade.order(house.platform, house.hospital.trade, [(made.bill_id, made.cash_fen)])
    await settle(house.platform, house.id, house.hospital.trade.account, trade.success(number, made.cash_fen, paid_at=NOON))
    async with house.tenant() as session:
        asked = text("UPDATE medical.med_order SET status = 'paid', paid_at = :at, post_at = now() WHERE id = :id")
        await session.execute(asked, {"id": made.id, "at": NOON})
    return await house.read(made.number), number


async def the_day(house, numbers: dict[str, int]) -> None:
    """HIS's statement and the channel's for the day, nothing the day after; both days are reconciled."""
    today, day = clock.today().isoformat(), DAY.isoformat()
    content = (await house.statement(clock.today())).decode("utf-8-sig").replace(today, day).encode("utf-8-sig")
    verdict = await receiving.receive(
        house.platform, house.id, source="his", day=DAY, file_name="his.csv", path_or_stream=io.BytesIO(content), by=house.hospital.maker, origin="api"
    )
    assert verdict.verdict == "accept", verdict
    rows = [loading.row("wechatpay", "pay", number, fen, status="SUCCESS", counts=True, happened_at=NOON) for number, fen in numbers.items()]
    after = (DAY + dt.timedelta(days=1)).isoformat()
    async with house.tenant() as session:
        await loading.load(session, "wechatpay-trade", "channel", day, rows, "wechatpay")
        await loading.load(session, "wechatpay-trade", "channel", after, [], "wechatpay")
        await loading.load(session, "his", "business", after, [])
    for on in (DAY, DAY + dt.timedelta(days=1)):
        await runs.run(house.platform, house.id, on, by=house.hospital.maker)


async def difference(house):
    (found,) = await house.rows("SELECT * FROM core.recon_difference WHERE status <> 'auto_resolved'")
    return found


async def reposted(house, difference_id) -> None:
    """Two people's word."""
    async with house.tenant() as session:
        remedy = await remedies.propose(session, {}, difference_id, RemedyAsk(kind="repost", reason="HIS 掉单"), house.hospital.maker)
    await house.agree(remedy)
    await house.hurry(3)


async def test_a_lost_post_back_is_found_and_healed(house):
    there, first = await paid_that_day(house)
    await house.beat()
    lost, second = await paid_that_day(house, patient_no="P0002")
    await house.err(lost.number, "payment_refuse")
    await house.hurry(3)
    assert [(await house.read(each.number)).status for each in (there, lost)] == ["posted", "post_failed"]
    await the_day(house, {first: there.cash_fen, second: lost.cash_fen})
    found = await difference(house)
    assert (found.number, found.status, found.platform_fen, found.business_fen) == (second, "open", lost.cash_fen, None)
    await house.err(lost.number)
    await reposted(house, found.id)
    healed = await difference(house)
    assert (healed.status, healed.resolution) == ("resolved", "repost")
    assert (await house.read(lost.number)).status == "posted"
    assert [(each["state"], each["amount_fen"]) for each in await house.booked(lost.number)] == [("posted", lost.cash_fen)]


async def test_a_repost_that_his_refuses_frees_the_difference_for_a_refund(house):
    lost, number = await paid_that_day(house)
    other, known = await paid_that_day(house)
    await house.err(lost.number, "payment_refuse")
    await house.hurry(3)
    await the_day(house, {number: lost.cash_fen, known: other.cash_fen})
    found = await difference(house)
    await reposted(house, found.id)
    (asked,) = await house.rows("SELECT status, message FROM medical.his_repost")
    assert tuple(asked) == ("refused", "院内规则不允许")
    (remedy,) = await house.rows("SELECT status FROM core.recon_remedy")
    assert (remedy.status, (await difference(house)).status) == ("failed", "confirmed")


async def test_an_amount_that_his_has_wrong_is_corrected(house):
    order, number = await paid_that_day(house)
    await house.beat()
    his = await service.reach(house.platform, house.id)
    assert (await client.correct_payment(his, order.number, 1)).amount_fen == 1
    await the_day(house, {number: order.cash_fen})
    (found,) = await house.rows("SELECT * FROM core.recon_difference WHERE class = 'AM1'")
    await reposted(house, found.id)
    assert [each["amount_fen"] for each in await house.booked(order.number)] == [order.cash_fen]
    (healed,) = await house.rows("SELECT status, resolution FROM core.recon_difference WHERE class = 'AM1'")
    assert tuple(healed) == ("resolved", "repost")


async def asked(house, klass: str, number: str, fen: int, kind: str = "pay"):
    """What a remedy would ask, without one: carried out by hand, answers what would be told."""
    event = RepostAsked(
        remedy_id=uuid7(), klass=klass, kind=kind, channel="wechatpay", number=number, order_number=None, bill_number=None, amount_fen=fen
    )
    async with house.tenant() as session:
        await reposting.keep(session, event)
        await reposting.keep(session, event)
    his = await service.reach(house.platform, house.id)
    async with house.tenant() as session:
        works = await reposting.repository.claim_reposts(session, clock.now(), clock.now(), 9)
    assert len(works) <= 1
    if not works:
        return None
    return await (reposting._take_back if klass == "SH2" else reposting._post if kind == "pay" else reposting._DOERS["refund"])(his, works[0])


async def test_an_amount_that_is_not_ours_is_never_posted(house):
    order, number = await paid_that_day(house)
    told = await asked(house, "LG2", number, order.cash_fen + 1)
    assert (told.accepted, told.message) == (False, reposting.NOT_OURS)
    assert await house.booked(order.number) == []


async def test_what_nobody_paid_is_taken_back_at_his_and_what_was_paid_is_not(house):
    await house.outside.post(f"/sandbox/api/his/hospitals/{house.app_id}/bookings", json={"number": "P9999", "amount_fen": 7_500})
    told = await asked(house, "SH2", "P9999", 7_500)
    assert (told.accepted, (await house.booked("P9999"))[0]["state"]) == (True, "cancelled")
    order = await house.posted()
    told = await asked(house, "SH2", order.number, order.cash_fen)
    assert (told.accepted, (await house.booked(order.number))[0]["state"]) == (False, "posted")


async def test_what_is_no_medical_order_stays_for_his_to_ask(house):
    assert await asked(house, "LG2", "P260302NOBODYKNOWS", 100) is None


@pytest.mark.parametrize("fault", ["query_error", "query_tamper"])
async def test_an_answer_that_is_not_known_is_asked_for_again(house, fault):
    order, number = await paid_that_day(house)
    await house.err(order.number, fault)
    told = await asked(house, "LG2", number, order.cash_fen)
    assert told.accepted is None


async def test_a_refund_that_his_missed_is_told_again(house):
    from plugins.medical.returns import service as returns
    from plugins.medical.returns.schemas import ReturnAsk

    order = await house.posted(insured=False)
    await house.err("R77", "refund_refuse")
    async with house.tenant() as session:
        ask = ReturnAsk(his_refund_no="R77", order_number=order.number, patient_no="P0001", cash_fen=order.cash_fen, reason="退号")
        made = await returns.request(session, {"refund_auto_limit_fen": 10**9}, ask, house.hospital.maker)
    await house.hurry(4)
    (stands,) = await house.rows("SELECT status, told_at, error FROM medical.med_return")
    assert tuple(stands) == ("done", None, "院内规则不允许")
    (part,) = await house.rows("SELECT number FROM core.refund_item WHERE refund_id = :id", id=made.refund_id)
    await house.err("R77")
    told = await asked(house, "LG2", part.number, order.cash_fen, kind="refund")
    assert told.accepted is True
    assert len(await house.booked("R77")) == 1
