"""What a drill came to: our books against the outside world's, fen by fen, and every invariant of ours."""

import asyncpg
import msgspec
from sqlalchemy import text

from core.bench.chaos.house import House
from core.database import Session
from core.ledger import service as ledger
from core.platform import Platform
from core.sandbox.schema import plain_url
from core.tenancy.directory import ClientProfile

_OURS = text("""
    SELECT (SELECT count(*) FROM core.payment_order) AS orders,
           (SELECT count(*) FROM core.payment_order WHERE status IN ('created', 'pending')) AS undecided,
           (SELECT count(*) FROM core.payment) AS payments,
           (SELECT coalesce(sum(amount_fen), 0) FROM core.payment) AS paid_fen,
           (SELECT count(*) FROM core.suspense_item WHERE payment_id IS NOT NULL) AS in_suspense,
           (SELECT coalesce(sum(left_fen), 0) FROM core.suspense_item WHERE payment_id IS NOT NULL) AS suspense_fen,
           (SELECT count(*) FROM core.bill WHERE status = 'paid') AS bills_paid,
           (SELECT count(*) FROM core.bill WHERE paid_fen > amount_fen) AS bills_overpaid,
           (SELECT count(*) FROM core.refund_item WHERE state = 'success') AS refunds,
           (SELECT coalesce(sum(amount_fen), 0) FROM core.refund_item WHERE state = 'success') AS refunded_fen,
           (SELECT count(*) FROM core.refund_item WHERE state NOT IN ('success', 'closed', 'cancelled')) AS refunds_under_way
""")
_TRANSACTIONS = text("SELECT channel_txn_id FROM core.payment ORDER BY 1")
_THEIRS = """
    SELECT (SELECT count(*) FROM sandbox.wechat_order WHERE state = 'SUCCESS') AS payments,
           (SELECT coalesce(sum(amount_fen), 0) FROM sandbox.wechat_order WHERE state = 'SUCCESS') AS paid_fen,
           (SELECT count(*) FROM sandbox.wechat_refund WHERE state = 'SUCCESS') AS refunds,
           (SELECT coalesce(sum(amount_fen), 0) FROM sandbox.wechat_refund WHERE state = 'SUCCESS') AS refunded_fen
"""
_THEIR_TRANSACTIONS = "SELECT transaction_id FROM sandbox.wechat_order WHERE state = 'SUCCESS' ORDER BY 1"


class Tally(msgspec.Struct, kw_only=True):
    """The figures of a drill; `faults` is empty when nothing was lost, doubled or forgotten."""

    ours: dict[str, int]
    theirs: dict[str, int]
    kills: dict[str, int]
    payers: dict[str, int]
    trial_balance_fen: int
    faults: list[str]
    equation: dict[str, int] = {}
    """The six numbers of the drill's days, fen, once the channel's and the bank's statements have come."""
    unexpected: list[str] = []
    """Pages that answered 500, as far as they were kept."""


async def take(house: House, client: ClientProfile, payers: dict[str, int], unexpected: list[str]) -> Tally:
    """Count both sides and compare."""
    async with house.platform.database.tenant(client.id) as session:
        ours = {name: int(value) for name, value in (await session.one(_OURS))._mapping.items()}
        booked = {row.channel_txn_id for row in await session.all(_TRANSACTIONS)}
        _, balance_fen = await ledger.trial_balance(session)
        broken = await _broken(house.platform, session)
    outside = await asyncpg.connect(plain_url(house.outside.app_url))
    try:
        theirs = {name: int(value) for name, value in dict(await outside.fetchrow(_THEIRS)).items()}
        taken = {row["transaction_id"] for row in await outside.fetch(_THEIR_TRANSACTIONS)}
    finally:
        await outside.close()
    faults = [f"{name}: {count} rows" for name, count in broken.items()]
    faults += [f"{name} of ours is {ours[name]}, of theirs {theirs[name]}" for name in theirs if ours[name] != theirs[name]]
    faults += [f"the channel has {txn}, our books do not" for txn in sorted(taken - booked)]
    faults += [f"our books have {txn}, the channel does not" for txn in sorted(booked - taken)]
    faults += [f"{name}: {ours[name]}" for name in ("undecided", "bills_overpaid", "refunds_under_way") if ours[name]]
    faults += [f"the trial balance is {balance_fen}"] if balance_fen else []
    return Tally(
        ours=ours, theirs=theirs, kills=dict(house.kills), payers=payers, trial_balance_fen=balance_fen, faults=faults,
        unexpected=unexpected[:5],
    )  # fmt: skip


async def undecided(house: House, client: ClientProfile) -> int:
    """Orders and refunds that still wait for an answer, and payments that the channel has and we have not booked."""
    async with house.platform.database.tenant(client.id) as session:
        ours = await session.one(_OURS)
    outside = await asyncpg.connect(plain_url(house.outside.app_url))
    try:
        theirs = await outside.fetchrow(_THEIRS)
    finally:
        await outside.close()
    missing = abs(theirs["payments"] - ours.payments) + abs(theirs["refunds"] - ours.refunds)
    return ours.undecided + ours.refunds_under_way + missing


async def _broken(platform: Platform, session: Session) -> dict[str, int]:
    found: dict[str, int] = {}
    for _, check in platform.plugins.collect_all("register_checks"):
        found |= {name: len(rows) for name, rows in (await check.list_faults(session)).items() if rows}
    return found
