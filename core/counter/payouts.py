"""Refunds that are paid out at a window: cash that came over the counter goes back over it, out of a shift's drawer, once."""

from uuid import UUID

import msgspec

from core import money
from core.counter import repository, service, shifts
from core.counter.errors import NotEnoughCash, RefundNotForWindow, SlipAlreadyEntered
from core.database import Session
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import Vault
from core.payments import refund_notices
from core.payments.accounts import service as accounts
from core.payments.channels.protocol import RefundState


class Payout(msgspec.Struct, frozen=True, kw_only=True):
    """A refund that waits at the window."""

    id: UUID
    number: str
    scene: str
    title: str
    party: str
    amount_fen: int
    reason: str


class PayoutPage(msgspec.Struct, frozen=True):
    """Refunds that wait at the window, the oldest first."""

    items: list[Payout]


class PaidOut(msgspec.Struct, frozen=True):
    """The number of the entry in the shift."""

    entry_number: str


async def waiting(session: Session, limit: int = 100) -> list[Payout]:
    """What is to be paid out, the oldest first; people are shown by number."""
    return [
        Payout(
            id=row.id, number=row.number, scene=kind_of(row.scene), title=row.title, party=row.party_number or "", amount_fen=row.amount_fen,
            reason=row.reason,
        )
        for row in await repository.list_payouts(session, limit)
    ]  # fmt: skip


async def count_waiting(session: Session, _: Actor) -> int:
    """How many refunds wait at the window."""
    return await repository.count_payouts(session)


async def pay_out(session: Session, vault: Vault, by: Actor, refund_number: str) -> str:
    """Hand the money over; answers the entry's number. The refund is done with it, in the same transaction."""
    held = await shifts.working(session, by, lock=True)
    row = await repository.find_payout(session, refund_number)
    if row is None:
        raise RefundNotForWindow(number=refund_number[:40])
    if await repository.find_refund_entry(session, refund_number) is not None:
        raise SlipAlreadyEntered(reference=refund_number)
    kind = kind_of(row.scene)
    if kind == "cash" and (has := await shifts.expected(session, held)) < row.amount_fen:
        raise NotEnoughCash(has=money.format_yuan(has), amount=money.format_yuan(row.amount_fen))
    account = await accounts.by_id(session, vault, row.channel_account_id)
    number = service.entry_number()
    facts = {"refund": refund_number, "title": row.title}
    await service.enter(session, by, held, number, kind, -row.amount_fen, facts, refund_number=refund_number)
    state = RefundState(
        state="succeeded", number=refund_number, order_number=row.order_number, mchid=account.mchid, amount_fen=row.amount_fen,
        reference=number,
    )  # fmt: skip
    decision = await refund_notices.settle(session, account, state)
    if decision.outcome != "refunded":
        raise RefundNotForWindow(number=refund_number)
    after = {"refund": refund_number, "amount_fen": row.amount_fen, "entry": number}
    await audit.record(session, by, "counter.refund.pay_out", "refund_item", row.id, after=after)
    return number


def kind_of(scene: str) -> str:
    """How money goes back: as it came; what nobody entered at a window came from the bank."""
    return scene if scene in ("cash", "pos", "cheque") else "transfer"
