"""Without files of a platform or a business system, our own payments and bills are those sides."""

import datetime as dt

import pytest
from sqlalchemy import insert, text

from core import ids
from core.clock import SHANGHAI
from core.identity.actor import system
from core.onboarding import rates
from core.onboarding.models import rate
from core.onboarding.schemas import Rate
from core.payments.models import channel_account, payment, suspense
from core.reconciliation.matching import found_repository as repository
from core.reconciliation.runs import service as runs
from core.tenancy.models import merchant
from tests.reconciliation.conftest import DAY, NEXT
from tests.reconciliation.loading import load, row

MCHID = "1999000311"


def at(day: dt.date, clock: str = "10:00:00") -> dt.datetime:
    return dt.datetime.combine(day, dt.time.fromisoformat(clock), SHANGHAI)


class School:
    """A client that collects through the platform itself."""

    def __init__(self, platform, client) -> None:
        self.platform, self.client, self.id = platform, client, client.id

    async def open(self, ppm: int | None = 6000, channel: str = "wechatpay") -> None:
        async with self.platform.database.tenant(self.id) as session:
            keys = await self.platform.vault.keys(session)
            owner = {"id": ids.uuid7(), "code": "TUITION", "name": "学费", "legal_name": "学校", "status": "active"}
            await session.execute(insert(merchant), owner)
            account = {"id": ids.uuid7(), "channel": channel, "mchid": MCHID, "appid": "wx", "base_url": "http://x", "credentials_sealed": keys.seal(b"{}")}
            await session.execute(insert(channel_account), account)
            if ppm is not None:
                agreed = {"id": ids.uuid7(), "merchant_id": owner["id"], "channel": channel, "rate_ppm": ppm, "from_on": dt.date(2026, 1, 1), "made_by": "t"}
                await session.execute(insert(rate), agreed)

    async def pay(self, number: str, fen: int, when: dt.datetime, *, in_suspense: int = 0, channel: str = "wechatpay") -> None:
        """A payment of ours, of which some may lie in suspense."""
        made = {
            "id": ids.uuid7(), "order_number": number, "channel": channel, "mchid": MCHID, "channel_txn_id": f"42{number}", "scene": "h5",
            "amount_fen": fen, "journal_id": ids.uuid7(), "paid_at": when, "booked_at": when,
        }  # fmt: skip
        async with self.platform.database.tenant(self.id) as session:
            await session.execute(insert(payment), made)
            if in_suspense:
                lying = {
                    "id": ids.uuid7(), "key": number, "payment_id": made["id"], "reason": "bill_paid", "amount_fen": in_suspense,
                    "left_fen": in_suspense, "facts": {}, "status": "open",
                }  # fmt: skip
                await session.execute(insert(suspense), lying)

    async def file(self, day: dt.date, rows: dict[str, tuple[int, int]] | list, channel: str = "wechatpay", source: str = "wechatpay-trade") -> None:
        """The channel's file: number → amount and fee."""
        lines = rows if isinstance(rows, list) else [row(channel, "pay", n, fen, fee_fen=fee, channel_number=f"42{n}") for n, (fen, fee) in rows.items()]
        async with self.platform.database.tenant(self.id) as session:
            await load(session, source, "channel", day.isoformat(), lines, channel)

    async def run(self, day: dt.date = DAY):
        result = await runs.run(self.platform, self.id, day, by=system(self.id))
        async with self.platform.database.tenant(self.id) as session:
            rows = await repository.list_of_run(session, day)
        return result, {each.number: each for each in rows}


@pytest.fixture
async def school(platform, client):
    return School(platform, await client(plugins=()))


async def test_own_payments_agree_with_the_channels_file_and_its_fees(school):
    await school.open()
    await school.pay("A", 10_000, at(DAY))
    await school.pay("B", 10_000, at(DAY))
    await school.pay("C", 83, at(DAY))
    await school.file(DAY, {"A": (10_000, 60), "B": (10_000, 61), "C": (83, 0)})
    result, found = await school.run()
    assert result.status == "diff_open" and set(found) == {"B"}
    assert (found["B"].klass, found["B"].platform_fee_fen, found["B"].channel_fee_fen, found["B"].amount_fen) == ("FE1", 60, 61, 1)
    assert found["B"].facts["business"] == "bills" and found["B"].payment_id is not None


