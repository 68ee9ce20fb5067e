"""The gateway plugin: it adds one payment channel and nothing else."""

import sys
from collections.abc import Sequence
from typing import Any

from core.hookspecs import PluginInfo, hook
from tests.plugins.gateway.channel import RiverBank


@hook
def register_plugin() -> PluginInfo:
    return PluginInfo("riverbank", "江城银行收银台", (), "江城银行自有支付网关", "tests.plugins.gateway")


@hook
def register_channels() -> Sequence[Any]:
    return [RiverBank]


plugin = sys.modules[__name__]
