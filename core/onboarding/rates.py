"""What a payment costs a merchant: agreed by channel and kind of card, from a day on; the fee is rounded for each payment by itself.

Domain book §2.3: HALF_UP(amount × rate), never below `min_fen` nor above `cap_fen`; three payments of 0.83 at 0.6 % cost nothing. Card gateways
add something fixed to each payment.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import msgspec

from core import ids, money
from core.database import Row, Session
from core.identity import audit
from core.identity.actor import Actor
from core.onboarding import rates_repository as repository
from core.onboarding.errors import RateInvalid, RateNotAgreed
from core.onboarding.schemas import Rate
from core.web.i18n import gettext as _
from core.web.i18n import listed as in_a_row

MILLION = 1_000_000
MOST_PPM = 100_000
MOST_FIXED_FEN = 10_000
CARD_TYPES = ("", "debit", "credit")


def fee_of(amount_fen: int, rate: Rate) -> int:
    """The fee of one payment, fen."""
    fee_fen = max(money.half_up(Decimal(amount_fen) * rate.rate_ppm / MILLION), rate.min_fen)
    return (fee_fen if rate.cap_fen is None else min(fee_fen, rate.cap_fen)) + rate.fixed_fen


def check(rates: Sequence[Rate], channels: Sequence[str]) -> None:
    """Every channel asked for has a rate, each once, between nothing and ten percent."""
    seen = [(rate.channel, rate.card_type) for rate in rates]
    for rate in rates:
        if rate.channel not in channels:
            raise RateInvalid(fault=_("没有申请渠道 %(channel)s", channel=rate.channel))
        if not 0 <= rate.rate_ppm <= MOST_PPM or rate.min_fen < 0 or (rate.cap_fen is not None and rate.cap_fen < rate.min_fen):
            raise RateInvalid(fault=_("费率应在 0–10%% 之间，封顶不低于保底"))
        if not 0 <= rate.fixed_fen <= MOST_FIXED_FEN:
            raise RateInvalid(fault=_("每笔固定费用应在 0–100 元之间"))
        if rate.card_type not in CARD_TYPES or seen.count((rate.channel, rate.card_type)) > 1:
            raise RateInvalid(fault=_("每个渠道、每种卡只能有一个费率"))
    lacking = [channel for channel in channels if (channel, "") not in seen]
    if lacking:
        raise RateInvalid(fault=_("请填写 %(channels)s 的费率", channels=in_a_row(lacking)))


async def agree(session: Session, by: Actor, merchant_id: UUID, rates: Sequence[Rate], from_on: dt.date) -> None:
    """These hold from a day on; those before them end the day before."""
    for channel in dict.fromkeys(rate.channel for rate in rates):
        await repository.end_before(session, merchant_id, channel, from_on)
    made = {"merchant_id": merchant_id, "from_on": from_on, "made_by": by.name}
    await repository.add_rates(session, [{"id": ids.uuid7(), **msgspec.to_builtins(rate), **made} for rate in rates])
    after = {"which": [f"{rate.channel} {rate.card_type} {percent(rate.rate_ppm)}" for rate in rates], "from_on": from_on.isoformat()}
    await audit.record(session, by, "onboarding.rate.agree", "merchant", merchant_id, after=after)


async def in_force(session: Session, merchant_id: UUID, channel: str, day: dt.date, card_type: str = "") -> Rate:
    """The rate of a day; RateNotAgreed where there is none: settling without a rate would be guessing."""
    row = await repository.find_rate(session, merchant_id, channel, card_type, day)
    if row is None:
        raise RateNotAgreed(channel=channel, day=day.isoformat())
    return Rate(
        channel=row.channel, card_type=row.card_type, rate_ppm=row.rate_ppm, cap_fen=row.cap_fen, min_fen=row.min_fen, fixed_fen=row.fixed_fen
    )


async def listed(session: Session, merchant_id: UUID) -> Sequence[Row]:
    """Every rate of a merchant with the days between which it holds."""
    return await repository.list_rates(session, merchant_id)


def percent(rate_ppm: int) -> str:
    """Millionths as people say them: 6000 → 0.6%."""
    return f"{(Decimal(rate_ppm) / 10_000).normalize():f}%"


def ppm_of(typed: str) -> int:
    """A percentage as people type it: 0.6 → 6000."""
    text = typed.strip().removesuffix("%").strip()
    whole, _dot, fraction = text.partition(".")
    if not (whole + fraction).isascii() or not (whole + fraction).isdigit() or len(whole) > 2 or len(fraction) > 4:
        raise RateInvalid(fault=_("费率请写成百分数，例如 0.6"))
    return int(whole or "0") * 10_000 + int((fraction or "0").ljust(4, "0"))
