"""The desk at which staff and programs ask for refunds: what lies within their reach, what could go back, and the request itself."""

import contextlib
import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import msgspec

from core import clock
from core.billing import lists as bills
from core.billing import service as billing
from core.billing.schemas import BillRead
from core.database import Row, Session
from core.errors import NotFound
from core.hookspecs import RefundAsked
from core.identity.actor import Actor
from core.payers import service as payers
from core.payments import lists as payments
from core.payments.errors import SuspenseNotFound
from core.platform import Platform
from core.refunds import batches, drafting, holding, money_repository, policy, service
from core.refunds.errors import BadRefund, RefundNotFound
from core.refunds.schemas import Planned, PolicyLine, Quote, RefundAsk, RefundRead
from core.refunds.splitting import Place, by_payment, split, total
from core.tenancy.directory import ClientProfile

NOBODY = UUID(int=0)
"""No request is left out when what others ask for is counted as given."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A request that is being thought about, as `holding.places_of` reads it."""

    bill_id: UUID | None
    party_id: UUID | None
    suspense_id: UUID | None
    payment_id: UUID | None


async def request(session: Session, platform: Platform, client: ClientProfile, ask: RefundAsk, by: Actor) -> RefundRead:
    """Ask for a refund of something within reach; what lies outside is not found."""
    await check_reach(session, ask, by)
    told = await lines_of(session, platform, client, ask.bill_id, ask.effective_on) if ask.bill_id else None
    return await service.request(session, client.settings, ask, by, told=told)


async def submit_draft(session: Session, platform: Platform, client: ClientProfile, refund_id: UUID, ask: RefundAsk, by: Actor) -> RefundRead:
    """Ask for what a draft worked out, as somebody within whose reach it lies now wants it."""
    await find_draft(session, refund_id, by)
    await check_reach(session, ask, by)
    told = await lines_of(session, platform, client, ask.bill_id, ask.effective_on) if ask.bill_id else None
    return await drafting.submit(session, client.settings, refund_id, ask, by, told)


async def drop_draft(session: Session, refund_id: UUID, reason: str, by: Actor) -> None:
    """Put a draft within reach away."""
    await find_draft(session, refund_id, by)
    await drafting.drop(session, refund_id, reason, by)


async def find_draft(session: Session, refund_id: UUID, by: Actor) -> RefundRead:
    """A refund within the reach of whoever may ask for refunds; RefundNotFound outside."""
    found = await service.find(session, refund_id)
    if not by.reaches(service.MAKE, found.org_id):
        raise RefundNotFound()
    return found


async def create_batch(
    session: Session, client: ClientProfile, asks: Sequence[RefundAsk], by: Actor, *, title: str, reason: str
) -> UUID:
    """Ask for many refunds at once; each must lie within reach. Answers the batch's id."""
    for ask in asks:
        await check_reach(session, ask, by)
    return await batches.create(session, client.settings, asks, title=title, reason=reason, by=by)


async def longs_within_reach(session: Session, reason_code: str, reason: str, by: Actor) -> list[RefundAsk]:
    """A request for every open suspense item of a kind (or of all) that the asker reaches and nobody refunds yet."""
    found = []
    for ask in await batches.longs(session, reason_code, reason):
        with contextlib.suppress(SuspenseNotFound):
            await payments.suspense_item(session, ask.suspense_id, by, service.MAKE)
            found.append(ask)
    return found


async def check_reach(session: Session, ask: RefundAsk | Wanted, by: Actor) -> BillRead | None:
    """Whether the right to ask reaches what the money is asked of; the bill, where it is asked of one."""
    bill = await bills.find_bill(session, ask.bill_id, by, service.MAKE) if ask.bill_id is not None else None
    if ask.suspense_id is not None:
        await payments.suspense_item(session, ask.suspense_id, by, service.MAKE)
    if ask.party_id is not None:
        person = await payers.find_party(session, ask.party_id)
        if not by.reaches(service.MAKE, person.org_id):
            raise NotFound()
    return bill


async def quote(session: Session, platform: Platform, client: ClientProfile, ask: RefundAsk | Wanted, effective_on: dt.date | None = None) -> Quote:
    """What could go back now, what the policies say, and, for a request with an amount, which payments would give it and how."""
    wanted = Wanted(bill_id=ask.bill_id, party_id=ask.party_id, suspense_id=ask.suspense_id, payment_id=ask.payment_id)
    if sum(value is not None for value in (ask.bill_id, ask.party_id, ask.suspense_id)) != 1:
        raise BadRefund(why="请在账单、余额、挂账中选择一项")
    places = await holding.places_of(session, wanted)
    lines = await lines_of(session, platform, client, ask.bill_id, effective_on) if ask.bill_id else []
    planned: list[Planned] = []
    if isinstance(ask, RefundAsk):
        taken = split(places, ask.amount_fen, ask.split or service.split_of(client.settings), {line.line_no: line.amount_fen for line in ask.lines})
        planned = await _planned(session, platform, taken)
    waiting_fen = await money_repository.sum_requested(
        session, bill_id=ask.bill_id, party_id=ask.party_id, suspense_id=ask.suspense_id, but=NOBODY
    )
    return Quote(free_fen=max(0, total(places) - waiting_fen), policy=lines, planned=planned)


async def lines_of(
    session: Session, platform: Platform, client: ClientProfile, bill_id: UUID, effective_on: dt.date | None
) -> list[PolicyLine]:
    """What the policies say line by line: core's own, and the vertical's where it has formulas of its own."""
    bill = await billing.find_bill(session, bill_id)
    lines = await policy.quote(session, bill, effective_on, await service.free_of_lines(session, bill_id))
    asked = RefundAsked(
        bill_id=bill.id, plugin=bill.plugin, effective_on=effective_on or clock.today(), lines=tuple(_told(bill)),
    )  # fmt: skip
    answers = await platform.plugins.ask("propose_refund", client.plugins, session=session, asked=asked)
    return policy.proposed(lines, [answer.lines for answer in answers])


def _told(bill: BillRead) -> list[tuple[int, str, int]]:
    return [(line.line_no, line.item_code, line.paid_fen) for line in bill.lines if line.paid_fen]


async def _planned(session: Session, platform: Platform, taken: list[Place]) -> list[Planned]:
    parts = by_payment(taken)
    rows: dict[UUID, Row] = {row.id: row for row in await money_repository.list_payments(session, [payment_id for payment_id, _ in parts])}
    found = []
    for payment_id, pieces in parts:
        row = rows[payment_id]
        why = holding.by_hand(row, row.refunds, platform.channels.get(row.channel))
        found.append(
            Planned(
                payment_id=payment_id, channel=row.channel, order_number=row.order_number, paid_at=row.paid_at, amount_fen=total(pieces),
                way="manual" if why else "channel", why=why,
            )
        )  # fmt: skip
    return found
