"""Sharing a payment (分账): one person asks, another agrees, the books follow before the channel is asked; what a refund may still take.

WeChat Pay v3 §10: only payments whose order was frozen for it, from a minute after the payment, within thirty days, at most the merchant's
largest ratio of each payment (30 % unless the client's setting `sharing_max_percent` says otherwise).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from core import clock, ids, money, paging
from core.approvals import service as approvals
from core.database import Row, Session
from core.errors import InvalidRequest
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import Vault
from core.profit_sharing import booking, receivers, repository
from core.profit_sharing.errors import PaymentNotForSharing, ReturnTooLarge, ShareFirst, SplitInvalid, SplitNotFound, SplitTooLarge, SplitUnderWay
from core.profit_sharing.models import give_back, split
from core.profit_sharing.schemas import (
    PaymentSharing,
    ReleaseAsk,
    ReturnAsk,
    ReturnRead,
    SharedPayment,
    ShareRead,
    SplitAsk,
    SplitRead,
)
from core.profit_sharing.states import RETURN, SPLIT
from core.refunds import holding
from core.web.i18n import gettext as _

READ, MAKE, CHECK = "sharing.split.read", "sharing.split.make", "sharing.split.check"
KIND, RETURN_KIND = "sharing.split", "sharing.return"
MOST_PERCENT, MOST_RECEIVERS = 30, 50
WINDOW, EARLIEST = dt.timedelta(days=30), dt.timedelta(minutes=1)
STAGES = ("waiting", "under_way", "shared", "released")


def need_whole(by: Actor, right: str) -> None:
    """Shares belong to whole payments: only a right over the whole client reaches them."""
    if by.reach(right) is not None:
        raise SplitNotFound()


def most_percent(settings: Mapping[str, Any]) -> Decimal:
    """The largest part of a payment that may be shared, in percent."""
    value = settings.get("sharing_max_percent", MOST_PERCENT)
    ok = isinstance(value, (int, float, str)) and not isinstance(value, bool) and 0 < Decimal(str(value)) <= 100
    return Decimal(str(value)) if ok else Decimal(MOST_PERCENT)


async def propose(session: Session, vault: Vault, settings: Mapping[str, Any], ask: SplitAsk, by: Actor) -> UUID:
    """Ask a second person to share a payment; answers the id of the split. Nothing moves before both have agreed."""
    payment = await _shareable(session, vault, ask.payment_id)
    amounts = _amounts(ask, payment.amount_fen)
    active = {row.id: row for row in await receivers.list_active(session, payment.mchid)}
    if any(wanted.receiver_id not in active for wanted in ask.shares):
        raise SplitInvalid(fault=_("接收方还没有启用，或不属于这个商户号"))
    if len({wanted.receiver_id for wanted in ask.shares}) != len(ask.shares):
        raise SplitInvalid(fault=_("同一接收方选了两次"))
    _check_free(payment, settings, sum(amounts))
    row = _row(payment, "split", sum(amounts), ask.reason, by, release=ask.release)
    if not await repository.add(session, split, [row]):
        raise SplitUnderWay()
    shares = [
        {"split_id": row["id"], "position": n, "receiver_id": wanted.receiver_id, "amount_fen": fen,
         "description": (wanted.description.strip() or ask.reason.strip())[:80]}
        for n, (wanted, fen) in enumerate(zip(ask.shares, amounts, strict=True), 1)
    ]  # fmt: skip
    await repository.add_shares(session, shares)
    told = [
        {"receiver": f"{active[wanted.receiver_id].account} {active[wanted.receiver_id].name}".strip(), "amount_fen": fen}
        for wanted, fen in zip(ask.shares, amounts, strict=True)
    ]
    proposal = {"number": row["number"], "order": payment.order_number, "paid_fen": payment.amount_fen, "shares": told, "release": ask.release,
                "max_percent": str(most_percent(settings))}  # fmt: skip
    await approvals.propose(
        session, by, kind=KIND, title=f"分账 · {payment.order_number}", subject_id=row["id"], proposal=proposal, reason=row["reason"],
        amount_fen=row["amount_fen"],
    )  # fmt: skip
    return row["id"]


async def propose_release(session: Session, vault: Vault, ask: ReleaseAsk, by: Actor) -> UUID:
    """Ask a second person to give what was not shared to the merchant, for good."""
    payment = await _shareable(session, vault, ask.payment_id)
    row = _row(payment, "release", 0, ask.reason, by, release=True)
    if not await repository.add(session, split, [row]):
        raise SplitUnderWay()
    proposal = {"number": row["number"], "order": payment.order_number, "paid_fen": payment.amount_fen, "shares": [], "release": True}
    await approvals.propose(
        session, by, kind=KIND, title=f"解冻剩余 · {payment.order_number}", subject_id=row["id"], proposal=proposal, reason=row["reason"]
    )
    return row["id"]


async def propose_return(session: Session, ask: ReturnAsk, by: Actor) -> UUID:
    """Ask a second person to take a share back; only merchants' shares can be (§10)."""
    held = await _held(session, ask.split_id)
    found = next((row for row in await repository.list_shares(session, [held.id]) if row.position == ask.position), None)
    if found is None or found.state != "succeeded":
        raise SplitInvalid(fault=_("这份分账没有成功，不需要回退"))
    if found.kind != "MERCHANT_ID":
        raise SplitInvalid(fault=_("分给个人的款项渠道不能回退，请与对方协商退还"))
    if not 0 < ask.amount_fen <= found.amount_fen - found.returned_fen:
        raise ReturnTooLarge(free=money.format_yuan(found.amount_fen - found.returned_fen))
    row = {
        "id": ids.uuid7(), "number": ids.number("SR", clock.today().strftime("%y%m%d"), 14), "split_id": held.id, "position": ask.position,
        "amount_fen": ask.amount_fen, "reason": _why(ask.reason), "state": "proposed", "made_by": by.name,
    }  # fmt: skip
    if not await repository.add(session, give_back, [row]):
        raise SplitUnderWay()
    proposal = {"number": row["number"], "split": held.number, "receiver": f"{found.account} {found.name_masked}".strip(), "amount_fen": ask.amount_fen}
    await approvals.propose(
        session, by, kind=RETURN_KIND, title=f"分账回退 · {held.number}", subject_id=row["id"], proposal=proposal, reason=row["reason"],
        amount_fen=ask.amount_fen,
    )  # fmt: skip
    return row["id"]


