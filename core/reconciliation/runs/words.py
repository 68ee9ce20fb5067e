"""The words of runs and rules on pages and in the audit trail."""

from core.identity import audit_words
from core.web import retold, statuses
from core.web.i18n import N_
from core.web.statuses import BAD, GOOD, INFO, QUIET, WAIT, WARN

RUN_WORDS = {
    "created": (N_("等待对账"), WAIT),
    "fetching": (N_("等待文件"), WAIT),
    "file_missing": (N_("缺少文件"), WARN),
    "ready": (N_("待对账"), WAIT),
    "matching": (N_("对账中"), INFO),
    "balanced": (N_("已平"), GOOD),
    "diff_open": (N_("有差异"), BAD),
    "closed": (N_("已关账"), QUIET),
}
RULE_WORDS = {
    "tolerance": N_("金额容差"),
    "date_lag": N_("跨日"),
    "composite": N_("组合键"),
    "one_to_many": N_("一对多"),
    "many_to_one": N_("多对一"),
}
SIDE_WORDS = {"business": N_("业务"), "platform": N_("平台"), "channel": N_("渠道"), "his": "HIS", "bills": N_("账单"), "funds": N_("资金")}

statuses.register("recon_run", RUN_WORDS)
statuses.register("match_rule", {code: (label, QUIET) for code, label in RULE_WORDS.items()})
statuses.register("recon_side", {code: (label, QUIET) for code, label in SIDE_WORDS.items()})

audit_words.register(
    {
        "recon.run.start": N_("执行对账"),
        "recon.run.close": N_("关账"),
        "recon.run.reopen": N_("重新打开"),
        "recon.rule.add": N_("添加匹配规则"),
        "recon.rule.change": N_("修改匹配规则"),
        "recon.rule.order": N_("调整匹配规则顺序"),
        "recon.rule.remove": N_("删除匹配规则"),
    }
)
audit_words.register_codes("match_rule", {"kind": "match_rule"})
audit_words.register_facts({"day": N_("日期")})
retold.register(N_("%(day)s 没有关账，不用重新打开"), N_("后面的 %(day)s 已经关账，请先重新打开那一天"))
