"""A channel's word on a refund becomes its state: once, whoever was first, a notification or a query; nothing is ever dropped."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from types import SimpleNamespace
from uuid import UUID

from core import clock, ids
from core.database import Row, Session
from core.hookspecs import PaymentRefunded
from core.outbox import service as outbox
from core.payments import repository as payments
from core.payments.channels.protocol import ChannelAccount, RefundState
from core.payments.schemas import Decision
from core.refunds import batching, holding, repository, service, submitting
from core.refunds.repository import Held
from core.refunds.states import ITEM, MOST_ATTEMPTS, MOST_TRIES, OPEN, REFUND, status_of

RETRY_AFTER = dt.timedelta(minutes=5)
OUTCOMES = {"succeeded": "refunded", "failed": "refund_failed", "closed": "refund_closed"}


async def settle(session: Session, account: ChannelAccount, state: RefundState) -> Decision:
    """Apply what a channel truthfully says of a refund: `refunded`, `refund_failed`, `refund_closed`, `processing`, `duplicate`, `mismatch`
    or `foreign_refund` (made in the channel's own back office)."""
    return await _settle(session, account, state, await repository.hold(session, number=state.number))


async def settle_many(session: Session, told: Sequence[tuple[ChannelAccount, RefundState]]) -> list[Decision]:
    """The same for many words on different items; refunds and items are held first, all of them."""
    found = {each.item.number: each for each in await repository.hold_many(session, numbers=[state.number for _account, state in told])}
    of_refund: dict[UUID, list[Row]] = defaultdict(list)
    for row in await repository.list_states(session, *{each.refund.id for each in found.values()}):
        of_refund[row.refund_id].append(row)
    decisions = []
    for account, state in told:
        held = found.get(state.number)
        rows = of_refund.pop(held.refund.id, None) if held else None  # a second item of a refund asks again
        decisions.append(await _settle(session, account, state, held, rows))
    return decisions


async def _settle(
    session: Session, account: ChannelAccount, state: RefundState, found: Held | None, rows: Sequence[Row] | None = None
) -> Decision:
    if found is None:
        return await _foreign(session, account, state, "foreign_refund")
    if wrong := _disagreements(account, state, found):
        return await _mismatch(session, account, state, found.item, wrong)
    outcome = await _applied(session, account, state, found, rows)
    return Decision(outcome=outcome, order_number=found.payment.order_number, payment_id=found.item.payment_id)


async def _applied(session: Session, account: ChannelAccount, state: RefundState, found: Held, rows: Sequence[Row] | None) -> str:
    item = found.item
    if item.state == "success":
        return "duplicate"
    if item.journal_id is None or item.state == "transferring":
        if state.state != "succeeded":
            return "duplicate"
        return (await _foreign(session, account, state, "refund_after_end", payment_id=str(item.payment_id))).outcome
    if state.state == "succeeded":
        await arrived(session, found, at=state.refunded_at or clock.now(), reference=state.reference, rows=rows)
        return OUTCOMES[state.state]
    if state.state != "closed" and item.state in ("failed", "manual_transfer"):
        return "duplicate"
    if state.reference and state.reference != item.reference:
        await repository.change_item(session, item.id, reference=state.reference)
    if state.state == "failed":
        await _failed(session, item, state)
    elif state.state == "closed":
        await _closed(session, found, state)
    else:
        values = {"state": ITEM.check(item.state, "processing"), "next_at": item.next_at or clock.now(), "error": None}
        await repository.change_item(session, item.id, **values)
    await service.settle_status(session, found.refund)
    return OUTCOMES.get(state.state, "processing")


async def arrived(
    session: Session, found: Held, *, at: dt.datetime, reference: str | None, rows: Sequence[Row] | None = None
) -> None:
    """The money is with the payer: item, refund and batch follow, and everybody is told after the commit.

    `rows` are the refund's items as they stand, for one who has just asked.
    """
    refund, item = found.refund, found.item
    ITEM.check(item.state, "success")
    rows = rows or await repository.list_states(session, refund.id)
    states = ["success" if row.id == item.id else row.state for row in rows]
    status = status_of(states)
    if status != refund.status:
        REFUND.check(refund.status, status)
    back_fen = sum(row.amount_fen for row, state in zip(rows, states, strict=True) if state == "success")
    values = {
        "ended_item": item.id, "ended_at": at, "ended_reference": reference, "ended_refund": refund.id, "ended_status": status,
        "ended_fen": back_fen, "ended_all": not any(state in OPEN for state in states),
    }  # fmt: skip
    event = PaymentRefunded(refund_id=refund.id, payment_id=item.payment_id, amount_fen=item.amount_fen, bill_id=refund.bill_id)
    await session.together(repository.ending(values), outbox.adding(session, event))
    await batching.follow(session, refund.batch_id, status)


async def _failed(session: Session, item: SimpleNamespace, state: RefundState) -> None:
    """The same number again, three times in all; then a person transfers the money. It stays counted as refunded meanwhile."""
    tries, why = item.tries + 1, state.reason or "渠道退款失败"
    if tries >= MOST_TRIES:
        values = {"state": ITEM.check(item.state, "manual_transfer"), "next_at": None, "error": f"渠道多次退款失败：{why}"}
    else:
        values = {"state": ITEM.check(item.state, "failed"), "next_at": clock.now() + RETRY_AFTER * tries, "error": why}
    await repository.change_item(session, item.id, tries=tries, **values)


async def _closed(session: Session, found: Held, state: RefundState) -> None:
    """This number is finished for good: booked back exactly, and begun anew under the next number; in the end by hand."""
    refund, item = found.refund, found.item
    payment = await submitting.lock_payment(session, found)
    why = state.reason or "渠道已关闭这笔退款"
    await submitting.undo(session, found, state=ITEM.check(item.state, "closed"), why=why)
    await repository.change_item(session, item.id, error=why, finished_at=clock.now())
    by_hand = item.attempt >= MOST_ATTEMPTS or item.state == "manual_transfer"  # back at the merchant: the same card would fail again
    await holding.add_items(
        session, refund, [(payment, holding.places_from(item.payment_id, found.parts))], state="manual_transfer" if by_hand else "held",
        error=f"渠道多次关闭退款：{why}" if by_hand else None, attempt=item.attempt + 1, flush_key=item.flush_key, anew=False,
    )  # fmt: skip


def _disagreements(account: ChannelAccount, state: RefundState, found: Held) -> dict[str, tuple[object, object]]:
    """Where a genuine word differs from our own refund; what the channel left unsaid differs in nothing."""
    pairs = {
        "order_number": (found.payment.order_number, state.order_number),
        "mchid": (found.payment.mchid, state.mchid or account.mchid),
        "amount_fen": (found.item.amount_fen, state.amount_fen),
    }
    return {field: pair for field, pair in pairs.items() if pair[1] not in (None, "") and pair[0] != pair[1]}


async def _mismatch(
    session: Session, account: ChannelAccount, state: RefundState, item: SimpleNamespace, wrong: dict[str, tuple[object, object]]
) -> Decision:
    differs = {field: {"ours": ours, "theirs": theirs} for field, (ours, theirs) in wrong.items()}
    await _note(session, account, state, "refund_mismatch", {"differs": differs, "refund_id": str(item.refund_id)})
    return Decision(outcome="mismatch", order_number=state.order_number, facts=differs)


async def _foreign(session: Session, account: ChannelAccount, state: RefundState, reason: str, **more: str) -> Decision:
    """Money left the channel and we did not send it: an item for finance with every fact; the books wait for a person."""
    await _note(session, account, state, reason, more)
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