async def approve(session: Session, split_id: UUID, proposal: Mapping[str, object], by: Actor) -> None:
    """Another person agrees: each share is booked, then the channel is asked. Raises SplitTooLarge, NotEnoughBalance."""
    held = await _held(session, split_id, lock=True)
    payment = await repository.find_payment(session, held.payment_id, lock=True)
    bearers = await repository.list_bearers(session, held.payment_id)
    if held.kind == "split":
        free = payment.amount_fen - payment.refunded_fen - payment.held_fen - payment.shared_fen
        if free < 0 or sum(int(row.amount_fen) for row in bearers) < held.amount_fen:
            raise SplitTooLarge(free=money.format_yuan(max(0, free + held.amount_fen)), amount=money.format_yuan(held.amount_fen),
                                percent=proposal.get("max_percent", MOST_PERCENT))  # fmt: skip
        for row in await repository.list_shares(session, [split_id]):
            parts = booking.parts_of(bearers, row.amount_fen)
            journal_id = await booking.give(session, held, payment, row.position, parts, by.name)
            await repository.change_share(session, split_id, row.position, parts=parts, journal_id=journal_id)
    now = clock.now()
    values = {"state": SPLIT.check(held.state, "submitted"), "checked_by": by.name, "checked_at": now, "sent_at": now, "next_at": now}
    await repository.change(session, split, split_id, **values)
    after = {"number": held.number, "amount_fen": held.amount_fen, "order": payment.order_number}
    await audit.record(session, by, f"sharing.{held.kind}.approve", "sharing_split", split_id, after=after)


