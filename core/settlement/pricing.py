"""Which rate holds for a payment: that of the merchant its collecting number belongs to; for a general number the first merchant's."""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from core.database import Row, Session
from core.onboarding.schemas import Rate
from core.settlement import gathering_repository as repository


class Rates:
    """Every rate of a client, asked by channel, merchant number and day; `missing` collects what no rate was found for."""

    def __init__(self, rows: Iterable[Row], collectors: Iterable[Row]) -> None:
        self._rows = list(rows)
        self._owners: dict[tuple[str, str], UUID] = {(row.channel, row.mchid): row.merchant_id for row in collectors}
        self._known: dict[tuple[str, str, dt.date], Rate | None] = {}

    def of(self, channel: str, number: str, day: dt.date) -> Rate | None:
        """The rate of a payment taken on a day under a merchant number."""
        key = (channel, number, day)
        if key not in self._known:
            self._known[key] = self._find(channel, self._owners.get((channel, number)), day)
        return self._known[key]

    def _find(self, channel: str, owner: UUID | None, day: dt.date) -> Rate | None:
        for row in self._rows:
            mine = row.channel == channel and (owner is None or row.merchant_id == owner)
            if mine and row.from_on <= day and (row.until_on is None or row.until_on >= day):
                return Rate(channel=channel, rate_ppm=row.rate_ppm, cap_fen=row.cap_fen, min_fen=row.min_fen, fixed_fen=row.fixed_fen)
        return None


async def rates_of(session: Session) -> Rates:
    """The client's rates as they stand."""
    return Rates(await repository.list_rates(session), await repository.list_collectors(session))
