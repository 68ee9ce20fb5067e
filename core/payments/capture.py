"""A channel's word becomes money in the books: once, on the right bills, and nothing is ever dropped (architecture §6, §11.1).

The one way in for a verified success, whether a notification or a query brought it. Everything is one transaction: payment, journal,
allocations, bill states, the event. Credits take no lock on a shared row; only the order and the bills of this charge are held.
"""

from collections import defaultdict
from collections.abc import Callable
from uuid import UUID

from core import clock, ids
from core.billing import holding
from core.billing import service as billing
from core.billing.schemas import Placement, Share
from core.database import Row, Session, Write
from core.hookspecs import PaymentSettled
from core.ledger import service as ledger
from core.ledger.errors import AlreadyPosted
from core.ledger.schemas import SUSPENSE_LONG, Journal, Posting, channel_account, credit, debit, merchant_account
from core.outbox import service as outbox
from core.payments import repository
from core.payments.channels.protocol import ChannelAccount, ChannelState, disagreements
from core.payments.schemas import Decision
from core.payments.states import ORDER


async def decide(session: Session, account: ChannelAccount, state: ChannelState, told: Callable[[str], Write] | None = None) -> Decision:
    """Apply what a channel truthfully says of an order. Unknown is pending, never failed.

    `told` makes the row that keeps the channel's own words, from the outcome; it is written with everything else in one round trip.
    Raises AlreadyPosted when another transaction booked the same money first.
    """
    if state.paid:
        return await _paid(session, account, state, await repository.lock_paid(session, state.order_number), told)
    order = await repository.lock_order(session, state.order_number)
    decision = Decision(outcome="pending", order_number=state.order_number)
    if order is None or order.status in ("succeeded", "closed", "failed"):
        decision = Decision(outcome="duplicate", order_number=state.order_number)
    elif _elsewhere(account, order):
        decision = Decision(outcome="mismatch", order_number=state.order_number)
    elif state.state in ("closed", "failed"):
        ORDER.check(order.status, state.state)
        await repository.set_decided(session, order.id, state.state, None, clock.now())
        decision = Decision(outcome=state.state, order_number=order.number)
    return await _kept(session, decision, told)


async def _kept(session: Session, decision: Decision, told: Callable[[str], Write] | None) -> Decision:
    if told:
        await session.together(told(decision.outcome))
    return decision


async def _paid(
    session: Session, account: ChannelAccount, state: ChannelState, order: Row | None, told: Callable[[str], Write] | None
) -> Decision:
    if order is not None and order.status == "succeeded" and order.channel_txn_id == state.channel_txn_id:
        return await _kept(session, Decision(outcome="duplicate", order_number=order.number), told)
    amount_fen = order.amount_fen if order is not None else state.amount_fen
    wrong = disagreements(state, account, state.order_number, amount_fen, "CNY" if order is None else order.currency)
    wrong |= _elsewhere(account, order)
    if wrong or not state.channel_txn_id or not amount_fen:
        decision = await _mismatch(session, state, wrong or {"channel_txn_id": ("required", state.channel_txn_id)})
        return await _kept(session, decision, told)
    return await _book(session, account, state, order, told)


def _elsewhere(account: ChannelAccount, order: Row | None) -> dict[str, tuple[object, object]]:
    """Where the merchant number that speaks is not the one the order was placed with: field → (ours, theirs)."""
    if order is None:
        return {}
    pairs = {"channel": (order.channel, account.channel), "mchid": (order.mchid, account.mchid)}
    return {field: pair for field, pair in pairs.items() if pair[0] != pair[1]}


