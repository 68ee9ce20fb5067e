"""The clearing of former years: patients are told once a month, and what lies in our own books goes back by its original way in one batch."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

from core import clock
from core.database import Session
from core.hookspecs import JobKind, PulseStep
from core.identity import audit
from core.identity.actor import Actor
from core.jobs.context import JobContext
from core.masking import mask_name
from core.money import format_yuan
from core.notices import service as notices
from core.notices.schemas import PhoneNotice, Told
from core.platform import Platform
from core.refunds import batches
from core.refunds.schemas import RefundAsk
from core.web.i18n import N_
from plugins.medical.prepaid import repository
from plugins.medical.prepaid.errors import NothingToClear
from plugins.medical.prepaid.notices import BALANCE, TO_PHONE
from plugins.medical.prepaid.states import OPEN

AT_ONCE = 500
EVERY = dt.timedelta(days=30)
KIND = "medical.prepaid"
REASON = "门诊预交金清退，按原路退回"


async def tell(platform: Platform, tenant_id: UUID) -> int:
    """Tell the patients of listed balances who were not told for a month; answers how many. Killed half-way nobody is told twice."""
    told, last = 0, AT_ONCE
    while last == AT_ONCE:
        async with platform.database.tenant(tenant_id) as session:
            last = await _tell_some(session, platform)
        told += last
    return told


async def _tell_some(session: Session, platform: Platform) -> int:
    now = clock.now()
    rows = await repository.list_to_tell(session, now - EVERY, AT_ONCE)
    keys = await platform.vault.keys(session) if rows else None
    month = clock.today().strftime("%Y%m")
    known, phones = [], []
    for row in rows:
        occasion, facts = f"legacy:{row.id}:{month}", {"name": mask_name(row.name), "amount": format_yuan(row.amount_fen)}
        if row.bound:
            known.append(Told(occasion=occasion, party_id=row.patient_id, facts=facts))
        elif row.phone_sealed:
            phones.append(
                PhoneNotice(key=occasion, event=TO_PHONE, to=keys.open(row.phone_sealed), facts={"name": facts["name"]}, party_id=row.patient_id)
            )
    await notices.tell(session, BALANCE, known)
    if phones:
        await notices.queue_many(session, keys, phones)
    if rows:
        await repository.set_told(session, [row.id for row in rows], now)
    return len(rows)


async def run(context: JobContext, params: dict[str, object]) -> dict[str, object]:
    """Tell who is to be told, and say how many cards and how much stand in each state."""
    told = await tell(context.platform, context.tenant_id)
    async with context.session() as session:
        totals = await repository.totals(session)
        credit = await repository.list_credit(session, batches.MOST)
    open_cards = sum(cards for status, (cards, _) in totals.items() if status in OPEN)
    open_fen = sum(fen for status, (_, fen) in totals.items() if status in OPEN)
    return {
        "href": "/console/medical/prepaid",
        "label": "查看清单",
        "counts": [
            ["已通知", told, None, "good"],
            ["未清退的卡", open_cards, "/console/medical/prepaid", "wait" if open_cards else "good"],
            ["有余额的患者", len(credit), "/console/medical/prepaid", "wait" if credit else "good"],
        ],
        "open_fen": open_fen,
        "credit_fen": sum(row.fen for row in credit),
        "totals": {status: list(pair) for status, pair in totals.items()},
    }


async def nightly(platform: Platform, tenant_id: UUID) -> None:
    """Every night the patients who are to be told."""
    await tell(platform, tenant_id)


async def give_credit_back(session: Session, settings: Mapping[str, object], by: Actor) -> UUID:
    """One refund batch over all credit that patients have in our books, for a second person; answers its id. NothingToClear without any."""
    found = await repository.list_credit(session, batches.MOST)
    if not found:
        raise NothingToClear()
    asks = [RefundAsk(party_id=row.party_id, amount_fen=row.fen, reason=REASON) for row in found]
    title = f"门诊预交金清退 {clock.today():%Y-%m-%d}"
    batch_id = await batches.create(session, settings, asks, title=title, reason=REASON, by=by)
    after = {"count": len(asks), "amount_fen": sum(row.fen for row in found)}
    await audit.record(session, by, "medical.prepaid.batch", "refund_batch", batch_id, after=after)
    return batch_id


JOB = JobKind(KIND, N_("历史预交金清退"), run, N_("人"))
STEP = PulseStep("medical.prepaid.tell", nightly)
