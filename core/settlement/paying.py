"""Sending payouts to the bank: the attempt is committed before the call, nothing is held during it, unknown is asked about under its number.

Every rung of the ladder asks the bank first; only an instruction that the bank never had is sent again, the same one.
"""

import datetime as dt
from uuid import UUID

import msgspec
import structlog

from core import clock
from core.database import Session
from core.errors import PlatformError
from core.platform import Platform
from core.settlement import bank_accounts, payouts, payouts_repository, repository
from core.settlement.bank import BankCore, BankRefused, Connection, Instruction, PaymentState
from core.settlement.bank_client import BankClient
from core.settlement.states import BATCH, PAYOUT

log = structlog.get_logger()
LEASE = dt.timedelta(seconds=60)
AT_ONCE = 20
LADDER_SECONDS = (5, 15, 60, 180, 600, 1800, 3600)
AGAIN_WHEN_BROKEN = dt.timedelta(minutes=10)


class Errand(msgspec.Struct, frozen=True):
    """An instruction ready for the bank: `fresh` when it was never sent before."""

    payout_id: UUID
    connection: Connection
    instruction: Instruction
    fresh: bool
    watched: bool
    tries: int


async def send_due(platform: Platform, tenant_id: UUID, bank: BankCore | None = None) -> dt.datetime | None:
    """Go on with every payout of a client whose turn it is; answers when the next one is due."""
    now, core = clock.now(), bank or BankClient(platform.http)
    async with platform.database.tenant(tenant_id) as session:
        due = await payouts_repository.claim_due(session, now, now + LEASE, AT_ONCE)
    for payout_id in due:
        await advance(platform, tenant_id, payout_id, core)
    async with platform.database.tenant(tenant_id) as session:
        return await payouts_repository.next_due(session)


async def advance(platform: Platform, tenant_id: UUID, payout_id: UUID, bank: BankCore) -> None:
    """One step of one payout: commit that it goes, call with no transaction open, commit what the bank said."""
    try:
        async with platform.database.tenant(tenant_id) as session:
            errand = await _prepare(session, platform, payout_id)
    except PlatformError as error:
        log.warning("payout_not_prepared", payout=str(payout_id), code=error.code)
        async with platform.database.tenant(tenant_id) as session:
            await payouts_repository.change(session, payout_id, error=error.message[:200], next_at=clock.now() + AGAIN_WHEN_BROKEN)
        return
    if errand is None:
        return
    state = await _ask(bank, errand)
    async with platform.database.tenant(tenant_id) as session:
        await payouts.told(session, errand.instruction.number, state)
        await _go_on(session, errand, state)


async def _prepare(session: Session, platform: Platform, payout_id: UUID) -> Errand | None:
    """Hold batch and payout, write down that it is sent, open what the bank needs to know. None when nothing is to be done any more."""
    known = await payouts_repository.find(session, payout_id)
    batch = await repository.lock(session, known.batch_id)
    row = await payouts_repository.lock(session, payout_id)
    if row.status not in ("created", "sent", "paid"):
        return None
    connection = await bank_accounts.find(session, platform.vault, row.clearing_number)
    account = await payouts_repository.sealed_account(session, row.account_id)
    keys = await platform.vault.keys(session)
    instruction = Instruction(
        number=row.number, amount_fen=row.amount_fen, from_account=connection.account_number, to_account=keys.open(account.number_sealed),
        to_name=row.account_name, to_bank=account.bank_name, purpose=f"{batch.bill_on:%Y-%m-%d} 结算 {batch.number}",
    )  # fmt: skip
    if row.status == "created":
        await payouts_repository.change(session, row.id, status=PAYOUT.check(row.status, "sent"), sent_at=clock.now(), error=None)
        if batch.status in ("approved", "re_pay"):
            await repository.change(session, batch.id, status=BATCH.check(batch.status, "paying"))
    return Errand(row.id, connection, instruction, row.status == "created", row.status == "paid", row.tries)


async def _ask(bank: BankCore, errand: Errand) -> PaymentState:
    """Send a fresh instruction; ask about one that was sent before, and send the same again if the bank never had it."""
    number = errand.instruction.number
    try:
        if not errand.fresh:
            state = await bank.query(errand.connection, number)
            if state.state != "absent" or errand.watched:
                return state
        return await bank.pay(errand.connection, errand.instruction)
    except BankRefused as error:
        return await _after_refusal(bank, errand, error)
    except PlatformError as error:
        log.info("bank_unanswered", payout=number, code=error.code)
        return PaymentState(state="unknown", number=number, reason=error.message)


async def _after_refusal(bank: BankCore, errand: Errand, error: BankRefused) -> PaymentState:
    """A refused instruction has failed only when the bank says that it never had this number."""
    number = errand.instruction.number
    try:
        state = await bank.query(errand.connection, number)
    except PlatformError:
        return PaymentState(state="unknown", number=number, reason=error.message)
    return PaymentState(state="failed", number=number, reason=error.message) if state.state == "absent" else state


async def _go_on(session: Session, errand: Errand, state: PaymentState) -> None:
    """When the bank is asked next: soon while it is open, a few times more once it is paid, never again at its end."""
    row = await payouts_repository.lock(session, errand.payout_id)
    rungs = payouts.WATCHED_SECONDS if row.status == "paid" else LADDER_SECONDS
    if row.status == "sent" or (row.status == "paid" and errand.watched):
        last = row.status == "paid" and errand.tries + 1 >= len(rungs)
        after = dt.timedelta(seconds=rungs[min(errand.tries + 1, len(rungs) - 1)])
        reason = state.reason[:200] if row.status == "sent" and state.reason else row.error
        await payouts_repository.change(session, row.id, tries=errand.tries + 1, next_at=None if last else clock.now() + after, error=reason)
