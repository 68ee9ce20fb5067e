"""Bank transfers to a person's own sub-account find their bills by themselves: by sub-account, amount and payer; nothing is lost."""

import hashlib
import re
from collections.abc import Sequence
from uuid import UUID

import msgspec
from stdnum import luhn

from core import clock, ids
from core.counter import repository, service
from core.counter.errors import TransferAltered
from core.counter.schemas import TransferRead
from core.database import Row, Session
from core.identity.actor import system
from core.identity.vault import Vault
from core.ledger.errors import AlreadyPosted
from core.masking import mask_party
from core.payments import desk
from core.payments.capture import decide
from core.payments.channels.counter import BankTransfer
from core.payments.channels.protocol import ChannelAccount, ChannelState
from core.payments.schemas import Decision, PayItem

PREFIX = "8866"
_PAY_CODE = re.compile(r"(?<!\d)\d{16}(?!\d)")


async def give_sub_accounts(session: Session, party_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The sub-account of each person, opened where there was none: 16 digits, the last a Luhn check digit."""
    have = {row.party_id: row.number for row in await repository.list_sub_accounts(session, party_ids)}
    missing = [party for party in dict.fromkeys(party_ids) if party not in have]
    if missing:
        bodies = [PREFIX + ids.digits(11) for _ in missing]
        await repository.open_sub_accounts(session, [body + luhn.calc_check_digit(body) for body in bodies], missing)
        have = {row.party_id: row.number for row in await repository.list_sub_accounts(session, party_ids)}
    return have


async def receive(
    session: Session, vault: Vault, account_id: UUID, account: ChannelAccount, transfer: BankTransfer, body: bytes
) -> Decision:
    """Book a transfer that the bank told us of; told twice it is booked once, told differently it is refused (TransferAltered)."""
    digest = hashlib.sha256(body).digest()
    known = await repository.find_transfer(session, transfer.reference)
    if known is not None:
        if bytes(known.body_hash) != digest and (known.amount_fen, known.sub_account) != (transfer.amount_fen, transfer.sub_account):
            raise TransferAltered(reference=transfer.reference)
        return Decision(outcome="duplicate", order_number=known.number)
    keys = await vault.keys(session)
    number = service.entry_number()
    party_id, why = await _owner(session, transfer)
    row = {
        "id": ids.uuid7(), "reference": transfer.reference, "number": number, "sub_account": transfer.sub_account,
        "amount_fen": transfer.amount_fen, "payer_sealed": keys.seal(f"{transfer.payer_name}\n{transfer.payer_account}"),
        "payer_masked": f"{mask_party(transfer.payer_name)} {transfer.payer_account[-4:]}", "body_hash": digest, "status": "received",
        "why": why, "party_id": party_id, "received_at": transfer.received_at,
    }  # fmt: skip
    if not await repository.add_transfer(session, row):
        raise AlreadyPosted(key=transfer.reference)
    decision = await _book(session, account_id, account, transfer, number, party_id)
    status = "matched" if decision.outcome == "booked" else "suspense"
    await repository.set_transfer(session, row["id"], {"status": status, "payment_id": decision.payment_id})
    facts = {"reference": transfer.reference, "sub_account": transfer.sub_account, "payer": row["payer_masked"]}
    by = system(session.tenant_id)
    await service.enter(session, by, None, number, "transfer", transfer.amount_fen, facts, decision=decision)
    return decision


async def list_transfers(session: Session, status: str, before: UUID | None, limit: int) -> list[TransferRead]:
    """Transfers, the newest first."""
    return [
        TransferRead(
            id=row.id, reference=row.reference, sub_account=row.sub_account, amount_fen=row.amount_fen, payer=row.payer_masked,
            status=row.status, why=row.why, payment_id=row.payment_id, received_at=row.received_at,
        )
        for row in await repository.list_transfers(session, status, before, limit)
    ]  # fmt: skip


def share(bills: Sequence[Row], amount_fen: int) -> list[PayItem]:
    """Which bills a transfer pays: the one that owes exactly this, else the oldest first; what is too much stays with the last one.

    A bill that takes no part payment is passed over when the money does not cover it.
    """
    exact = [bill for bill in bills if bill.open_fen == amount_fen]
    if exact:
        return [PayItem(exact[0].id, amount_fen)]
    items, left = [], amount_fen
    for bill in bills:
        part = min(left, bill.open_fen)
        if part and (part == bill.open_fen or bill.allow_partial):
            items.append(PayItem(bill.id, part))
            left -= part
    if left and items:
        items[-1] = msgspec.structs.replace(items[-1], amount_fen=items[-1].amount_fen + left)
    return items


async def _owner(session: Session, transfer: BankTransfer) -> tuple[UUID | None, str]:
    party_id = await repository.party_of_sub_account(session, transfer.sub_account)
    if party_id is not None:
        return party_id, "sub_account"
    party_id = await repository.party_of_pay_code(session, _PAY_CODE.findall(transfer.remark))
    if party_id is not None:
        return party_id, "pay_code"
    found = await repository.parties_of_amount(session, transfer.amount_fen, transfer.payer_name.strip(), transfer.remark)
    if len(found) == 1:
        return found[0], "payer_and_amount"
    return None, "several" if found else "nobody"


async def _book(
    session: Session, account_id: UUID, account: ChannelAccount, transfer: BankTransfer, number: str, party_id: UUID | None
) -> Decision:
    bills = await repository.list_open_bills(session, party_id, clock.now()) if party_id else []
    items = share(bills, transfer.amount_fen)
    if items and transfer.currency == "CNY":  # other money is shown to finance, and pays no bill
        return await desk.record(
            session, account_id, account, items, scene="transfer", key=f"transfer:{transfer.reference}", reference=transfer.reference,
            description="银行转账", paid_at=transfer.received_at, strict=False,
        )  # fmt: skip
    state = ChannelState(
        state="succeeded", order_number=number, mchid=account.mchid, appid=account.appid, channel_txn_id=transfer.reference,
        amount_fen=transfer.amount_fen, currency=transfer.currency, paid_at=transfer.received_at,
    )  # fmt: skip
    return await decide(session, account, state)
