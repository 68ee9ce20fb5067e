"""Money that somebody has seen with their own eyes: an order written and decided in one transaction, for what no channel could report."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from core import clock, ids
from core.billing import service as billing
from core.database import Row, Session
from core.payments import repository
from core.payments.capture import decide
from core.payments.channels.protocol import ChannelAccount, ChannelState
from core.payments.errors import AnotherPaymentUnderWay, EmptyCharge
from core.payments.schemas import Decision, PayItem


async def live_orders(session: Session, bill_ids: Sequence[UUID]) -> Sequence[Row]:
    """What payers have begun on these bills and may still pay; to be ended before the same bills are paid at a counter."""
    return await repository.list_live_orders(session, list(bill_ids))


async def record(
    session: Session,
    account_id: UUID,
    account: ChannelAccount,
    items: Sequence[PayItem],
    *,
    scene: str,
    key: str,
    reference: str,
    description: str,
    paid_at: dt.datetime | None = None,
    strict: bool = True,
) -> Decision:
    """Book money that was received for some bills. `strict` refuses what the bills do not owe; otherwise the excess goes to suspense.

    `reference` is the number under which the money is known outside (a slip, a transfer); the same one is never booked twice
    (AlreadyPosted).
    """
    bill_ids = [item.bill_id for item in items]
    if not items or any(item.amount_fen <= 0 for item in items) or (strict and len(set(bill_ids)) != len(items)):
        raise EmptyCharge()
    await billing.share_out(session, [(item.bill_id, item.amount_fen) for item in items], 0)
    if strict:
        for item in items:
            billing.check_payable(await billing.find_bill(session, item.bill_id), item.amount_fen, merged=len(items) > 1)
        if await live_orders(session, bill_ids):
            raise AnotherPaymentUnderWay()
    now = clock.now()
    number = ids.number("P", clock.business_day(now).strftime("%y%m%d"), 14)
    await repository.add_order(
        session,
        {
            "id": ids.uuid7(),
            "number": number,
            "channel_account_id": account_id,
            "channel": account.channel,
            "mchid": account.mchid,
            "scene": scene,
            "description": description[:120],
            "amount_fen": sum(item.amount_fen for item in items),
            "payer_id": None,
            "payer_session_id": None,
            "idempotency_key": key,
            "payer_ip": "",
            "openid": None,
            "return_url": None,
            "expires_at": now,
            "next_query_at": now,
            "bills": bill_ids,
            "amounts": [item.amount_fen for item in items],
        },
    )
    return await decide(
        session,
        account,
        ChannelState(
            state="succeeded",
            order_number=number,
            mchid=account.mchid,
            appid=account.appid,
            channel_txn_id=reference,
            amount_fen=sum(item.amount_fen for item in items),
            currency="CNY",
            paid_at=paid_at or now,
        ),
    )


async def find_people(session: Session, asked: str) -> list[UUID]:
    """Whom a window means by a bill's number, a pay code or a person's number."""
    return await repository.find_people(session, asked)