async def test_after_a_rate_changed_each_days_payments_are_checked_by_their_own_days_rate(school):
    await school.open()
    async with school.platform.database.tenant(school.id) as session:
        merchant_id = await session.scalar(text("SELECT id FROM core.merchant"))
        await rates.agree(session, system(school.id), merchant_id, [Rate(channel="wechatpay", rate_ppm=3800)], NEXT)
    for number, when in (("A", at(DAY, "23:59:59")), ("B", at(NEXT, "00:00:01")), ("C", at(NEXT))):
        await school.pay(number, 10_000, when)
    await school.file(DAY, {"A": (10_000, 60)})
    await school.file(NEXT, {"B": (10_000, 38), "C": (10_000, 60)})
    result, found = await school.run(DAY)
    assert result.status == "balanced" and found == {}
    _, found = await school.run(NEXT)
    assert set(found) == {"C"}, "what still costs the old rate is a difference"
    assert (found["C"].klass, found["C"].platform_fee_fen, found["C"].channel_fee_fen) == ("FE1", 38, 60)


async def test_without_an_agreed_rate_fees_are_not_checked(school):
    await school.open(ppm=None)
    await school.pay("A", 10_000, at(DAY))
    await school.file(DAY, {"A": (10_000, 999)})
    result, found = await school.run()
    assert result.status == "balanced" and found == {}


async def test_money_in_suspense_is_not_on_our_bills_until_somebody_puts_it_there(school):
    await school.open()
    await school.pay("A", 500, at(DAY), in_suspense=500)
    await school.file(DAY, {"A": (500, 3)})
    await school.file(NEXT, {})
    _, found = await school.run()
    assert (found["A"].klass, found["A"].missing_in, found["A"].business_fen, found["A"].suspense_id is None) == ("LG2", ["bills"], None, False)
    async with school.platform.database.tenant(school.id) as session:
        await session.execute(text("UPDATE core.suspense_item SET status = 'resolved', left_fen = 0"))
    _, found = await school.run(NEXT)
    assert (found["A"].status, found["A"].resolution, found["A"].healed_by) == ("resolved", "reposted", "bills_row")


async def test_a_long_and_a_short_of_our_own_heal_on_the_next_day(school):
    await school.open()
    await school.pay("LATE", 700, at(DAY, "23:59:58"))
    await school.pay("LOST", 900, at(NEXT, "00:00:10"))
    await school.file(DAY, {"LOST": (900, 5)})
    await school.file(NEXT, {"LATE": (700, 4)})
    _, found = await school.run()
    assert {number: (each.klass, each.status) for number, each in found.items()} == {"LATE": ("SH1", "expected"), "LOST": ("LG1", "expected")}
    assert found["LATE"].near_cut
    result, found = await school.run(NEXT)
    assert result.status == "balanced" and result.new == 0
    assert {number: (each.status, each.healed_by) for number, each in found.items()} == {
        "LATE": ("auto_resolved", "channel_row"), "LOST": ("auto_resolved", "platform_and_bills_rows"),
    }  # fmt: skip


async def test_a_payment_booked_days_later_is_found_by_its_number(school):
    await school.open()
    await school.file(DAY, {"A": (900, 5)})
    await school.file(NEXT, {})
    await school.run()
    await school.pay("A", 900, at(DAY, "12:00:00"))
    _, found = await school.run(NEXT)
    assert (found["A"].status, found["A"].healed_by) == ("auto_resolved", "platform_and_bills_rows")


async def test_unionpays_day_ends_at_its_cut(school):
    await school.open(channel="unionpay")
    await school.pay("EARLY", 100, at(DAY, "22:59:59"), channel="unionpay")
    await school.pay("LATE", 200, at(DAY, "23:00:00"), channel="unionpay")
    early, late = (row("unionpay", "pay", n, fen, channel_number=n) for n, fen in (("EARLY", 100), ("LATE", 200)))
    async with school.platform.database.tenant(school.id) as session:
        for day, lines in ((DAY, [early]), (NEXT, [late])):
            await load(session, "unionpay", "channel", day.isoformat(), lines, "unionpay")
        await session.execute(text("UPDATE core.statement SET merchant_number = :n"), {"n": MCHID})
    for day in (DAY, NEXT):
        result, found = await school.run(day)
        assert (result.status, found) == ("balanced", {})


async def test_orders_without_a_file_name_the_missing_number(school):
    await school.open()
    await school.pay("A", 100, at(DAY))
    result, found = await school.run()
    assert (result.status, found) == ("file_missing", {})
    gap = {"side": "channel", "source": "wechatpay-trade", "channel": "wechatpay", "merchant_number": MCHID}
    assert result.missing == [gap]


async def test_money_at_the_counter_is_its_own_statement(school):
    await school.open()
    await school.pay("CASH", 5_000, at(DAY), channel="counter")
    await school.pay("A", 100, at(DAY))
    await school.file(DAY, {"A": (100, 1)})
    result, found = await school.run()
    assert (result.status, found) == ("balanced", {})
    async with school.platform.database.tenant(school.id) as session:
        run = await repository.find_run(session, DAY)
    assert run.matched["counter"]["pay_amount_fen"] == 5_000 and run.matched["total"]["rows"] == 2
