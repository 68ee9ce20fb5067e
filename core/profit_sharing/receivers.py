"""Who may be given shares: asked for by one person, agreed to by another, then told to the channel; names are sealed."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from core import clock, ids, paging
from core.approvals import service as approvals
from core.database import Row, Session
from core.errors import InvalidRequest
from core.identity import audit
from core.identity.actor import Actor
from core.identity.vault import Vault
from core.masking import mask_party
from core.payments.accounts import service as accounts
from core.profit_sharing import repository
from core.profit_sharing.errors import ReceiverInvalid, ReceiverKnown, ReceiverNotFound, SharingNotOpened
from core.profit_sharing.models import receiver
from core.profit_sharing.schemas import ReceiverAsk, ReceiverRead
from core.profit_sharing.states import RECEIVER
from core.web.i18n import gettext as _

KIND = "sharing.receiver"
KINDS = ("MERCHANT_ID", "PERSONAL_OPENID")
RELATIONS = ("PARTNER", "STORE", "STAFF", "STORE_OWNER", "HEADQUARTER", "BRAND", "DISTRIBUTOR", "USER", "SUPPLIER", "SERVICE_PROVIDER")


async def opened(session: Session, vault: Vault) -> list[Row]:
    """The client's merchant numbers whose money is frozen for sharing."""
    rows = await repository.list_accounts(session)
    found = []
    for row in rows:
        account = accounts.remembered(session.tenant_id, row.id) or await accounts.opened(session, vault, row)
        if account.credentials.get("profit_sharing") == "true":
            found.append(row)
    return found


async def propose(session: Session, vault: Vault, ask: ReceiverAsk, by: Actor) -> UUID:
    """Ask a second person to allow somebody to receive; answers the receiver's id."""
    account = next((row for row in await opened(session, vault) if row.id == ask.account_id), None)
    if account is None:
        raise SharingNotOpened()
    number, name = "".join(ask.account.split()).replace("\0", "")[:64], ask.name.strip().replace("\0", "")[:200]
    if ask.kind not in KINDS or ask.relation not in RELATIONS:
        raise ReceiverInvalid(fault=_("请选择接收方类型和与商户的关系"))
    if not number.isascii() or not number or (ask.kind == "MERCHANT_ID" and not number.isdigit()):
        raise ReceiverInvalid(fault=_("请填写接收方的商户号或 openid"))
    if ask.kind == "MERCHANT_ID" and not name:
        raise ReceiverInvalid(fault=_("商户接收方需要填写商户全称，渠道据此核对"))
    if number == account.mchid:
        raise ReceiverInvalid(fault=_("不能把收款商户自己登记为接收方"))
    keys, receiver_id, masked = await vault.keys(session), ids.uuid7(), mask_party(name)
    row = {
        "id": receiver_id, "channel_account_id": account.id, "mchid": account.mchid, "kind": ask.kind, "account": number,
        "name_sealed": keys.seal(name), "name_masked": masked, "relation": ask.relation, "status": "proposed", "made_by": by.name,
    }  # fmt: skip
    if not await repository.add(session, receiver, [row]):
        raise ReceiverKnown(account=shown_account(ask.kind, number))
    proposal = {
        "action": "add", "mchid": account.mchid, "kind": ask.kind, "account": shown_account(ask.kind, number), "name": masked,
        "relation": ask.relation,
    }  # fmt: skip
    reason = ask.reason.strip() or _("分账合作")
    await approvals.propose(session, by, kind=KIND, title=f"分账接收方 · {proposal['account']}", subject_id=receiver_id, proposal=proposal, reason=reason)
    return receiver_id


async def propose_removal(session: Session, receiver_id: UUID, reason: str, by: Actor) -> None:
    """Ask a second person to allow it no longer."""
    held = await _held(session, receiver_id)
    RECEIVER.check(held.status, "removing")
    if not reason.strip():
        raise InvalidRequest(_("请填写原因"))
    proposal = {"action": "remove", "mchid": held.mchid, "kind": held.kind, "account": shown_account(held.kind, held.account), "name": held.name_masked}
    await approvals.propose(
        session, by, kind=KIND, title=f"移除分账接收方 · {proposal['account']}", subject_id=receiver_id, proposal=proposal, reason=reason[:200]
    )


async def approve(session: Session, receiver_id: UUID, proposal: Mapping[str, object], by: Actor) -> None:
    """Another person agrees: the channel is told next."""
    held = await _held(session, receiver_id)
    target = "removing" if proposal["action"] == "remove" else "adding"
    values = {"status": RECEIVER.check(held.status, target), "next_at": clock.now(), "checked_by": by.name, "error": None}
    await repository.change(session, receiver, receiver_id, **values)
    told = {"mchid": held.mchid, "account": shown_account(held.kind, held.account)}
    await audit.record(session, by, f"sharing.receiver.{proposal['action']}", "sharing_receiver", receiver_id, after=told)


async def refuse(session: Session, receiver_id: UUID, status: str, by: Actor) -> None:
    """The other person said no, or it was taken back."""
    held = await _held(session, receiver_id)
    if held.status == "proposed":
        await repository.change(session, receiver, receiver_id, status=RECEIVER.check(held.status, "refused"))


async def list_page(session: Session, status: str, typed: str, cursor: str | None, limit: int = paging.PAGE) -> tuple[list[ReceiverRead], str | None]:
    """Receivers, the newest first; found by number or openid."""
    rows = await repository.list_receivers(session, status, typed.strip().replace("\0", "")[:64], paging.read_id(cursor), limit + 1)
    shown, more = paging.cut(rows, limit, lambda row: str(row.id))
    return [read(row) for row in shown], more


async def find(session: Session, receiver_id: UUID) -> ReceiverRead | None:
    """One receiver."""
    row = await repository.find(session, receiver, receiver_id)
    return None if row is None else read(row)


async def list_active(session: Session, mchid: str) -> list[ReceiverRead]:
    """Who may be given shares of a merchant number's payments now."""
    rows = await repository.list_receivers(session, "active", "", None, 500)
    return [read(row) for row in rows if row.mchid == mchid]


def describe(proposal: Mapping[str, object]) -> Sequence[tuple[str, str, str]]:
    """What the checker sees."""
    who = f"{proposal['account']} {proposal['name']}".strip()
    before, after = ("", who) if proposal["action"] == "add" else (who, "移除")
    return [("商户号", "", str(proposal["mchid"])), ("接收方", before, after)]


def shown_account(kind: str, account: str) -> str:
    """A merchant's number whole, a person's openid not."""
    return account if kind == "MERCHANT_ID" else f"{account[:4]}…{account[-4:]}"


def read(row: Row) -> ReceiverRead:
    """A receiver as people may see it."""
    return ReceiverRead(
        id=row.id, mchid=row.mchid, kind=row.kind, account=shown_account(row.kind, row.account), name=row.name_masked, relation=row.relation,
        status=row.status, error=row.error, made_by=row.made_by, checked_by=row.checked_by, created_at=row.created_at,
    )  # fmt: skip


async def _held(session: Session, receiver_id: UUID) -> Row:
    row = await repository.find(session, receiver, receiver_id, lock=True)
    if row is None:
        raise ReceiverNotFound()
    return row