async def refuse(session: Session, split_id: UUID, status: str, by: Actor) -> None:
    """The other person said no, or it was taken back."""
    held = await _held(session, split_id, lock=True)
    await repository.change(session, split, split_id, state=SPLIT.check(held.state, "refused"), finished_at=clock.now())


async def approve_return(session: Session, return_id: UUID, proposal: Mapping[str, object], by: Actor) -> None:
    """Another person agrees: the channel is asked; the books follow when the money is back."""
    held = await repository.find(session, give_back, return_id, lock=True)
    now = clock.now()
    values = {"state": RETURN.check(held.state, "submitted"), "checked_by": by.name, "sent_at": now, "next_at": now}
    await repository.change(session, give_back, return_id, **values)
    after = {"number": held.number, "amount_fen": held.amount_fen}
    await audit.record(session, by, "sharing.return.approve", "sharing_return", return_id, after=after)


async def refuse_return(session: Session, return_id: UUID, status: str, by: Actor) -> None:
    """The other person said no, or it was taken back."""
    held = await repository.find(session, give_back, return_id, lock=True)
    await repository.change(session, give_back, return_id, state=RETURN.check(held.state, "refused"), finished_at=clock.now())


async def hurry(session: Session, split_id: UUID) -> None:
    """Ask the channel at the next beat instead of waiting."""
    held = await _held(session, split_id, lock=True)
    if held.state in ("submitted", "processing"):
        await repository.change(session, split, split_id, next_at=clock.now())


async def check_refund(session: Session, amounts: Mapping[UUID, int]) -> None:
    """What was shared is not the merchant's to refund: ShareFirst until it has come back. Asked while the payments are held or looked at."""
    for row in await repository.shared_of(session, list(amounts)) if amounts else []:
        free_fen = row.amount_fen - row.refunded_fen - row.held_fen - row.shared_fen
        if row.shared_fen and amounts[row.id] > free_fen:
            raise ShareFirst(shared=money.format_yuan(row.shared_fen), free=money.format_yuan(max(0, free_fen)))


