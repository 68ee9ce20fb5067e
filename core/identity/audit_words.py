"""What the audit trail's actions are called on screens; an action without a word of its own is shown by its code."""

import re
from collections.abc import Collection, Mapping

from core.money import format_yuan
from core.web import statuses
from core.web.i18n import N_, gettext, labelled, listed

PER_LINE = 3
MOST = 6
"""Of a long list only the beginning is shown; the entry holds all of it."""
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
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
    "identity.keys.rotate": N_("更换加密密钥"),
    "approval.propose": N_("提交复核"),
    "approval.approve": N_("同意复核"),
    "approval.reject": N_("退回"),
    "approval.withdraw": N_("撤回"),
}


_FACTS: dict[str, str] = {
    "account": N_("账户"),
    "approved": N_("通过"),
    "code": N_("编码"),
    "expires_at": N_("到期"),
    "kind": N_("类别"),
    "login": N_("用户名"),
    "merchant": N_("商户"),
    "merchant_id": N_("商户"),
    "name": N_("名称"),
    "legal_name": N_("法定名称"),
    "number_masked": N_("账号"),
    "uscc": N_("统一社会信用代码"),
    "branch_id": N_("机构"),
    "org_id": N_("管辖范围"),
    "parent_id": N_("上级"),
    "holder": N_("户名"),
    "bank_name": N_("开户行"),
    "position": N_("次序"),
    "role": N_("角色"),
    "roles": N_("角色"),
    "status": N_("状态"),
    "tail": N_("尾号"),
    "channel": N_("渠道"),
    "mchid": N_("商户号"),
    "branding": N_("品牌"),
    "settings": N_("设置"),
    "on_by_default": N_("默认开启"),
    "visible": N_("网点可见"),
    "new": N_("新增"),
    "changed": N_("变更"),
    "unchanged": N_("无变化"),
    "reason": N_("原因"),
    "title": N_("标题"),
    "amount_fen": N_("金额"),
    "count": N_("数量"),
    "short_name": N_("简称"),
    "colour": N_("颜色"),
    "phone": N_("电话"),
    "logo": N_("标志"),
    "filename": N_("文件"),
    "rejected": N_("未通过"),
    "totals": N_("合计"),
    "rows": N_("行数"),
    "filters": N_("筛选条件"),
    "masked": N_("掩码"),
    "bytes": N_("字节"),
    "version": N_("版本"),
    "relation": N_("关系"),
    "purpose": N_("用途"),
    "purposes": N_("用途"),
    "lines": N_("明细"),
    "optional_lines": N_("可选项目"),
    "number": N_("编号"),
    "before": N_("改前"),
    "told": N_("内容"),
    "digest": N_("指纹"),
    "stop_asked": N_("要求停止"),
    "which": N_("范围"),
    "to": N_("转入"),
    "void": N_("作废"),
    "kept": N_("保留"),
    "bills": N_("账单"),
    "students": N_("学生"),
    "net_fen": N_("净额"),
    "due_on": N_("截止日"),
    "term": N_("学期"),
}


_CODES: dict[tuple[str, str], str] = {}


def register(words: dict[str, str]) -> None:
    """Name the actions of another feature or a plugin (marked with `N_`)."""
    _WORDS.update(words)


def register_facts(words: dict[str, str]) -> None:
    """Name the facts that another feature or a plugin writes down (marked with `N_`)."""
    _FACTS.update(words)


def register_codes(object_type: str, machines: dict[str, str]) -> None:
    """Say in which machine's words a fact of some object is told: `register_codes("refund", {"source": "refund_source"})`."""
    _CODES.update({(object_type, fact): machine for fact, machine in machines.items()})


def tells(fact: str) -> bool:
    """Whether a fact has a name."""
    return fact in _FACTS


def named() -> Collection[str]:
    """Every action that has a name."""
    return _WORDS.keys()


def word_of(action: str) -> str:
    """What an action is called."""
    return gettext(_WORDS[action]) if action in _WORDS else action


def word_about(action: str, object_type: str) -> str:
    """What an action is called when it is done to this kind of object: `approval.propose` about a voiding is 申请作废."""
    return word_of(specific) if (specific := f"{action}.{object_type}") in _WORDS else word_of(action)


def told(facts: dict[str, object] | None, names: Mapping[str, str] | None = None, machine: str = "") -> str:
    """The facts of an entry in one line; `names` gives people's words for codes and ids, other ids are left out."""
    return " · ".join(_each(facts, names or {}, machine))


def lines(facts: dict[str, object] | None, names: Mapping[str, str] | None = None, machine: str = "") -> list[str]:
    """The same in lines short enough for a table; `machine` names the state machine of the object's status."""
    found = _each(facts, names or {}, machine)
    return [" · ".join(found[n : n + PER_LINE]) for n in range(0, len(found), PER_LINE)]


def changes(
    before: dict[str, object] | None, after: dict[str, object] | None, names: Mapping[str, str] | None = None, machine: str = ""
) -> list[tuple[str, str, str]]:
    """What an entry changed as (what, before, after), in words; a fact that is the same on both sides tells nothing and is left out."""
    found = []
    for key in dict.fromkeys([*(before or {}), *(after or {})]):
        was, now = (_text_of(key, facts[key], names or {}, machine) if facts and key in facts else "" for facts in (before, after))
        if was != now:
            found.append(((names or {}).get(key) or (gettext(_FACTS[key]) if key in _FACTS else key), was, now))
    return found


def _each(facts: dict[str, object] | None, names: Mapping[str, str], machine: str) -> list[str]:
    shown = []
    for key, value in (facts or {}).items():
        text = _text_of(key, value, names, machine)
        if text:
            shown.append(labelled(names.get(key) or (gettext(_FACTS[key]) if key in _FACTS else key), text))
    return shown


def _text_of(key: str, value: object, names: Mapping[str, str], machine: str) -> str:
    codes = _CODES.get((machine, key), machine if key == "status" else "")
    if codes and isinstance(value, str):
        return statuses.word_of(value, codes)[0]
    return f"{format_yuan(value)} {gettext('元')}" if key.endswith("_fen") and type(value) is int else _value(value, names)


def _value(value: object, names: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if isinstance(value, dict):
        return listed(gettext(_FACTS[key]) if key in _FACTS else key for key in value)
    if isinstance(value, list):
        return listed(text for each in value[:MOST] if (text := _value(each, names))) + ("…" if len(value) > MOST else "")
    text = "" if value is None else str(value)
    return names.get(text, "" if _ID.fullmatch(text) else text)
