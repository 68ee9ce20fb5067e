"""Sending refunds to their channels: the attempt is committed before the call, nothing is held during it, unknown stays under way.

Every rung repeats the same number until the channel has decided. What the merchant's balance does not cover yet waits, in order.
"""

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from uuid import UUID

import structlog

from core import clock
from core.database import Row, Session
from core.errors import PlatformError
from core.ledger.errors import NotEnoughBalance
from core.payments.accounts import service as accounts
from core.payments.channels.errors import ChannelRefused, ChannelShort, ChannelUnknown
from core.payments.channels.protocol import Channel, ChannelAccount, OrderRef, RefundRef, RefundRequest, RefundState
from core.payments.schemas import Decision
from core.platform import Platform
from core.refunds import repository, settling, submitting
from core.tenancy.directory import ClientProfile

log = structlog.get_logger()
LEASE = dt.timedelta(seconds=60)
AT_ONCE = 40
Answer = tuple[Row, ChannelAccount, RefundState]
"""An item, where it was sent to, and what the channel said."""
NOTHING: Mapping[UUID, dt.datetime | None] = MappingProxyType({})
LADDER_SECONDS = (10, 30, 60, 180, 600, 1800, 3600)
AGAIN_WHEN_SHORT = dt.timedelta(minutes=5)
AGAIN_WHEN_BROKEN = dt.timedelta(minutes=10)
AGAIN_WHEN_WAITING = dt.timedelta(minutes=1)


