"""A channel's word on a refund becomes its state: once, whoever was first, a notification or a query; nothing is ever dropped."""

import datetime as dt

from core import clock, ids
from core.database import Row, Session
from core.hookspecs import PaymentRefunded
from core.outbox import service as outbox
from core.payments import repository as payments
from core.payments.channels.protocol import ChannelAccount, RefundState
from core.payments.schemas import Decision
from core.refunds import batching, holding, money_repository, repository, service, submitting
from core.refunds.states import ITEM, MOST_ATTEMPTS, MOST_TRIES

RETRY_AFTER = dt.timedelta(minutes=5)
OUTCOMES = {"succeeded": "refunded", "failed": "refund_failed", "closed": "refund_closed"}


async def settle(session: Session, account: ChannelAccount, state: RefundState) -> Decision:
    """Apply what a channel truthfully says of a refund: `refunded`, `refund_failed`, `refund_closed`, `processing`, `duplicate`, `mismatch`
    or `foreign_refund` (made in the channel's own back office)."""
    found = await repository.find_by_number(session, state.number)
    if found is None:
        return await _foreign(session, account, state, "foreign_refund")
    refund, item, parts = await submitting.held(session, found.id)
    payment = await payments.get_payment(session, item.payment_id)
    if wrong := _disagreements(account, state, item, payment):
        return await _mismatch(session, account, state, item, wrong)
    outcome = await _applied(session, account, state, refund, item, parts)
    if outcome not in ("duplicate", "foreign_refund"):
        status = await service.settle_status(session, refund)
        await batching.follow(session, refund.batch_id, status)
    return Decision(outcome=outcome, order_number=payment.order_number, payment_id=item.payment_id)


async def _applied(
    session: Session, account: ChannelAccount, state: RefundState, refund: Row, item: Row, parts: list[Row]
) -> str:
    if state.reference and state.reference != item.reference:
        await repository.change_item(session, item.id, reference=state.reference)
    if item.state == "success":
        return "duplicate"
    if item.journal_id is None or item.state == "transferring":
        if state.state != "succeeded":
            return "duplicate"
        return (await _foreign(session, account, state, "refund_after_end")).outcome
    match state.state:
        case "succeeded":
            await _succeeded(session, refund, item, state)
        case "failed" if item.state not in ("failed", "manual_transfer"):
            await _failed(session, item, state)
        case "closed":
            await _closed(session, refund, item, parts, state)
        case _ if item.state in ("failed", "manual_transfer"):
            return "duplicate"
        case _:
            values = {"state": ITEM.check(item.state, "processing"), "next_at": item.next_at or clock.now(), "error": None}
            await repository.change_item(session, item.id, **values)
            return "processing"
    return OUTCOMES[state.state]


async def _succeeded(session: Session, refund: Row, item: Row, state: RefundState) -> None:
    now = clock.now()
    values = {"state": ITEM.check(item.state, "success"), "error": None, "next_at": None, "finished_at": state.refunded_at or now}
    await repository.change_item(session, item.id, **values)
    await tell(session, refund, item)


async def tell(session: Session, refund: Row, item: Row) -> None:
    """Let everybody know, after the commit, that money went back."""
    event = PaymentRefunded(refund_id=refund.id, payment_id=item.payment_id, amount_fen=item.amount_fen, bill_id=refund.bill_id)
    await outbox.add(session, event)


async def _failed(session: Session, item: Row, state: RefundState) -> None:
    """The same number again, three times in all; then a person transfers the money. It stays counted as refunded meanwhile."""
    tries, why = item.tries + 1, state.reason or "渠道退款失败"
    if tries >= MOST_TRIES:
        values = {"state": ITEM.check(item.state, "manual_transfer"), "next_at": None, "error": f"渠道多次退款失败：{why}"}
    else:
        values = {"state": ITEM.check(item.state, "failed"), "next_at": clock.now() + RETRY_AFTER * tries, "error": why}
    await repository.change_item(session, item.id, tries=tries, **values)


async def _closed(session: Session, refund: Row, item: Row, parts: list[Row], state: RefundState) -> None:
    """This number is finished for good: booked back exactly, and begun anew under the next number; in the end by hand."""
    await money_repository.lock_source(session, bill_id=refund.bill_id, suspense_id=refund.suspense_id)
    [payment] = await money_repository.lock_payments(session, [item.payment_id])
    why = state.reason or "渠道已关闭这笔退款"
    await submitting.undo(session, refund, item, parts, state="closed", why=why)
    await repository.change_item(session, item.id, error=why, finished_at=clock.now())
    by_hand = item.attempt >= MOST_ATTEMPTS
    await holding.add_item(
        session, refund, payment, holding.places_from(item.payment_id, parts), state="manual_transfer" if by_hand else "held",
        error=f"渠道多次关闭退款：{why}" if by_hand else None, attempt=item.attempt + 1, flush_key=item.flush_key,
    )  # fmt: skip


def _disagreements(account: ChannelAccount, state: RefundState, item: Row, payment: Row) -> dict[str, tuple[object, object]]:
    """Where a genuine word differs from our own refund; what the channel left unsaid differs in nothing."""
    pairs = {
        "order_number": (payment.order_number, state.order_number),
        "mchid": (payment.mchid, state.mchid or account.mchid),
        "amount_fen": (item.amount_fen, state.amount_fen),
    }
    return {field: pair for field, pair in pairs.items() if pair[1] not in (None, "") and pair[0] != pair[1]}


async def _mismatch(
    session: Session, account: ChannelAccount, state: RefundState, item: Row, wrong: dict[str, tuple[object, object]]
) -> Decision:
    differs = {field: {"ours": ours, "theirs": theirs} for field, (ours, theirs) in wrong.items()}
    await _note(session, account, state, "refund_mismatch", {"differs": differs, "refund_id": str(item.refund_id)})
    return Decision(outcome="mismatch", order_number=state.order_number, facts=differs)


async def _foreign(session: Session, account: ChannelAccount, state: RefundState, reason: str) -> Decision:
    """Money left the channel and we did not send it: an item for finance with every fact; the books wait for a person."""
    await _note(session, account, state, reason, {})
    return Decision(outcome="foreign_refund", order_number=state.order_number)


async def _note(session: Session, account: ChannelAccount, state: RefundState, reason: str, more: dict[str, object]) -> None:
    facts = {
        "order_number": state.order_number, "refund_number": state.number, "reference": state.reference, "channel": account.channel,
        "mchid": account.mchid, "refunded_fen": state.amount_fen, "state": state.state, **more,
    }  # fmt: skip
    row = {
        "id": ids.uuid7(), "key": f"{reason}:{account.channel}:{state.number}:{state.amount_fen}", "payment_id": None, "reason": reason,
        "amount_fen": state.amount_fen or 0, "left_fen": 0, "facts": facts, "status": "open",
    }  # fmt: skip
    await payments.add_suspense(session, row)