async def list_payments(
    session: Session, vault: Vault, settings: Mapping[str, Any], stage: str, typed: str, cursor: str | None, limit: int = paging.PAGE
) -> tuple[list[SharedPayment], str | None]:
    """Payments that are frozen for sharing, the newest first."""
    mchids = [row.mchid for row in await receivers.opened(session, vault)]
    wanted = stage if stage in STAGES else ""
    rows = await repository.list_payments(session, mchids, wanted, typed.strip().replace("\0", "")[:64], paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    return [read_payment(row, settings) for row in shown], more


async def count_waiting(session: Session, _by: Actor) -> int:
    """How many payments were asked about and wait for the channel."""
    return await repository.count_under_way(session)


async def story(session: Session, settings: Mapping[str, Any], payment_id: UUID) -> PaymentSharing:
    """One payment with every request about it."""
    payment = await repository.find_payment(session, payment_id)
    if payment is None or payment.channel != "wechatpay":
        raise SplitNotFound()
    rows = await repository.list_splits(session, payment_id)
    return PaymentSharing(payment=read_payment(payment, settings), splits=await _read(session, rows))


async def find(session: Session, split_id: UUID) -> SplitRead:
    """One request to the channel."""
    return (await _read(session, [await _held(session, split_id)]))[0]


def free_of(payment: Row, settings: Mapping[str, Any]) -> int:
    """What of a payment may still be shared, fen."""
    cap = money.percent_of(payment.amount_fen, most_percent(settings))
    return max(0, min(cap - payment.given_fen, payment.amount_fen - payment.refunded_fen - payment.held_fen - payment.shared_fen))


def read_payment(row: Row, settings: Mapping[str, Any]) -> SharedPayment:
    """A payment as people may see it."""
    return SharedPayment(
        id=row.id, order_number=row.order_number, mchid=row.mchid, amount_fen=row.amount_fen, refunded_fen=row.refunded_fen,
        shared_fen=row.shared_fen, free_fen=0 if row.stage == "released" else free_of(row, settings), stage=row.stage, paid_at=row.paid_at,
        split_until=row.paid_at + WINDOW,
    )  # fmt: skip


async def _shareable(session: Session, vault: Vault, payment_id: UUID) -> Row:
    payment = await repository.find_payment(session, payment_id, lock=True)
    opened = {row.mchid for row in await receivers.opened(session, vault)}
    if payment is None or payment.channel != "wechatpay" or payment.mchid not in opened:
        raise PaymentNotForSharing(fault=_("这笔付款没有冻结待分账的资金"))
    now = clock.now()
    if now < payment.paid_at + EARLIEST:
        raise PaymentNotForSharing(fault=_("付款一分钟后才能分账，请稍候"))
    if now > payment.paid_at + WINDOW:
        raise PaymentNotForSharing(fault=_("付款已超过 30 天，资金已自动解冻，不能再分账"))
    if payment.stage == "released":
        raise PaymentNotForSharing(fault=_("剩余资金已经解冻给商户，不能再分账"))
    if payment.stage == "under_way":
        raise SplitUnderWay()
    return payment


def _amounts(ask: SplitAsk, paid_fen: int) -> list[int]:
    if not 1 <= len(ask.shares) <= MOST_RECEIVERS:
        raise SplitInvalid(fault=_("请选择 1 到 50 个接收方"))
    amounts = [money.percent_of(paid_fen, each.percent) if each.percent is not None else each.amount_fen for each in ask.shares]
    if any(fen <= 0 for fen in amounts) or any(each.percent is not None and each.amount_fen for each in ask.shares):
        raise SplitInvalid(fault=_("每个接收方填写金额或比例其中一项，且大于 0"))
    return amounts


def _check_free(payment: Row, settings: Mapping[str, Any], amount_fen: int) -> None:
    free = free_of(payment, settings)
    if amount_fen > free:
        raise SplitTooLarge(free=money.format_yuan(free), amount=money.format_yuan(amount_fen), percent=most_percent(settings))


def _row(payment: Row, kind: str, amount_fen: int, reason: str, by: Actor, *, release: bool) -> dict[str, Any]:
    return {
        "id": ids.uuid7(), "number": ids.number("S", clock.today().strftime("%y%m%d"), 14), "payment_id": payment.id, "kind": kind,
        "release": release, "amount_fen": amount_fen, "reason": _why(reason), "state": "proposed", "made_by": by.name,
    }  # fmt: skip


def _why(reason: str) -> str:
    if not reason.strip():
        raise InvalidRequest(_("请填写原因"))
    return reason.strip()[:80]


async def _held(session: Session, split_id: UUID, *, lock: bool = False) -> Row:
    row = await repository.find(session, split, split_id, lock=lock)
    if row is None:
        raise SplitNotFound()
    return row


async def _read(session: Session, rows: Sequence[Row]) -> list[SplitRead]:
    shares = await repository.list_shares(session, [row.id for row in rows])
    returns = await repository.list_returns(session, [row.id for row in rows])
    facts = [name for name in SplitRead.__struct_fields__ if name not in ("shares", "returns")]
    return [
        SplitRead(
            **{name: getattr(row, name) for name in facts},
            shares=[_share(each) for each in shares if each.split_id == row.id],
            returns=[ReturnRead(**{n: getattr(each, n) for n in ReturnRead.__struct_fields__}) for each in returns if each.split_id == row.id],
        )
        for row in rows
    ]


def _share(row: Row) -> ShareRead:
    return ShareRead(
        position=row.position, receiver_id=row.receiver_id, kind=row.kind, account=receivers.shown_account(row.kind, row.account),
        name=row.name_masked, amount_fen=row.amount_fen, returned_fen=row.returned_fen, description=row.description, state=row.state,
        reason=row.reason, journal_id=row.journal_id,
    )  # fmt: skip


holding.register_guard(check_refund)