async def _book(
    session: Session, account: ChannelAccount, state: ChannelState, order: Row | None, told: Callable[[str], Write] | None
) -> Decision:
    payment_id, now = ids.uuid7(), clock.now()
    fresh = order is not None and order.status != "succeeded"
    shares: list[Share] = []
    left_fen = state.amount_fen
    if fresh:
        ORDER.check(order.status, "succeeded")
        wanted = [(UUID(item["bill_id"]), item["amount_fen"]) for item in order.items]
        shares, left_fen = holding.share_out(order.open_lines, wanted, state.amount_fen)
    journal = _journal(account, state, payment_id, shares, left_fen)
    journal_id, posting = await ledger.posting(session, journal)
    placements = billing.on_bills(payment_id, shares)
    if left_fen:
        placements.append(Placement(payment_id=payment_id, kind="suspense", amount_fen=left_fen))
        await _to_suspense(session, payment_id, state, order, left_fen)
    booking = repository.booking(
        {
            "payment_id": payment_id,
            "payment_order_id": order.id if fresh else None,
            "order_number": state.order_number,
            "payment_channel": account.channel,
            "payment_mchid": account.mchid,
            "channel_txn_id": state.channel_txn_id,
            "payment_scene": order.scene if order is not None else "unknown",
            "payment_fen": state.amount_fen,
            "payment_payer": order.payer_id if order is not None else None,
            "payment_journal": journal_id,
            "paid_at": state.paid_at or now,
            "booked_at": now,
        }
    )
    bill_ids = tuple(dict.fromkeys(share.bill_id for share in shares))
    event = outbox.adding(session, PaymentSettled(payment_id=payment_id, amount_fen=state.amount_fen, bill_ids=bill_ids))
    outcome = "suspense" if left_fen else "booked"
    words = [told(outcome)] if told else []
    written = await session.together(posting, booking, billing.placing(journal_id, placements), event, *words)
    if not written.posted:
        raise AlreadyPosted(key=journal.key)
    return Decision(outcome=outcome, order_number=state.order_number, payment_id=payment_id)


def _journal(account: ChannelAccount, state: ChannelState, payment_id: UUID, shares: list[Share], left_fen: int) -> Journal:
    owed: dict[tuple[str, UUID], int] = defaultdict(int)
    for share in shares:
        owed[share.merchant_code, share.merchant_id] += share.amount_fen
    postings: list[Posting] = [debit(channel_account(account.channel, account.mchid), state.amount_fen)]
    postings += [credit(merchant_account(code), fen, merchant_id) for (code, merchant_id), fen in sorted(owed.items())]
    if left_fen:
        postings.append(credit(SUSPENSE_LONG, left_fen))
    return Journal(
        key=f"payment:{account.channel}:{state.channel_txn_id}",
        event="payment.succeeded",
        biz_type="payment",
        biz_id=str(payment_id),
        postings=tuple(postings),
        by="system",
        memo=state.order_number,
    )


async def _to_suspense(session: Session, payment_id: UUID, state: ChannelState, order: Row | None, left_fen: int) -> None:
    if order is None:
        reason = "unknown_order"
    elif order.status == "succeeded":
        reason = "double_payment"
    elif order.status in ("closed", "failed"):
        reason = "late_success"
    else:
        reason = "nothing_owed"
    await repository.add_suspense(
        session,
        {
            "id": ids.uuid7(),
            "key": f"payment:{payment_id}",
            "payment_id": payment_id,
            "reason": reason,
            "amount_fen": left_fen,
            "left_fen": left_fen,
            "facts": {"order_number": state.order_number, "channel_txn_id": state.channel_txn_id, "paid_fen": state.amount_fen},
            "status": "open",
        },
    )


async def _mismatch(session: Session, state: ChannelState, wrong: dict[str, tuple[object, object]]) -> Decision:
    """A genuine word about something else than our order: believed in nothing, shown to finance with both values."""
    facts = {
        "order_number": state.order_number,
        "channel_txn_id": state.channel_txn_id,
        "differs": {field: {"ours": ours, "theirs": theirs} for field, (ours, theirs) in wrong.items()},
    }
    await repository.add_suspense(
        session,
        {
            "id": ids.uuid7(),
            "key": f"mismatch:{state.order_number}:{state.channel_txn_id}",
            "payment_id": None,
            "reason": "mismatch",
            "amount_fen": state.amount_fen or 0,
            "left_fen": 0,
            "facts": facts,
            "status": "open",
        },
    )
    return Decision(outcome="mismatch", order_number=state.order_number, facts=facts)
