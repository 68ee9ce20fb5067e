"""Who may do what about support: four rights, and what a support person sees in a client's console."""

from core.hookspecs import Permission
from core.identity.roles import CLIENT_ADMIN
from core.plugin_manager import PluginManager
from core.tenancy.schemas import ClientProfile
from core.web.i18n import N_

GRANT = "support.consent.grant"
VIEW = "support.client.view"
QUEUE = "support.ticket.read"
ANSWER = "support.ticket.answer"
SUPPORT_ROLE = "bank.support"

PERMISSIONS = (
    Permission(GRANT, N_("授权银行客服查看")),
    Permission(VIEW, N_("经客户授权查看其后台")),
    Permission(QUEUE, N_("查看客户工单")),
    Permission(ANSWER, N_("处理客户工单")),
)

_NOT_FOR_EYES = ("identity.key.",)


def seen_of(plugins: PluginManager, profile: ClientProfile) -> dict[str, None]:
    """The rights of who looks in: what the client's administrator may read, over the whole client. Nothing that makes, checks,
    exports, reveals or manages is among them, because only `….read` is.
    """
    admin = {CLIENT_ADMIN}
    for _, blueprint in plugins.collect_all("register_blueprints"):
        if blueprint.kind == profile.kind:
            admin |= set(blueprint.admin_roles)
    offered = [role for code, role in plugins.collect_all("register_roles") if code == "core" or code in profile.plugins]
    held = {right for role in offered if role.code in admin and role.side == "client" for right in role.permissions}
    return {right: None for right in sorted(held) if right.endswith(".read") and not right.startswith(_NOT_FOR_EYES)}
