"""Profit sharing (分账) at WeChat Pay: who may receive, splitting a payment, taking a share back, and releasing what is left (§10).

A payment can be split only if its order was placed with the account's credential `profit_sharing` = "true", which holds the money until it
is split or released. Names of receivers travel sealed with the key WeChat Pay signs with.
"""

from typing import Literal
from urllib.parse import quote

import msgspec

from core.payments.channels.errors import ChannelUnknown, OrderNotAtChannel
from core.payments.channels.protocol import ChannelAccount
from core.payments.channels.wechatpay import WechatPay, modes

BASE = "/v3/profitsharing"
Kind = Literal["MERCHANT_ID", "PERSONAL_OPENID", "PERSONAL_SUB_OPENID"]
Relation = Literal[
    "STORE", "STAFF", "STORE_OWNER", "PARTNER", "HEADQUARTER", "BRAND", "DISTRIBUTOR", "USER", "SUPPLIER", "SERVICE_PROVIDER", "CUSTOM"
]
SplitStatus = Literal["processing", "finished", "unknown"]
ShareStatus = Literal["pending", "succeeded", "closed"]
ReturnStatus = Literal["processing", "succeeded", "failed", "unknown"]
_SHARES: dict[str, ShareStatus] = {"PENDING": "pending", "SUCCESS": "succeeded", "CLOSED": "closed"}
_RETURNS: dict[str, ReturnStatus] = {"PROCESSING": "processing", "SUCCESS": "succeeded", "FAILED": "failed"}


