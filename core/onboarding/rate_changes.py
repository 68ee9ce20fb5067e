"""Another rate for a merchant that collects already: one person of the bank proposes it from a day on, another one agrees.

Runs in the client's transaction, so that the word of the second person and the new rate are one; who of the bank may is decided at the
door (`rate_doors`). A rate begins on a day that has not come, or today while nothing of today has been settled. One proposal for each
merchant and channel can wait; the maker may take it back until it is decided.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid5

import msgspec

from core import clock, money
from core.approvals import service as approvals
from core.database import Row, Session
from core.errors import NotFound, NotPermitted
from core.identity.actor import Actor
from core.onboarding import rates
from core.onboarding import rates_repository as repository
from core.onboarding.errors import RateChangeInvalid, RateChangeStale, RateDaySettled
from core.onboarding.schemas import Rate, RateChangeAsk, RateChangeRead
from core.web import statuses
from core.web.i18n import N_
from core.web.i18n import gettext as _
from core.web.i18n import listed as in_a_row

KIND = repository.KIND
MAKE, CHECK = "onboarding.rate.make", "onboarding.rate.check"
FURTHEST = dt.timedelta(days=366)
CARDS = {"": N_("所有卡"), "debit": N_("借记卡"), "credit": N_("贷记卡")}


def subject_of(merchant_id: UUID, channel: str) -> UUID:
    """What a proposal is about: one merchant's rates at one channel."""
    return uuid5(merchant_id, channel)


async def propose(session: Session, by: Actor, merchant_id: UUID, ask: RateChangeAsk, channels: Sequence[str]) -> UUID:
    """Ask for other rates at a channel; answers the proposal's id. AlreadyWaiting while another one waits for this merchant and channel."""
    merchant = await repository.lock_merchant(session, merchant_id)
    if merchant is None:
        raise NotFound()
    if merchant.status not in ("active", "suspended"):
        raise RateChangeInvalid(fault=_("商户还没有启用，费率随进件确定"))
    if ask.channel not in channels:
        raise RateChangeInvalid(fault=_("没有这个支付渠道"))
    wanted = [msgspec.structs.replace(rate, channel=ask.channel) for rate in ask.rates]
    rates.check(wanted, [ask.channel])
    if ask.from_on > clock.today() + FURTHEST:
        raise RateChangeInvalid(fault=_("生效日最多提前一年"))
    await _may_begin(session, merchant_id, ask.channel, ask.from_on)
    before = await _in_force(session, merchant_id, ask.channel, ask.from_on)
    if _same(before, wanted) and not await repository.list_coming(session, merchant_id, ask.channel, ask.from_on):
        raise RateChangeInvalid(fault=_("与现行费率相同，没有可以变更的"))
    proposal = {
        "merchant_id": str(merchant_id), "merchant": merchant.name, "channel": ask.channel, "from_on": ask.from_on.isoformat(),
        "rates": msgspec.to_builtins(wanted), "before": msgspec.to_builtins(before),
        "dropped": [_coming(row) for row in await repository.list_coming(session, merchant_id, ask.channel, ask.from_on)],
    }  # fmt: skip
    title = f"{merchant.name} · {statuses.word_of(ask.channel, 'channel')[0]}"
    return await approvals.propose(
        session, by, kind=KIND, title=title, subject_id=subject_of(merchant_id, ask.channel), proposal=proposal, reason=ask.reason
    )


async def execute(session: Session, _subject_id: UUID, proposal: Mapping[str, Any], by: Actor) -> None:
    """A second person of the bank agreed: the rates hold from their day on, provided that what they replace is still what was shown."""
    if by.kind != "bank":
        raise NotPermitted(permission=CHECK)
    merchant_id, channel = UUID(proposal["merchant_id"]), proposal["channel"]
    from_on = dt.date.fromisoformat(proposal["from_on"])
    await repository.lock_merchant(session, merchant_id)
    await _may_begin(session, merchant_id, channel, from_on)
    before = await _in_force(session, merchant_id, channel, from_on)
    coming = [_coming(row) for row in await repository.list_coming(session, merchant_id, channel, from_on)]
    if not _same(before, msgspec.convert(proposal["before"], list[Rate])) or coming != proposal["dropped"]:
        raise RateChangeStale()
    await rates.agree(session, by, merchant_id, msgspec.convert(proposal["rates"], list[Rate]), from_on)


