"""What an address of the console is called, in the words of its menu: `/console/bills/…` lies under 账单."""

from core.plugin_manager import PluginManager
from core.tenancy.schemas import ClientProfile
from core.web.i18n import N_

ELSEWHERE = N_("其他页面")
NO_MENU = {"/console/history": N_("操作历史"), "/console/search": N_("全局搜索"), "/console/jobs": N_("任务"), "/console/approvals": N_("复核")}
"""Pages that people reach from others only."""


def title_of(plugins: PluginManager, profile: ClientProfile, path: str) -> str:
    """The menu's line that a page lies under, as it stands in the menu (a msgid: translated where it is shown)."""
    items = [item for code, item in plugins.collect_all("register_menu") if item.side == "console" and (code == "core" or code in profile.plugins)]
    under = [item for item in items if path == item.path.split("?")[0] or path.startswith(item.path.split("?")[0].rstrip("/") + "/")]
    found = max(under, key=lambda item: len(item.path), default=None)
    if found is None or (found.path == "/console" and path != "/console"):
        return next((title for place, title in NO_MENU.items() if path == place or path.startswith(place + "/")), ELSEWHERE)
    return found.title
