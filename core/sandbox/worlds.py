"""Every part of the outside world that this sandbox plays: core's own, and what plugins bring."""

import functools

from core.plugin_manager import PluginManager
from core.sandbox.alipay.world import WORLD as ALIPAY
from core.sandbox.bank.world import WORLD as BANK
from core.sandbox.fiscal.world import WORLD as FISCAL
from core.sandbox.stripe.world import WORLD as STRIPE
from core.sandbox.unionpay.world import WORLD as UNIONPAY
from core.sandbox.wechatpay.world import WORLD as WECHATPAY
from core.sandbox.world import World

OWN = (WECHATPAY, ALIPAY, UNIONPAY, STRIPE, FISCAL, BANK)


@functools.cache
def worlds() -> tuple[World, ...]:
    """Core's parts, then those of every installed plugin; the sandbox knows no clients, so nothing is off in it."""
    return (*OWN, *brought(PluginManager.installed()))


def brought(plugins: PluginManager) -> list[World]:
    """What plugins bring."""
    return [world for _plugin, world in plugins.collect_all("register_sandbox")]
