"""What identity offers through the plugin hooks."""

from pathlib import Path

from core.hookspecs import MenuItem, Permission, Role, WorkItem, hook
from core.identity import account_pages, api, audit_pages, console, figures, histories, history_pages, login_pages, user_pages
from core.identity.faces import BANK, CONSOLE
from core.identity.permissions import PERMISSIONS
from core.identity.roles import ROLES
from core.web import statuses
from core.web.i18n import N_

statuses.register("user", {"active": (N_("使用中"), statuses.GOOD), "disabled": (N_("已停用"), statuses.QUIET)})
statuses.register(
    "api_key",
    {"active": (N_("使用中"), statuses.GOOD), "expired": (N_("已到期"), statuses.QUIET), "ended": (N_("已停用"), statuses.QUIET)},
)
SECTION = N_("单位设置")
HISTORIES = histories
"""Loaded so that these objects have a history."""


@hook
def register_permissions() -> tuple[Permission, ...]:
    return PERMISSIONS


@hook
def register_roles() -> tuple[Role, ...]:
    return ROLES


@hook
def register_routes() -> list:
    pages = [page for face in (CONSOLE, BANK) for page in (*user_pages.routes(face), *audit_pages.routes(face), *history_pages.routes(face))]
    return [*login_pages.ROUTES, *account_pages.ROUTES, *console.ROUTES, *pages, *api.ROUTES]


@hook
def register_templates() -> Path:
    return Path(__file__).parent / "templates"


@hook
def register_worklist() -> list[WorkItem]:
    users, trail = ("identity.users", N_("使用中的账号"), "identity.user.read"), ("identity.trail", N_("今日操作"), "identity.audit.read")
    return [
        WorkItem(*users, figures.users, "/console/users", position=950),
        WorkItem(*trail, figures.trail, "/console/audit", position=960),
        WorkItem(*users, figures.users, "/bank/users", position=950, side="bank"),
        WorkItem(*trail, figures.trail, "/bank/audit", position=960, side="bank"),
    ]


@hook
def register_menu() -> list[MenuItem]:
    return [
        MenuItem("", N_("今天"), "/console", "", icon="home", position=0),
        MenuItem(SECTION, N_("用户与角色"), "/console/users", "identity.user.read", icon="users", position=910),
        MenuItem(SECTION, N_("组织架构"), "/console/org", "identity.org.read", icon="sitemap", position=920),
        MenuItem(SECTION, N_("接口密钥"), "/console/keys", "identity.key.manage", icon="key", position=930),
        MenuItem(SECTION, N_("操作日志"), "/console/audit", "identity.audit.read", icon="history", position=940),
        MenuItem(N_("平台"), N_("银行用户"), "/bank/users", "identity.user.read", icon="users", position=910, side="bank"),
        MenuItem(N_("平台"), N_("操作日志"), "/bank/audit", "identity.audit.read", icon="history", position=940, side="bank"),
    ]
