"""Asking the channel now what became of an order or a refund; what it says is written down, and a success is booked as any other.

Nothing is held while the channel answers. A query needs no second person: it moves no money that the channel has not moved already.
"""

from uuid import UUID

import msgspec

from core import clock, ids
from core.database import Row, Session
from core.errors import PlatformError
from core.identity.actor import Actor
from core.payments import repository as payments
from core.payments import service as payment_service
from core.payments.accounts import repository as accounts_table
from core.payments.accounts import service as accounts
from core.payments.channels.protocol import ChannelAccount, ChannelState, OrderRef
from core.platform import Platform
from core.reconciliation import rights
from core.reconciliation.differences import repository as differences_repository
from core.reconciliation.differences import service as differences
from core.reconciliation.remedies import offering, repository
from core.reconciliation.remedies.refusals import ChannelCannotTell
from core.reconciliation.states import OPEN
from core.refunds import repository as refunds
from core.refunds import sending
from core.tenancy.directory import ClientProfile
from core.web.i18n import gettext as _

BOOKED = ("booked", "suspense")


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What the channel said of an order or refund, and what it came to here (`booked`, `suspense`, `duplicate`, `mismatch`, `told`)."""

    state: str
    outcome: str
    amount_fen: int | None = None


class _Known(msgspec.Struct, frozen=True):
    row: Row
    order: Row | None
    account: ChannelAccount | None


async def requery(platform: Platform, client: ClientProfile, difference_id: UUID, by: Actor) -> Told:
    """Ask the channel about a difference's order or refund, and keep the answer with it. Raises ChannelCannotTell."""
    async with platform.database.tenant(client.id) as session:
        known = await _find(session, platform, difference_id, by)
    if known.row.refund_item_id is not None:
        told = await _ask_refund(platform, client, known.row)
    else:
        told = await _ask_order(platform, client, known)
    async with platform.database.tenant(client.id) as session:
        await _keep(session, difference_id, told, by)
    return told


async def confirm_first(platform: Platform, client: ClientProfile, difference_id: UUID, by: Actor) -> Told | None:
    """Before an order of ours is booked on a file's word, the channel is asked, where it can be; None where it cannot."""
    async with platform.database.tenant(client.id) as session:
        row = await differences.find(session, difference_id, by, rights.HANDLE)
        ours = await repository.our_order(session, [row.number, row.order_number or ""])
    if ours is None or not offering.fits(row, "requery"):
        return None
    try:
        return await requery(platform, client, difference_id, by)
    except ChannelCannotTell:
        return None


async def _find(session: Session, platform: Platform, difference_id: UUID, by: Actor) -> _Known:
    row = await differences.find(session, difference_id, by, rights.HANDLE)
    offering.check(row, "requery")
    if row.status not in (*OPEN, "expected"):
        raise differences.resolved(row)
    number = await repository.our_order(session, [row.number, row.order_number or ""])
    order = await payments.find_order(session, number) if number else None
    if order is not None:
        return _Known(row, order, await accounts.by_id(session, platform.vault, order.channel_account_id))
    found = next((each for each in await accounts_table.list_accounts(session) if (each.channel, each.mchid) == (row.channel, row.merchant_number)), None)
    return _Known(row, None, await accounts.opened(session, platform.vault, found) if found else None)


async def _ask_refund(platform: Platform, client: ClientProfile, row: Row) -> Told:
    """The same refund number once more: asked about, or sent again where the channel never saw it."""
    await sending.advance(platform, client, row.refund_item_id)
    async with platform.database.tenant(client.id) as session:
        item = await refunds.find_item(session, row.refund_item_id)
    return Told(state=item.state, outcome="told", amount_fen=item.amount_fen)


async def _ask_order(platform: Platform, client: ClientProfile, known: _Known) -> Told:
    row, order, account = known.row, known.order, known.account
    way = platform.channels.get(row.channel)
    if account is None or way is None:
        raise ChannelCannotTell(why=_("这个商户号没有接入渠道接口，请到渠道后台查询"))
    ref = payment_service.order_ref(order) if order is not None else _ref(row)
    try:
        state = await way.query(account, ref)
    except PlatformError as error:
        raise ChannelCannotTell(why=error.message) from error
    if state.paid and (order is not None or row.klass in ("LG1", "LG3")):
        decision = await payment_service.settle(platform, client.id, account, state)
        return Told(state=state.state, outcome=decision.outcome, amount_fen=state.amount_fen)
    if order is not None:
        await payment_service.settle(platform, client.id, account, state)
    return _told(state)


def _told(state: ChannelState) -> Told:
    return Told(state=state.state, outcome="told", amount_fen=state.amount_fen)


def _ref(row: Row) -> OrderRef:
    at = row.platform_at or row.channel_at or row.business_at or clock.now()
    fen = row.platform_fen or row.channel_fen or row.amount_fen
    return OrderRef(number=row.order_number or row.number, amount_fen=fen, scene="h5", placed_at=at, expires_at=at)


async def _keep(session: Session, difference_id: UUID, told: Told, by: Actor) -> None:
    row = await differences.held(session, difference_id, live=False)
    now = clock.now()
    remedy_id = ids.uuid7()
    done = {
        "id": remedy_id, "difference_id": row.id, "kind": "requery", "amount_fen": 0, "target": msgspec.to_builtins(told), "status": "done",
        "reason": f"{told.state} {told.outcome}", "made_by": by.name, "made_by_id": by.id, "finished_at": now, "tries": 1,
    }  # fmt: skip
    await repository.add(session, [done])
    facts = {"state": told.state, "outcome": told.outcome, "amount_fen": told.amount_fen, "remedy": str(remedy_id)}
    if told.outcome in BOOKED and row.klass in ("LG1", "LG3") and row.status in ("open", "confirmed", "rejected", "expected"):
        payment = await repository.payment_behind(session, row.payment_id, row.channel, row.channel_number or "", row.order_number or row.number)
        item = await repository.suspense_of(session, payment.id)
        values = {"payment_id": payment.id, "suspense_id": item and item.id, "resolution": "requery", "resolved_at": now}
        if told.outcome == "booked":
            await differences.move(session, row, "resolved", by, "requeried", "", facts, **values)
            return
        await differences_repository.change(session, row.id, payment_id=payment.id, suspense_id=item and item.id)
    await differences.note(session, [row.id], "requeried", by, "", facts)
