"""Receivers, splits and returns at the channel: the attempt is committed before the call, nothing is held during it, unknown stays under way.

The same number is asked about and, where it never arrived, sent again. What the channel has decided settles once, whoever was first.
"""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog

from core import clock
from core.database import Row, Session
from core.errors import PlatformError
from core.payments.accounts import service as accounts
from core.payments.channels.errors import ChannelRefused, ChannelUnknown
from core.payments.channels.protocol import ChannelAccount
from core.payments.channels.wechatpay.sharing import ProfitSharing, Receiver, ReturnRequest, ReturnState, Share, SplitRequest, SplitState
from core.platform import Platform
from core.profit_sharing import booking, repository
from core.profit_sharing.models import give_back, receiver, split
from core.profit_sharing.states import RECEIVER, RETURN, SHARE, SPLIT

log = structlog.get_logger()
LEASE = dt.timedelta(seconds=60)
LADDER_SECONDS = (5, 10, 30, 60, 300, 900, 3600)
Step = Callable[[Platform, UUID, UUID], Awaitable[None]]


async def send_due(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """Go on with everything of a client whose turn it is; answers when the next is due."""
    now = clock.now()
    steps: tuple[tuple[object, Step], ...] = ((receiver, tell_receiver), (split, send_split), (give_back, send_return))
    for table, step in steps:
        async with platform.database.tenant(tenant_id) as session:
            due = await repository.claim(session, table, now, now + LEASE)
        outcomes = await asyncio.gather(*(step(platform, tenant_id, row_id) for row_id in due), return_exceptions=True)
        for row_id, outcome in zip(due, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                log.error("sharing_not_advanced", id=str(row_id), exc_info=outcome)
    async with platform.database.tenant(tenant_id) as session:
        return await repository.next_due(session)


async def tell_receiver(platform: Platform, tenant_id: UUID, receiver_id: UUID) -> None:
    """Add or remove somebody at the channel; both may be said twice."""
    async with platform.database.tenant(tenant_id) as session:
        row = await repository.find(session, receiver, receiver_id)
        account = await accounts.by_id(session, platform.vault, row.channel_account_id)
        name = (await platform.vault.keys(session)).open(row.name_sealed)
    if row.status not in ("adding", "removing"):
        return
    told = Receiver(kind=row.kind, account=row.account, name=name, relation=row.relation)
    way, target, error = _way(platform), "active" if row.status == "adding" else "removed", None
    try:
        await (way.add_receiver if row.status == "adding" else way.delete_receiver)(account, told)
    except ChannelRefused as refusal:
        target, error = "failed" if row.status == "adding" else "active", _words(refusal)
    except PlatformError as unknown:
        log.info("receiver_not_told", receiver=str(receiver_id), code=unknown.code)
        async with platform.database.tenant(tenant_id) as session:
            await repository.change(session, receiver, receiver_id, next_at=clock.now() + dt.timedelta(seconds=60))
        return
    async with platform.database.tenant(tenant_id) as session:
        held = await repository.find(session, receiver, receiver_id, lock=True)
        if held.status == row.status:
            await repository.change(session, receiver, receiver_id, status=RECEIVER.check(held.status, target), error=error, next_at=None)


async def send_split(platform: Platform, tenant_id: UUID, split_id: UUID) -> None:
    """Ask for a split or a release, or what became of it."""
    async with platform.database.tenant(tenant_id) as session:
        row = await repository.find(session, split, split_id)
        payment = await repository.find_payment(session, row.payment_id)
        account = await accounts.by_id(session, platform.vault, payment.channel_account_id)
        shares, keys = await repository.list_shares(session, [split_id]), await platform.vault.keys(session)
    if row.state not in ("submitted", "processing") or account is None:
        return
    way, state = _way(platform), None
    try:
        if row.queries:
            state = await way.query(account, row.number, payment.channel_txn_id)
        if state is None or state.state == "unknown":
            state = await _asked(way, account, row, payment, [(each, keys.open(each.name_sealed)) for each in shares])
    except ChannelUnknown as unknown:
        log.info("split_unanswered", split=row.number, code=unknown.code)
    except ChannelRefused as refusal:
        async with platform.database.tenant(tenant_id) as session:
            await fail(session, split_id, _words(refusal))
        return
    async with platform.database.tenant(tenant_id) as session:
        await settle(session, split_id, state)


async def _asked(way: ProfitSharing, account: ChannelAccount, row: Row, payment: Row, shares: list[tuple[Row, str]]) -> SplitState:
    if row.kind == "release":
        return await way.unfreeze(account, row.number, payment.channel_txn_id, row.reason)
    given = tuple(
        Share(kind=each.kind, account=each.account, amount_fen=each.amount_fen, description=each.description, name=name) for each, name in shares
    )
    return await way.split(account, SplitRequest(number=row.number, transaction_id=payment.channel_txn_id, shares=given, release=row.release))


async def settle(session: Session, split_id: UUID, state: SplitState | None) -> None:
    """Apply what the channel truthfully says of a split: each share by its receiver; one that it closed is booked back exactly."""
    held = await repository.find(session, split, split_id, lock=True)
    if held.state not in ("submitted", "processing"):
        return
    told = {(each.kind, each.account): each for each in state.shares} if state else {}
    open_shares = False
    for row in await repository.list_shares(session, [split_id]):
        word = told.get((row.kind, row.account))
        if row.state == "pending" and word is not None and word.amount_fen == row.amount_fen and word.state != "pending":
            if word.state == "closed":
                await booking.undo(session, held, row.journal_id, booking.read_parts(row.parts), word.reason or "渠道关闭了这份分账")
            await repository.change_share(
                session, split_id, row.position, state=SHARE.check(row.state, word.state), reason=word.reason or None,
                **({"journal_id": None} if word.state == "closed" else {}),
            )  # fmt: skip
        elif row.state == "pending":
            open_shares = True
    finished = state is not None and state.state == "finished" and not open_shares
    values = {"reference": state.reference or held.reference} if state else {}
    if finished:
        values |= {"state": SPLIT.check(held.state, "finished"), "next_at": None, "finished_at": clock.now(), "error": None}
    else:
        values |= {"state": SPLIT.check(held.state, "processing") if state else held.state, "next_at": clock.now() + _rung(held.queries)}
    await repository.change(session, split, split_id, queries=held.queries + 1, **values)


async def fail(session: Session, split_id: UUID, why: str) -> None:
    """The channel refused the whole split: nothing moved, every share is booked back."""
    held = await repository.find(session, split, split_id, lock=True)
    if held.state not in ("submitted", "processing"):
        return
    for row in await repository.list_shares(session, [split_id]):
        if row.state == "pending":
            await booking.undo(session, held, row.journal_id, booking.read_parts(row.parts), why)
            await repository.change_share(session, split_id, row.position, state=SHARE.check(row.state, "closed"), reason=why, journal_id=None)
    values = {"state": SPLIT.check(held.state, "failed"), "error": why, "next_at": None, "finished_at": clock.now()}
    await repository.change(session, split, split_id, **values)


async def send_return(platform: Platform, tenant_id: UUID, return_id: UUID) -> None:
    """Take a share back, or ask what became of it."""
    async with platform.database.tenant(tenant_id) as session:
        row = await repository.find(session, give_back, return_id)
        made = await repository.find(session, split, row.split_id)
        payment = await repository.find_payment(session, made.payment_id)
        account = await accounts.by_id(session, platform.vault, payment.channel_account_id)
        [found] = [each for each in await repository.list_shares(session, [made.id]) if each.position == row.position]
    if row.state not in ("submitted", "processing") or account is None:
        return
    way, state = _way(platform), None
    try:
        if row.queries:
            state = await way.query_return(account, row.number, made.number)
        if state is None or state.state == "unknown":
            wanted = ReturnRequest(
                number=row.number, split_number=made.number, mchid=found.account, amount_fen=row.amount_fen, description=row.reason
            )
            state = await way.give_back(account, wanted)
    except ChannelUnknown as unknown:
        log.info("return_unanswered", number=row.number, code=unknown.code)
    except ChannelRefused as refusal:
        state = ReturnState(state="failed", number=row.number, split_number=made.number, reason=_words(refusal))
    async with platform.database.tenant(tenant_id) as session:
        await settle_return(session, return_id, state)


async def settle_return(session: Session, return_id: UUID, state: ReturnState | None) -> None:
    """Apply what the channel says of a return: once it is back, the books have it back."""
    row = await repository.find(session, give_back, return_id)
    made = await repository.find(session, split, row.split_id, lock=True)
    held = await repository.find(session, give_back, return_id, lock=True)
    if held.state not in ("submitted", "processing"):
        return
    word = state.state if state else "unknown"
    if state and state.amount_fen not in (None, held.amount_fen):
        word = "unknown"
    values: dict[str, object] = {"queries": held.queries + 1, "next_at": clock.now() + _rung(held.queries)}
    if word == "succeeded":
        payment = await repository.find_payment(session, made.payment_id, lock=True)
        [found] = [each for each in await repository.list_shares(session, [made.id]) if each.position == held.position]
        parts = booking.parts_back(booking.read_parts(found.parts), found.returned_fen, held.amount_fen)
        journal_id = await booking.take_back(session, held.number, made, payment, parts, held.checked_by or "system")
        await repository.change_share(session, made.id, held.position, returned_fen=found.returned_fen + held.amount_fen)
        values |= {"journal_id": journal_id, "next_at": None, "finished_at": clock.now(), "reference": state.reference, "error": None}
    elif word == "failed":
        values |= {"next_at": None, "finished_at": clock.now(), "error": state.reason or "渠道没有接受回退"}
    target = {"succeeded": "succeeded", "failed": "failed", "processing": "processing"}.get(word, held.state)
    await repository.change(session, give_back, return_id, state=RETURN.check(held.state, target), **values)


def _way(platform: Platform) -> ProfitSharing:
    return ProfitSharing(platform.channels["wechatpay"])


def _rung(queries: int) -> dt.timedelta:
    return dt.timedelta(seconds=LADDER_SECONDS[min(queries, len(LADDER_SECONDS) - 1)])


def _words(refusal: ChannelRefused) -> str:
    return str(refusal.facts.get("channel_message") or refusal.message)[:200]
