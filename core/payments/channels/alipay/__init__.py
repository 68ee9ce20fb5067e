"""Alipay: `channel.py` is the channel, read it first; the others are its wire, keys and signatures."""

from core.payments.channels.alipay.channel import Alipay

__all__ = ["Alipay"]