def describe(proposal: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What the second person compares: each kind of card before and after, the day, and what was to come and no longer does."""
    told = compared(msgspec.convert(proposal["before"], list[Rate]), msgspec.convert(proposal["rates"], list[Rate]))
    told.append((_("生效日"), "", proposal["from_on"]))
    told += [(_("不再生效"), dropped, "") for dropped in proposal["dropped"]]
    return told


def compared(before: Sequence[Rate], after: Sequence[Rate]) -> list[tuple[str, str, str]]:
    """Each kind of card that has a rate of its own: its name, the rate before, the rate after."""
    was, will = ({rate.card_type: rate for rate in each} for each in (before, after))
    return [(_(word), words_of(was.get(card)), words_of(will.get(card))) for card, word in CARDS.items() if card in was or card in will]


def words_of(rate: Rate | Row | None) -> str:
    """A rate in one line: 0.6%, at most 35.00 yuan."""
    if rate is None:
        return _("（无）")
    said = [rates.percent(rate.rate_ppm)]
    if rate.min_fen:
        said.append(_("每笔最少 %(yuan)s 元", yuan=money.format_yuan(rate.min_fen)))
    if rate.cap_fen is not None:
        said.append(_("每笔最多 %(yuan)s 元", yuan=money.format_yuan(rate.cap_fen)))
    if rate.fixed_fen:
        said.append(_("每笔另加 %(yuan)s 元", yuan=money.format_yuan(rate.fixed_fen)))
    return in_a_row(said)


async def listed(session: Session, merchant_id: UUID) -> list[RateChangeRead]:
    """What was proposed for a merchant, the newest first: who, when, from which day, before and after."""
    return [_read(row) for row in await repository.list_changes(session, merchant_id)]


async def waiting(session: Session) -> Sequence[Row]:
    """Every proposal of the client's merchants that waits for the second person."""
    return await repository.list_waiting(session)


async def merchant_of(session: Session, change_id: UUID) -> UUID:
    """Whose rates a proposal is about; NotFound where there is no such proposal."""
    found = await repository.find_change(session, change_id)
    if found is None:
        raise NotFound()
    return UUID(found)


async def of_merchant(session: Session, merchant_id: UUID, change_id: UUID) -> None:
    """NotFound unless the proposal is one about this merchant's rates."""
    if await merchant_of(session, change_id) != merchant_id:
        raise NotFound()


async def _may_begin(session: Session, merchant_id: UUID, channel: str, from_on: dt.date) -> None:
    if from_on < clock.today():
        raise RateChangeInvalid(fault=_("生效日 %(day)s 已经过去：已发生的交易按当时的费率计，请选今天或以后", day=from_on.isoformat()))
    if await repository.is_settled(session, merchant_id, channel, from_on):
        raise RateDaySettled(day=from_on.isoformat())


async def _in_force(session: Session, merchant_id: UUID, channel: str, day: dt.date) -> list[Rate]:
    return [_rate(row) for row in await repository.list_in_force(session, merchant_id, channel, day)]


def _rate(row: Row) -> Rate:
    return Rate(**{name: getattr(row, name) for name in Rate.__struct_fields__})


def _coming(row: Row) -> str:
    """Told in figures, not in words: it is compared again when the second person decides."""
    return " ".join(filter(None, (row.from_on.isoformat(), row.card_type, rates.percent(row.rate_ppm))))


def _same(one: Sequence[Rate], other: Sequence[Rate]) -> bool:
    return {rate.card_type: rate for rate in one} == {rate.card_type: rate for rate in other}


def _read(row: Row) -> RateChangeRead:
    proposal = row.proposal
    return RateChangeRead(
        id=row.id, merchant_id=UUID(proposal["merchant_id"]), channel=proposal["channel"], from_on=dt.date.fromisoformat(proposal["from_on"]),
        before=msgspec.convert(proposal["before"], list[Rate]), rates=msgspec.convert(proposal["rates"], list[Rate]), dropped=proposal["dropped"],
        reason=row.reason, status=row.status, made_by=row.made_by, made_by_id=row.made_by_id, created_at=row.created_at,
        decided_by=row.decided_by, decided_at=row.decided_at, remark=row.remark,
    )  # fmt: skip