async def send_due(platform: Platform, tenant_id: UUID) -> dt.datetime | None:
    """Go on with every refund of a client whose turn it is; answers when the next one is due."""
    now = clock.now()
    async with platform.database.tenant(tenant_id) as session:
        due = await repository.claim_due(session, now, now + LEASE, AT_ONCE)
        client = await platform.directory.profile(tenant_id) if due else None
        known = await _known(session, platform, client, due) if client else []
    if client:
        booked = await _book_together(platform, client, known)
        arrived: list[Answer] = []
        steps = (_advance(platform, client, work, account, booked, arrived) for work, account in known)
        outcomes = await asyncio.gather(*steps, return_exceptions=True)
        await _settle_together(platform, client, arrived)
        for (work, _), outcome in zip(known, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                log.error("refund_not_advanced", refund=work.number, exc_info=outcome)
    async with platform.database.tenant(tenant_id) as session:
        return await repository.next_due(session)


async def advance(platform: Platform, client: ClientProfile, item_id: UUID) -> None:
    """One step of one refund item: book it and send it, send it again under the same number, or ask what became of it."""
    async with platform.database.tenant(client.id) as session:
        known = await _known(session, platform, client, [item_id])
    for work, account in known:
        await _advance(platform, client, work, account)


async def _known(
    session: Session, platform: Platform, client: ClientProfile, item_ids: list[UUID]
) -> list[tuple[Row, ChannelAccount | None]]:
    found = []
    for work in await _free(session, platform, client, await repository.list_work(session, item_ids)):
        account = await accounts.by_id(session, platform.vault, work.channel_account_id) if work.channel_account_id else None
        found.append((work, account))
    return found


async def _free(session: Session, platform: Platform, client: ClientProfile, works: Sequence[Row]) -> list[Row]:
    """Those that nothing holds back. What a bill's plugin wants undone elsewhere first (an insurer's part) keeps money that is not booked yet."""
    fresh = {work.bill_id for work in works if work.bill_id is not None and work.journal_id is None}
    asked = await platform.plugins.ask("propose_refund_wait", client.plugins, session=session, bill_ids=sorted(fresh)) if fresh else []
    waits = {bill_id: why for answer in asked for bill_id, why in answer.items()}
    held = [work for work in works if work.journal_id is None and work.bill_id in waits]
    for work in held:
        await repository.change_item(session, work.id, next_at=clock.now() + AGAIN_WHEN_WAITING, error=waits[work.bill_id][:200])
    return [work for work in works if work not in held]


async def _book_together(
    platform: Platform, client: ClientProfile, known: list[tuple[Row, ChannelAccount | None]]
) -> dict[UUID, dt.datetime | None]:
    """Book many items in one commit: each has to hold the merchant's account, and a commit at a time is all that one account allows.

    Answers the moment of each that was looked at. When anything stands in the way (money short, a lock lost) nothing is booked here, and
    the items go one by one. One item of a payment at a time, so that the channel's spacing holds; who waits for money goes alone.
    """
    fresh = {work.payment_id: (work, account) for work, account in reversed(known) if work.state == "held" and work.journal_id is None}
    booked: dict[UUID, dt.datetime | None] = {}
    if len(fresh) < 2:
        return booked
    try:
        async with platform.database.tenant(client.id) as session:
            asked = {work.id: platform.channels.get(work.channel) if account else None for work, account in fresh.values()}
            booked = dict.fromkeys(asked)
            for each in await submitting.prepare_many(session, asked):
                booked[each.found.item.id] = await submitting.book(session, each)
    except Exception as error:
        log.info("refunds_not_booked_together", client=client.code, reason=repr(error))
        return {}
    return booked


async def _advance(
    platform: Platform, client: ClientProfile, work: Row, account: ChannelAccount | None, booked: Mapping[UUID, dt.datetime | None] = NOTHING,
    arrived: list[Answer] | None = None,
) -> None:
    """One step of one item; a success is left in `arrived` for one who settles many."""
    way = platform.channels.get(work.channel) if account else None
    sent_at = None
    if work.id in booked:
        sent_at = booked[work.id]
    elif work.journal_id is None:
        sent_at = await _submit(platform, client, work.id, way)
    elif work.state in ("failed", "waiting_funds"):
        sent_at = await _again(platform, client, work.id)
    elif work.state in ("submitted", "processing") and way is not None and account is not None:
        await _ask(platform, client, way, account, work, arrived)
    if sent_at is not None and way is not None and account is not None:
        await _send(platform, client, way, account, work, sent_at, arrived)


async def _submit(platform: Platform, client: ClientProfile, item_id: UUID, way: Channel | None) -> dt.datetime | None:
    """Book the item as sent, or say why not yet; answers the moment when it may go to the channel."""
    try:
        async with platform.database.tenant(client.id) as session:
            return await submitting.submit(session, item_id, way)
    except NotEnoughBalance as short:
        async with platform.database.tenant(client.id) as session:
            await submitting.wait_for_funds(session, item_id, short.message, clock.now() + AGAIN_WHEN_SHORT)
        return None


async def _again(platform: Platform, client: ClientProfile, item_id: UUID) -> dt.datetime | None:
    """Commit that the same number is sent once more."""
    async with platform.database.tenant(client.id) as session:
        return await submitting.send_again(session, item_id, clock.now() + LEASE)


async def _send(
    platform: Platform, client: ClientProfile, way: Channel, account: ChannelAccount, work: Row, sent_at: dt.datetime,
    arrived: list[Answer] | None = None,
) -> None:
    """Call the channel and write down what it said; the number is the same however often.

    So is the moment, while the outcome is open: some channels know a refund by both. A definite no renews it (`submitting.send_again`).
    """
    revoked = await _is_revoked(platform, client, way, work, sent_at)
    request = RefundRequest(
        number=work.number, order=order_ref(work), amount_fen=work.amount_fen, reason=work.reason[:80],
        notify_url=f"{platform.settings.public_url}/notify/{work.channel}/{client.code}/{work.channel_account_id}",
        placed_at=sent_at,
    )  # fmt: skip
    try:
        state = await (way.revoke if revoked else way.refund)(account, request)
    except ChannelShort as error:
        async with platform.database.tenant(client.id) as session:
            await submitting.wait_for_funds(session, work.id, error.message, clock.now() + AGAIN_WHEN_SHORT)
        return
    except ChannelRefused as error:
        # a refused revocation has used its number up: the money goes back under the next one, as an ordinary refund
        no = "closed" if revoked else "failed"
        state = RefundState(state=no, number=work.number, order_number=work.order_number, reason=error.message)
    except ChannelUnknown as error:
        log.info("refund_unanswered", refund=work.number, code=error.code)
        state = RefundState(state="processing", number=work.number, order_number=work.order_number)
    except PlatformError as error:
        log.warning("refund_not_sent", refund=work.number, code=error.code)
        await _later(platform, client, work, clock.now() + AGAIN_WHEN_BROKEN, error.message)
        return
    await _settle(platform, client, account, work, state, arrived)


async def _is_revoked(platform: Platform, client: ClientProfile, way: Channel, work: Row, sent_at: dt.datetime) -> bool:
    """Which way a number goes, where the channel has two: a whole payment of the channel's running day is undone (消费撤销), everything else
    refunded. Written down before the call, so that a repeat goes the same way."""
    if not hasattr(way, "revoke"):
        return False
    if work.route is None:
        whole = work.amount_fen == work.payment_fen and (work.attempt, work.tries) == (1, 0)
        route = "revoke" if whole and way.may_revoke(work.paid_at, sent_at) else "refund"
        async with platform.database.tenant(client.id) as session:
            await repository.change_item(session, work.id, route=route)
        return route == "revoke"
    return work.route == "revoke"


async def _ask(
    platform: Platform, client: ClientProfile, way: Channel, account: ChannelAccount, work: Row, arrived: list[Answer] | None = None
) -> None:
    """Ask what became of it; what never arrived is sent again under the same number."""
    ref = RefundRef(
        number=work.number, order=order_ref(work), amount_fen=work.amount_fen, placed_at=work.sent_at, reference=work.reference
    )
    try:
        state = await way.query_refund(account, ref)
    except PlatformError as error:
        log.info("refund_query_unanswered", refund=work.number, code=error.code)
        await _later(platform, client, work, clock.now() + _rung(work), None)
        return
    if state.state == "unknown":
        await _send(platform, client, way, account, work, work.sent_at, arrived)
    else:
        await _settle(platform, client, account, work, state, arrived)


async def _settle(
    platform: Platform, client: ClientProfile, account: ChannelAccount, work: Row, state: RefundState, arrived: list[Answer] | None = None
) -> None:
    if arrived is not None and state.state == "succeeded":
        arrived.append((work, account, state))
        return
    async with platform.database.tenant(client.id) as session:
        await _followed(session, work, await settling.settle(session, account, state))


async def _settle_together(platform: Platform, client: ClientProfile, arrived: list[Answer]) -> None:
    """What arrived, in one commit; when anything stands in the way (a lock lost), one by one, and the others are asked about again."""
    if len(arrived) > 1:
        try:
            async with platform.database.tenant(client.id) as session:
                decisions = await settling.settle_many(session, [(account, state) for _work, account, state in arrived])
                for (work, _account, _state), decision in zip(arrived, decisions, strict=True):
                    await _followed(session, work, decision)
            return
        except Exception as error:
            log.info("refunds_not_settled_together", client=client.code, reason=repr(error))
    for work, account, state in arrived:
        try:
            await _settle(platform, client, account, work, state)
        except Exception as error:
            log.error("refund_not_advanced", refund=work.number, exc_info=error)


async def _followed(session: Session, work: Row, decision: Decision) -> None:
    if decision.outcome == "processing":
        await repository.change_item(session, work.id, next_at=clock.now() + _rung(work), queries=work.queries + 1)
    elif decision.outcome == "mismatch":
        await repository.change_item(session, work.id, next_at=clock.now() + AGAIN_WHEN_BROKEN, error="渠道答复与退款不一致，请核对")


async def _later(platform: Platform, client: ClientProfile, work: Row, at: dt.datetime, error: str | None) -> None:
    async with platform.database.tenant(client.id) as session:
        await repository.change_item(session, work.id, next_at=at, queries=work.queries + 1, error=error)


def _rung(work: Row) -> dt.timedelta:
    return dt.timedelta(seconds=LADDER_SECONDS[min(work.queries, len(LADDER_SECONDS) - 1)])


def order_ref(work: Row) -> OrderRef:
    """The order as the channel knows it; for money without an order of ours, as far as its notification told."""
    return OrderRef(
        number=work.order_number, amount_fen=work.payment_fen, scene=work.scene, placed_at=work.placed_at or work.paid_at,
        expires_at=work.expires_at or work.paid_at, reference=(work.prepared or {}).get("reference"), channel_txn_id=work.channel_txn_id,
    )  # fmt: skip
