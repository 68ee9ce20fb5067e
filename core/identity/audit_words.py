"""What the audit trail's actions are called on screens; an action without a word of its own is shown by its code."""

from core.web.i18n import N_, gettext

_WORDS: dict[str, str] = {
    "identity.user.create": N_("新建用户"),
    "identity.user.rename": N_("修改姓名"),
    "identity.user.disable": N_("停用用户"),
    "identity.user.enable": N_("启用用户"),
    "identity.user.reset_password": N_("重置密码"),
    "identity.user.reset_second_factor": N_("重置动态验证码"),
    "identity.role.grant": N_("授予角色"),
    "identity.role.revoke": N_("收回角色"),
    "identity.session.begin": N_("登录"),
    "identity.session.end": N_("退出登录"),
    "identity.password.change": N_("修改密码"),
    "identity.second_factor.enrol": N_("启用动态验证码"),
    "identity.second_factor.drop": N_("停用动态验证码"),
    "identity.org.create": N_("新建组织单位"),
    "identity.org.rename": N_("组织单位改名"),
    "identity.org.move": N_("移动组织单位"),
    "identity.org.change": N_("修改组织单位"),
    "identity.org.apply": N_("导入组织架构"),
    "identity.key.create": N_("新建接口密钥"),
    "identity.key.end": N_("停用接口密钥"),
}


def register(words: dict[str, str]) -> None:
    """Name the actions of another feature or a plugin (marked with `N_`)."""
    _WORDS.update(words)


def word_of(action: str) -> str:
    """What an action is called."""
    return gettext(_WORDS[action]) if action in _WORDS else action


def told(facts: dict[str, object] | None) -> str:
    """The facts of an entry in one line."""
    if not facts:
        return ""
    return " · ".join(f"{key}: {value}" for key, value in facts.items() if value not in (None, "", {}, []))
