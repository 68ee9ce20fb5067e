"""A balance of former years is claimed, agreed to by a second person, transferred by the hospital's bank, and evidenced: once per card."""

from uuid import UUID

import msgspec

from core import clock
from core.approvals import service as approvals
from core.database import Row, Session
from core.database.tables import encode_json
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from core.masking import mask_card, mask_name
from core.money import format_yuan
from plugins.medical.prepaid import repository
from plugins.medical.prepaid.errors import BadClaim, BalanceNotFound, EvidenceUsed
from plugins.medical.prepaid.schemas import ClaimAsk, PaidAsk
from plugins.medical.prepaid.states import LEGACY

READ, MAKE, CHECK = "medical.prepaid.read", "medical.prepaid.make", "medical.prepaid.check"
KIND = "medical.prepaid"
OBJECT = "legacy_balance"
_CLEARED = {"account_sealed": None, "account_masked": None, "identity": None, "made_by": None, "made_by_id": None, "checked_by": None}


async def claim(session: Session, keys: TenantKeys, balance_id: UUID, ask: ClaimAsk, by: Actor) -> UUID:
    """Write down who claims a balance and to which account, and ask a second person; answers the proposal's id.

    BadClaim for an account that cannot be one, IllegalTransition (409) for a balance that is claimed, frozen or paid already.
    """
    row = await _held(session, balance_id)
    LEGACY.check(row.status, "claimed")
    account = "".join(ask.account.split()).replace("-", "")
    if not account.isascii() or not account.isdigit() or not 8 <= len(account) <= 32:
        raise BadClaim(why="账号应为 8–32 位数字，请核对", field="account")
    masked = f"{mask_name(ask.holder)} {mask_card(account)} {ask.bank.strip()}"
    sealed = keys.seal(encode_json({"holder": ask.holder.strip(), "account": account, "bank": ask.bank.strip()}))
    await repository.change(
        session, row.id, status="claimed", account_sealed=sealed, account_masked=masked, identity=ask.identity.strip(), made_by=by.name,
        made_by_id=by.id,
    )  # fmt: skip
    proposal = {
        "card": row.card_no, "patient": f"{mask_name(row.name)} {row.patient_no}", "account": masked, "identity": ask.identity.strip(),
        "amount_fen": row.amount_fen,
    }  # fmt: skip
    reason = ask.reason.strip() or f"退还历史门诊预交金，{ask.identity.strip()}"
    return await approvals.propose(
        session, by, kind=KIND, title=f"历史预交金退还 {row.card_no}", subject_id=row.id, proposal=proposal, reason=reason[:200],
        amount_fen=row.amount_fen,
    )  # fmt: skip


async def agree(session: Session, balance_id: UUID, proposal: dict, by: Actor) -> None:
    """The second person agreed to exactly this amount and account: the transfer may be made."""
    row = await _held(session, balance_id)
    if row.made_by_id is not None:
        by.check_other(row.made_by_id)
    if row.amount_fen != proposal["amount_fen"] or row.account_masked != proposal["account"]:
        raise BadClaim(why="余额或账户在提交后有变化，请退回重新登记")
    await repository.change(session, row.id, status=LEGACY.check(row.status, "refunding"), checked_by=by.name)
    await audit.record(
        session, by, "medical.prepaid.agree", OBJECT, row.id, before={"status": row.status}, after={"status": "refunding", "account": row.account_masked}
    )


async def refuse(session: Session, balance_id: UUID, status: str, by: Actor) -> None:
    """The second person refused, or the maker took it back: the balance is listed again, the account forgotten."""
    row = await _held(session, balance_id)
    if row.status == "claimed":
        await repository.change(session, row.id, status=LEGACY.check(row.status, "listed"), **_CLEARED)
        await audit.record(session, by, "medical.prepaid.relist", OBJECT, row.id, before={"status": row.status}, after={"status": "listed"}, reason=status)


async def account(session: Session, keys: TenantKeys, balance_id: UUID, by: Actor) -> dict[str, str]:
    """The account in clear, for whoever makes the transfer that was agreed to; each look is written down."""
    row = await _held(session, balance_id)
    if row.status != "refunding":
        raise BadClaim(why="复核通过、尚未登记凭证时才能查看完整账户")
    await audit.record(session, by, "medical.prepaid.look", OBJECT, row.id, after={"account": row.account_masked})
    return msgspec.json.decode(keys.open(row.account_sealed).encode(), type=dict[str, str])


async def paid(session: Session, balance_id: UUID, ask: PaidAsk, by: Actor) -> None:
    """The bank's number of the transfer ends it. EvidenceUsed for a number that stands for another card; the same again changes nothing."""
    row = await _held(session, balance_id)
    evidence, paid_on = ask.evidence.strip(), ask.paid_on or clock.today()
    if row.status == "refunded" and row.evidence == evidence:
        return
    status = LEGACY.check(row.status, "refunded")
    if paid_on > clock.today():
        raise BadClaim(why="转账日期在今天之后，请核对", field="paid_on")
    if (other := await repository.find_by_evidence(session, evidence)) is not None:
        raise EvidenceUsed(evidence=evidence, card=other.card_no)
    await repository.change(session, row.id, status=status, evidence=evidence, paid_on=paid_on, refunded_at=clock.now())
    after = {"status": status, "evidence": evidence, "amount_fen": row.amount_fen}
    await audit.record(session, by, "medical.prepaid.paid", OBJECT, row.id, before={"status": row.status}, after=after)


async def returned(session: Session, balance_id: UUID, reason: str, by: Actor) -> None:
    """The bank returned the transfer before it was evidenced: listed again, to be claimed with another account."""
    row = await _held(session, balance_id)
    if row.status != "refunding":
        LEGACY.check(row.status, "refunding")
    await _move(session, row, "listed", "medical.prepaid.returned", reason, by, **_CLEARED)


async def freeze(session: Session, balance_id: UUID, reason: str, by: Actor) -> None:
    """Somebody disputes a balance: nobody can claim it until it is released. What waits for a second person is to be taken back first."""
    row = await _held(session, balance_id)
    if row.status != "listed":
        raise BadClaim(why="已登记退还的余额请先撤回或退回，再冻结")
    await _move(session, row, "frozen", "medical.prepaid.freeze", reason, by)


async def release(session: Session, balance_id: UUID, reason: str, by: Actor) -> None:
    """The dispute is settled."""
    await _move(session, await _held(session, balance_id), "listed", "medical.prepaid.release", reason, by)


def describe(proposal: dict) -> list[tuple[str, str, str]]:
    """What would be transferred, for the second person."""
    return [
        (f"{proposal['patient']} 卡号 {proposal['card']}", "", f"{format_yuan(proposal['amount_fen'])} 元"),
        ("收款账户", "", proposal["account"]),
        ("身份核验", "", proposal["identity"]),
    ]


async def _move(session: Session, row: Row, to: str, action: str, reason: str, by: Actor, **values: object) -> None:
    if not reason.strip():
        raise BadClaim(why="请填写原因", field="reason")
    await repository.change(session, row.id, status=LEGACY.check(row.status, to), **values)
    await audit.record(session, by, action, OBJECT, row.id, before={"status": row.status}, after={"status": to}, reason=reason.strip())


async def _held(session: Session, balance_id: UUID) -> Row:
    row = await repository.lock(session, balance_id)
    if row is None:
        raise BalanceNotFound()
    return row