class Receiver(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may be given a share: a merchant by number and full name, or a person by openid."""

    kind: Kind
    account: str
    name: str = ""
    relation: Relation = "PARTNER"
    custom_relation: str = ""


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What one receiver is to be given."""

    kind: Kind
    account: str
    amount_fen: int
    description: str
    name: str = ""


class SplitRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A payment to be split, under a number of ours; `release` gives the rest to the merchant at the same time."""

    number: str
    transaction_id: str
    shares: tuple[Share, ...]
    release: bool = False


class ShareState(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one share."""

    kind: str
    account: str
    amount_fen: int
    state: ShareStatus
    reason: str = ""


class SplitState(msgspec.Struct, frozen=True, kw_only=True):
    """A split as WeChat Pay sees it, verified. Finished means decided: look at each share."""

    state: SplitStatus
    number: str
    transaction_id: str = ""
    reference: str | None = None
    shares: tuple[ShareState, ...] = ()
    raw: bytes = b""


class ReturnRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A share to be taken back from a merchant, whole or in part, under a number of ours."""

    number: str
    split_number: str
    mchid: str
    amount_fen: int
    description: str


class ReturnState(msgspec.Struct, frozen=True, kw_only=True):
    """What became of taking a share back, verified."""

    state: ReturnStatus
    number: str
    split_number: str
    amount_fen: int | None = None
    reference: str | None = None
    reason: str = ""
    raw: bytes = b""


class _Share(msgspec.Struct, frozen=True):
    type: str
    account: str
    amount: int
    result: str
    fail_reason: str = ""


class _Split(msgspec.Struct, frozen=True):
    transaction_id: str
    out_order_no: str
    order_id: str
    state: str
    receivers: list[_Share] = []


class _Return(msgspec.Struct, frozen=True):
    out_order_no: str
    out_return_no: str
    amount: int
    result: str
    return_id: str | None = None
    fail_reason: str = ""


class _Unsplit(msgspec.Struct, frozen=True):
    unsplit_amount: int


class ProfitSharing:
    """The calls around a WeChat Pay channel; each raises ChannelUnknown (ask again with the same number) and ChannelRefused."""

    def __init__(self, channel: WechatPay) -> None:
        self._transport = channel.transport

    async def add_receiver(self, account: ChannelAccount, receiver: Receiver) -> None:
        """Allow somebody to receive shares; again is no error."""
        body = {"type": receiver.kind, "account": receiver.account, "relation_type": receiver.relation}
        if receiver.custom_relation:
            body["custom_relation"] = receiver.custom_relation
        serial = ""
        if receiver.name:
            serial, body["name"] = await self._transport.sealed(account, receiver.name)
        await self._post(account, "/receivers/add", self._ids(account) | body, serial)

    async def delete_receiver(self, account: ChannelAccount, receiver: Receiver) -> None:
        """Allow it no longer."""
        await self._post(account, "/receivers/delete", self._ids(account) | {"type": receiver.kind, "account": receiver.account})

    async def split(self, account: ChannelAccount, split: SplitRequest) -> SplitState:
        """Give shares of a payment away; the same number again answers with that split's state."""
        serial, receivers = "", []
        for share in split.shares:
            entry: dict[str, object] = {
                "type": share.kind, "account": share.account, "amount": share.amount_fen, "description": share.description
            }  # fmt: skip
            if share.name:
                serial, entry["name"] = await self._transport.sealed(account, share.name)
            receivers.append(entry)
        body = self._ids(account) | {
            "transaction_id": split.transaction_id,
            "out_order_no": split.number,
            "receivers": receivers,
            "unfreeze_unsplit": split.release,
        }
        return _split_state(await self._post(account, "/orders", body, serial))

    async def query(self, account: ChannelAccount, number: str, transaction_id: str) -> SplitState:
        """What became of a split (or a release); `unknown` when WeChat Pay has no record of it."""
        asked = {**modes.sub_ids(account), "transaction_id": transaction_id}
        try:
            return _split_state(await self._get(account, f"/orders/{quote(number, safe='')}", asked))
        except OrderNotAtChannel:
            return SplitState(state="unknown", number=number, transaction_id=transaction_id)

    async def unfreeze(self, account: ChannelAccount, number: str, transaction_id: str, description: str) -> SplitState:
        """Release what was not split to the merchant, for good."""
        body = {**modes.sub_ids(account), "transaction_id": transaction_id, "out_order_no": number, "description": description}
        return _split_state(await self._post(account, "/orders/unfreeze", body))

    async def unsplit_fen(self, account: ChannelAccount, transaction_id: str) -> int:
        """How much of a payment is still held and can be split or released."""
        raw = await self._get(account, f"/transactions/{quote(transaction_id, safe='')}/amounts", {})
        return _decoded(raw, _Unsplit).unsplit_amount

    async def give_back(self, account: ChannelAccount, wanted: ReturnRequest) -> ReturnState:
        """Take a share back from a merchant that received it."""
        body = {
            **modes.sub_ids(account),
            "out_order_no": wanted.split_number,
            "out_return_no": wanted.number,
            "return_mchid": wanted.mchid,
            "amount": wanted.amount_fen,
            "description": wanted.description,
        }
        return _return_state(await self._post(account, "/return-orders", body))

    async def query_return(self, account: ChannelAccount, number: str, split_number: str) -> ReturnState:
        """What became of taking a share back; `unknown` when WeChat Pay has no record of it."""
        asked = {**modes.sub_ids(account), "out_order_no": split_number}
        try:
            return _return_state(await self._get(account, f"/return-orders/{quote(number, safe='')}", asked))
        except OrderNotAtChannel:
            return ReturnState(state="unknown", number=number, split_number=split_number)

    def _ids(self, account: ChannelAccount) -> dict[str, object]:
        """Whose split it is; in partner mode the appid is the provider's."""
        if not modes.is_partner(account):
            return {"appid": account.appid}
        own = {"sub_appid": account.appid} if modes.has_own_appid(account) else {}
        return {"appid": modes.credential(account, "sp_appid"), **own, **modes.sub_ids(account)}

    async def _post(self, account: ChannelAccount, path: str, body: dict[str, object], serial: str = "") -> bytes:
        return await self._transport.call(account, "POST", BASE + path, msgspec.json.encode(body), serial=serial)

    async def _get(self, account: ChannelAccount, path: str, asked: dict[str, str]) -> bytes:
        return await self._transport.call(account, "GET", modes.with_query(BASE + path, asked))


def _decoded(raw: bytes, kind: type) -> msgspec.Struct:
    try:
        return msgspec.json.decode(raw, type=kind)
    except ValueError as error:
        raise ChannelUnknown(reason="answer") from error


def _split_state(raw: bytes) -> SplitState:
    told = _decoded(raw, _Split)
    shares = (
        ShareState(kind=s.type, account=s.account, amount_fen=s.amount, state=_SHARES.get(s.result, "pending"), reason=s.fail_reason)
        for s in told.receivers
    )
    return SplitState(
        state="finished" if told.state == "FINISHED" else "processing",
        number=told.out_order_no,
        transaction_id=told.transaction_id,
        reference=told.order_id,
        shares=tuple(shares),
        raw=raw,
    )


def _return_state(raw: bytes) -> ReturnState:
    told = _decoded(raw, _Return)
    return ReturnState(
        state=_RETURNS.get(told.result, "processing"),
        number=told.out_return_no,
        split_number=told.out_order_no,
        amount_fen=told.amount,
        reference=told.return_id,
        reason=told.fail_reason,
        raw=raw,
    )
