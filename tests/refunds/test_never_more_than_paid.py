"""Whatever happens in whatever order, no payment gives back more than it brought, and the books agree after every step (architecture §11.3)."""

import asyncio
import contextlib
from collections.abc import Iterator

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import text

from core.app import make_platform
from core.errors import PlatformError
from core.refunds import sending, stopping
from tests import trade
from tests.conftest import Bank, add_client
from tests.refunds.conftest import Office, people
from tests.refunds.scripted import Scripted

WORDS = ("succeeded", "processing", "failed", "closed", "short", "refused", "lost", "taken")
AMOUNTS = st.integers(1, 70_000)


@contextlib.contextmanager
def may_be_refused(code: str) -> Iterator[None]:
    """Either it happens or it is refused for this one reason."""
    try:
        yield
    except PlatformError as refusal:
        if refusal.code != code:
            raise


class Refunding(RuleBasedStateMachine):
    """A school, its payers, its desk, and a channel that answers as it likes, but truthfully: `answers` is what really happened."""

    runner: asyncio.Runner
    platform: object
    bank: Bank

    def __init__(self) -> None:
        super().__init__()
        self.office: Office = self.run(self._opened())
        self.refunds: list = []

    def run(self, work):
        return self.runner.run(work)

    async def _opened(self) -> Office:
        client = await add_client(self.platform, self.bank, plugins=())
        school = await trade.found(self.platform, client.id)
        channel = self.platform.channels["wechatpay"] = Scripted()
        return Office(self.platform, client, school, channel, await trade.bills(self.platform, school), *people(client.id))

    @rule(which=st.integers(0, 1), fen=AMOUNTS)
    def pay(self, which, fen):
        self.run(self.office.pay(self.office.bills[which], fen))

    @rule(which=st.integers(0, 1), fen=AMOUNTS, split=st.sampled_from(["lifo", "prorata"]), agree=st.booleans())
    def ask(self, which, fen, split, agree):
        with may_be_refused("REFUND_TOO_LARGE"):
            made = self.run(self.office.ask(bill_id=self.office.bills[which], amount_fen=fen, split=split))
            self.refunds.append(made.id)
            if agree:
                self.run(self.office.agree(made.id))

    @rule(agree=st.booleans())
    def ask_for_suspense(self, agree):
        async def longs():
            async with self.office.tenant() as session:
                return await session.all(text("SELECT id, left_fen FROM core.suspense_item WHERE status = 'open' AND payment_id IS NOT NULL"))

        for item in self.run(longs()):
            with may_be_refused("REFUND_TOO_LARGE"):
                made = self.run(self.office.ask(suspense_id=item.id, amount_fen=item.left_fen))
                self.refunds.append(made.id)
                if agree:
                    self.run(self.office.agree(made.id))

    @rule(words=st.lists(st.sampled_from(WORDS), max_size=4))
    def send(self, words):
        self.office.channel.script = list(words)
        self.run(self._hurried())

    async def _hurried(self):
        async with self.office.tenant() as session:
            await session.execute(text("UPDATE core.refund_item SET next_at = now() WHERE next_at IS NOT NULL"))
        await sending.send_due(self.platform, self.office.client.id)

    @precondition(lambda self: self.office.channel.seen)
    @rule(data=st.data(), word=st.sampled_from(["succeeded", "failed", "closed"]), twice=st.booleans())
    def tell(self, data, word, twice):
        """The channel decides something it was still working on, and tells it once or twice; what it once decided stays."""
        channel = self.office.channel
        number = data.draw(st.sampled_from(sorted(channel.seen)))
        if channel.answers.get(number) == "processing":
            channel.answers[number] = word
        if channel.answers.get(number) in ("succeeded", "failed", "closed"):
            for _ in range(1 + twice):
                self.run(self.office.told(number, channel.answers[number]))

    @precondition(lambda self: self.refunds)
    @rule(data=st.data())
    def stop(self, data):
        refund_id = data.draw(st.sampled_from(self.refunds))

        async def stopped():
            async with self.office.tenant() as session:
                await stopping.stop(session, refund_id, "撤回", self.office.checker)

        with may_be_refused("REFUND_NOT_WAITING"):
            self.run(stopped())

    @invariant()
    def never_more_goes_back_than_came(self):
        async def rows():
            async with self.office.tenant() as session:
                items = await session.all(text("SELECT payment_id, number, state FROM core.refund_item"))
                return items, {row.id: row for row in await session.all(text("SELECT * FROM core.payment"))}

        items, payments = self.run(rows())
        left = dict.fromkeys(payments, 0)
        for item in items:
            if self.office.channel.answers.get(item.number) == "succeeded":
                left[item.payment_id] += self.office.channel.seen[item.number][0].amount_fen
        assert [fen for payment, fen in left.items() if fen > payments[payment].refunded_fen] == [], "what left is counted as refunded"
        assert [fen for payment, fen in left.items() if fen > payments[payment].amount_fen] == []

    @invariant()
    def the_books_are_sound(self):
        assert self.run(self.office.faults()) == {}


def test_no_order_of_events_gives_back_more_than_was_paid(addresses, bank, make_settings, plugins):
    with asyncio.Runner() as runner:
        platform = runner.run(make_platform(make_settings(addresses), plugins))
        machine = type("Refunding", (Refunding,), {"runner": runner, "platform": platform, "bank": bank})
        try:
            run_state_machine_as_test(
                machine,
                settings=settings(max_examples=20, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True),
            )
        finally:
            runner.run(platform.close())


async def test_a_hundred_clients_at_once_get_no_more_than_was_paid(office):
    """Every one of them asks, is approved and sent, all at the same time, while notifications come twice."""
    await office.pay(office.bills[0], 50_000)
    await office.pay(office.bills[0], 45_000)
    office.channel.usual = "succeeded"
    generous = {"refund_auto_limit_fen": 10_000_000}

    async def one(n: int) -> int:
        fen = 500 + 37 * n
        made = None
        with may_be_refused("REFUND_TOO_LARGE"):
            made = await office.ask(bill_id=office.bills[0], amount_fen=fen, settings=generous)
        if made is None:
            return 0
        await sending.send_due(office.platform, office.client.id)
        for item in (await office.read(made.id)).items:
            if item.state == "success":
                assert await office.told(item.number, "succeeded") == "duplicate"
        return fen

    promised = sum(await asyncio.gather(*(one(n) for n in range(100))))
    for _ in range(3):
        await office.hurry()
    assert promised == sum(office.channel.moved.values())
    assert 95_000 - 4_200 < promised <= 95_000, "as much as fits, and no fen more"
    assert all(len(calls) == 1 for calls in office.channel.seen.values())
    assert await office.faults() == {}

