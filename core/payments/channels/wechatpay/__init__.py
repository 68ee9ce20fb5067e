"""WeChat Pay v3: `channel.py` is the channel, read it first; the others are its wire, keys and signatures."""

from core.payments.channels.wechatpay.channel import WechatPay

__all__ = ["WechatPay"]
