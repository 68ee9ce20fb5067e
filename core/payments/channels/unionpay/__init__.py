"""UnionPay ACP 5.1.0: `channel.py` is the channel, read it first; the others are its wire, keys and signatures."""

from core.payments.channels.unionpay.channel import UnionPay

__all__ = ["UnionPay"]
