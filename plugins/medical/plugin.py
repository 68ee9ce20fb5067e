"""The medical plugin: everything it adds to the trunk, read from top to bottom. So far, what a hospital's own system says of a day."""

import sys
from collections.abc import Sequence
from typing import Any

from core.hookspecs import PluginInfo, hook
from core.web.i18n import N_
from plugins.medical import his


@hook
def register_plugin() -> PluginInfo:
    return PluginInfo(
        code="medical",
        title=N_("医疗"),
        client_kinds=("hospital",),
        summary=N_("医院 HIS 对账单"),
        package="plugins.medical",
    )


@hook
def register_statement_sources() -> Sequence[Any]:
    return [his.SOURCE]


plugin = sys.modules[__name__]
