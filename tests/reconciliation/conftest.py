"""What tests of reconciliation share: a hospital with the four channels' sample files."""

import datetime as dt
from collections.abc import Awaitable, Callable

import pytest

from core.identity.actor import system
from core.reconciliation.matching import found_repository as repository
from core.reconciliation.runs import service as runs
from tests.reconciliation.loading import load, load_day, row

DAY, NEXT = dt.date(2026, 3, 1), dt.date(2026, 3, 2)


class Hospital:
    """A client whose three sides are files made by a test: numbers and amounts in fen."""

    def __init__(self, platform, client) -> None:
        self.platform, self.client = platform, client

    @property
    def id(self):
        return self.client.id

    async def files(self, day: dt.date, business: dict | list, ours: dict | list, channel: dict | list, way: str = "wechatpay") -> None:
        """Hand in one file a side: `{number: fen}` for payments, or lines made with `row`."""
        sides = (("his", "business", business), ("platform", "platform", ours), ("wechatpay-trade", "channel", channel))
        async with self.platform.database.tenant(self.id) as session:
            for source, side, given in sides:
                rows = [row(way, "pay", number, fen) for number, fen in given.items()] if isinstance(given, dict) else given
                await load(session, source, side, day.isoformat(), rows, way if side == "channel" else "")

    async def samples(self, folder: str, day: dt.date, channels: tuple[str, ...] = ("wechatpay",)) -> None:
        """Hand in the sample files of a day."""
        async with self.platform.database.tenant(self.id) as session:
            await load_day(session, folder, day.isoformat(), channels)

    async def run(self, day: dt.date = DAY) -> runs.RunResult:
        """Reconcile a day."""
        return await runs.run(self.platform, self.id, day, by=system(self.id))

    async def differences(self, day: dt.date = DAY) -> dict[str, object]:
        """What a day's run classified, by number."""
        async with self.platform.database.tenant(self.id) as session:
            return {each.number: each for each in await repository.list_of_run(session, day)}

    async def kinds(self, day: dt.date = DAY) -> dict[str, tuple[str, str]]:
        """Class and state of everything that a day's run classified, by number."""
        return {number: (each.klass, each.status) for number, each in (await self.differences(day)).items()}


@pytest.fixture
def hospital(platform, client) -> Callable[..., Awaitable[Hospital]]:
    """`await hospital()`: a hospital without any file yet."""

    async def make(**given: object) -> Hospital:
        return Hospital(platform, await client(plugins=(), **given))

    return make
