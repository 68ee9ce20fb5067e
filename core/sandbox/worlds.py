"""Every part of the outside world that this sandbox plays."""

from core.sandbox.wechatpay.world import WORLD as WECHATPAY

WORLDS = (WECHATPAY,)
