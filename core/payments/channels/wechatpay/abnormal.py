"""Abnormal refunds at WeChat Pay: the payer's card is void or frozen, the money waits there, and somebody says where it goes (§7)."""

from urllib.parse import quote

import msgspec

from core.payments.channels.errors import ChannelRefused, ChannelUnknown
from core.payments.channels.protocol import ChannelAccount, RefundRef, RefundState
from core.payments.channels.wechatpay import WechatPay, modes, refunds


class AbnormalRefunds:
    """The two ways on for a refund that `query_refund` reports as `failed`; both raise ChannelUnknown and ChannelRefused."""

    def __init__(self, channel: WechatPay) -> None:
        self._channel = channel

    async def to_merchant(self, account: ChannelAccount, refund: RefundRef) -> RefundState:
        """Send it back to the merchant's settlement account; in the end it is `closed`, and the payer is to be paid another way."""
        return await self._send_on(account, refund, {"type": "MERCHANT_BANK_CARD"})

    async def to_payer(self, account: ChannelAccount, refund: RefundRef, *, bank_type: str, card_number: str, holder: str) -> RefundState:
        """Send it to another debit card of the payer; `bank_type` is WeChat Pay's word for the bank, such as ICBC_DEBIT."""
        transport = self._channel.transport
        _, sealed_number = await transport.sealed(account, card_number)
        serial, sealed_holder = await transport.sealed(account, holder)
        body = {"type": "USER_BANK_CARD", "bank_type": bank_type, "bank_account": sealed_number, "real_name": sealed_holder}
        return await self._send_on(account, refund, body, serial)

    async def _send_on(self, account: ChannelAccount, refund: RefundRef, body: dict[str, str], serial: str = "") -> RefundState:
        reference = refund.reference or (await self._channel.query_refund(account, refund)).reference
        if reference is None:
            raise ChannelRefused(channel_code="RESOURCE_NOT_EXISTS", channel_message="退款单不存在")
        target = f"{refunds.REFUNDS}/{quote(reference, safe='')}/apply-abnormal-refund"
        asked = msgspec.json.encode({**modes.sub_ids(account), "out_refund_no": refund.number, **body})
        raw = await self._channel.transport.call(account, "POST", target, asked, serial=serial)
        try:
            return refunds.refund_state(account, refunds.read_refund(raw), raw)
        except ValueError as error:
            raise ChannelUnknown(reason="answer") from error
