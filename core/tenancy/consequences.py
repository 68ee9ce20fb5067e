"""What a plugin switch means for a client, in words a branch operator can read out."""

import msgspec

from core.plugin_manager import PluginManager
from core.web.i18n import gettext as _
from core.web.i18n import listed


class Switch(msgspec.Struct, frozen=True):
    """One plugin as the client's page offers it."""

    code: str
    title: str
    summary: str
    enabled: bool
    menu: list[str]
    roles: list[str]


def switches(plugins: PluginManager, offered: list[str], enabled: frozenset[str]) -> list[Switch]:
    """The plugins a branch may switch for a client, and those that are on though no longer offered."""
    menu, roles = plugins.collect_all("register_menu"), plugins.collect_all("register_roles")
    return [
        Switch(
            code,
            _(plugins.info[code].title),
            _(plugins.info[code].summary),
            code in enabled,
            [_(item.title) for source, item in menu if source == code],
            [_(role.title) for source, role in roles if source == code],
        )
        for code in sorted({*offered, *enabled} & plugins.info.keys())
    ]


def of_turning_on(switch: Switch) -> str:
    """What the client gains."""
    shown = listed(switch.menu) or _("它的功能")
    return _("客户的菜单里会出现：%(menu)s。管理员可以授予它的角色。", menu=shown)


def of_turning_off(switch: Switch) -> str:
    """What stops, and what stays."""
    return _("“%(title)s”的页面、接口、任务与通知立即停止，缴费人也看不到它的账单。数据全部保留，再次开启后恢复原样。", title=switch.title)
