"""Every part of the outside world that this sandbox plays."""

from core.sandbox.alipay.world import WORLD as ALIPAY
from core.sandbox.bank.world import WORLD as BANK
from core.sandbox.fiscal.world import WORLD as FISCAL
from core.sandbox.stripe.world import WORLD as STRIPE
from core.sandbox.unionpay.world import WORLD as UNIONPAY
from core.sandbox.wechatpay.world import WORLD as WECHATPAY

WORLDS = (WECHATPAY, ALIPAY, UNIONPAY, STRIPE, FISCAL, BANK)
