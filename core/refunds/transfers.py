"""What the channel no longer takes back, a person transfers to a verified account of the payer, and a second person agrees (§2.5)."""

import re
from collections.abc import Mapping
from uuid import UUID

import msgspec

from core import clock
from core.approvals import service as approvals
from core.database import Session
from core.errors import PlatformError
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import TenantKeys
from core.masking import mask_card, mask_party
from core.payments.accounts import service as accounts
from core.payments.channels.protocol import RefundRef
from core.platform import Platform
from core.refunds import money_repository, repository, sending, service, settling, submitting
from core.refunds.errors import TransferNotPossible
from core.refunds.repository import Held
from core.refunds.schemas import TransferAsk
from core.refunds.states import ITEM
from core.tenancy.directory import ClientProfile

KIND = "refunds.transfer"
_ACCOUNT = re.compile(r"[0-9]{8,30}", re.ASCII)


async def ask_channel_first(platform: Platform, client: ClientProfile, item_id: UUID) -> None:
    """Before a person pays what a channel said it could not, or gives it up, ask once more: what moved after all must not move twice."""
    async with platform.database.tenant(client.id) as session:
        work = next(iter(await repository.list_work(session, [item_id])), None)
        account = await accounts.by_id(session, platform.vault, work.channel_account_id) if work and work.channel_account_id else None
    way = platform.channels.get(work.channel) if work else None
    if work is None or account is None or way is None or work.journal_id is None or work.state not in ("failed", "manual_transfer"):
        return
    ref = RefundRef(
        number=work.number, order=sending.order_ref(work), amount_fen=work.amount_fen, placed_at=work.sent_at, reference=work.reference
    )
    try:
        state = await way.query_refund(account, ref)
    except PlatformError as error:
        raise TransferNotPossible(why=f"渠道暂时查不到结果（{error.message}），请稍后再试") from error
    if state.state == "processing":
        raise TransferNotPossible(why="渠道显示这笔退款仍在处理，请等待结果")
    if state.stranded:
        raise TransferNotPossible(why="这笔钱已离开商户号、停在渠道，现在汇款会付两次；请先在渠道后台把它退回商户号（或退给付款人的另一张卡）")
    async with platform.database.tenant(client.id) as session:
        await settling.settle(session, account, state)


async def propose(session: Session, keys: TenantKeys, settings: Mapping[str, object], item_id: UUID, ask: TransferAsk, by: Actor) -> UUID:
    """Ask that an item be transferred by hand to this account; the account is kept sealed, pages and the trail see it masked."""
    found = await _waiting(session, item_id)
    refund, item = found.refund, found.item
    given = {name: getattr(ask, name).strip() for name in ask.__struct_fields__}
    account = re.sub(r"[\s-]", "", given["account"])
    if not all(given.values()) or any(len(value) > 200 for value in given.values()):
        raise TransferNotPossible(why="请填写户名、账号、开户行和核实依据")
    if not _ACCOUNT.fullmatch(account):
        raise TransferNotPossible(why="收款账号应为 8–30 位数字")
    shown = {"holder": mask_party(given["holder"]), "account": mask_card(account), "bank": given["bank"], "evidence": given["evidence"]}
    shown["from"] = str(settings.get("refund_bank_account") or "CLEARING")
    sealed = keys.seal(msgspec.json.encode({"holder": given["holder"], "account": account, "bank": given["bank"]}))
    await repository.change_item(session, item_id, transfer=shown, transfer_sealed=sealed)
    proposal = {**shown, "number": item.number, "amount_fen": item.amount_fen}
    return await approvals.propose(
        session, by, kind=KIND, title=f"人工汇款 · {refund.title}", subject_id=item_id, proposal=proposal, reason=given["evidence"],
        amount_fen=item.amount_fen, org_id=refund.org_id,
    )  # fmt: skip


async def approve(session: Session, item_id: UUID, proposal: Mapping[str, object], by: Actor) -> None:
    """The second person agrees: Dr the merchant, Cr the bank account it is paid from; what was booked against the channel is booked back."""
    found = await _waiting(session, item_id)
    refund, item = found.refund, found.item
    if (item.transfer or {}).get("account") != proposal["account"]:
        raise TransferNotPossible(why="收款账户在复核期间有变动，请退回后重新提交")
    await submitting.lock_payment(session, found)
    if not await submitting.flush_receipts(session, found):
        raise TransferNotPossible(why="收据红冲还没有完成，请稍后再复核")
    if item.journal_id is not None:
        await submitting.undo(session, found, state="manual_transfer", why="改为人工汇款")
        found = await submitting.hold(session, item_id)
    bank = f"A.BANK.{proposal['from']}"
    standing = await money_repository.standing(session, refund.id, item_id, item.payment_id)
    await submitting.post(session, found, standing, bank, state="transferring", event="refund.transferred", now=clock.now())
    after = {"number": item.number, "account": proposal["account"], "amount_fen": item.amount_fen}
    await audit.record(session, by, "refunds.transfer.approve", "refund", refund.id, after=after)


async def finish(session: Session, item_id: UUID, bank_reference: str, by: Actor) -> None:
    """The transfer arrived; its bank reference is kept."""
    found = await submitting.hold(session, item_id)
    if not bank_reference.strip() or len(bank_reference) > 64:
        raise TransferNotPossible(why="请填写银行流水号")
    if found.item.state != "transferring":
        raise TransferNotPossible(why="这笔退款没有在汇款中")
    await settling.arrived(session, found, at=clock.now(), reference=bank_reference.strip())
    await audit.record(session, by, "refunds.transfer.finish", "refund", found.refund.id, after={"reference": bank_reference.strip()})


async def returned(session: Session, item_id: UUID, why: str, by: Actor) -> None:
    """The bank sent the transfer back: booked back, and waiting for another account."""
    found = await submitting.hold(session, item_id)
    refund, item = found.refund, found.item
    if not why.strip():
        raise TransferNotPossible(why="请填写退汇原因")
    ITEM.check(item.state, "manual_transfer")
    await submitting.lock_payment(session, found)
    await submitting.undo(session, found, state="manual_transfer", why=why.strip())
    await repository.change_item(session, item_id, error=f"银行退汇：{why.strip()[:100]}", transfer=None, transfer_sealed=None)
    await service.settle_status(session, refund)
    await audit.record(session, by, "refunds.transfer.return", "refund", refund.id, reason=why.strip())


async def _waiting(session: Session, item_id: UUID) -> Held:
    found = await submitting.hold(session, item_id)
    if found.item.state != "manual_transfer":
        raise TransferNotPossible(why="这笔退款不在等待人工汇款")
    return found
