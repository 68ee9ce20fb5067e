"""How the states, means and reasons of notices are called."""

from core.identity import audit_words
from core.web.i18n import N_
from core.web.statuses import BAD, GOOD, INFO, QUIET, WAIT, WARN

STATES = {
    "queued": (N_("排队中"), WAIT),
    "quiet": (N_("等静默时段结束"), WAIT),
    "sending": (N_("发送中"), WAIT),
    "sent": (N_("已发出"), INFO),
    "delivered": (N_("已送达"), GOOD),
    "failed": (N_("发送失败"), BAD),
    "capped": (N_("超过每日上限"), WARN),
    "opted_out": (N_("对方已退订"), QUIET),
}
MEANS = {"inbox": N_("站内"), "sms": N_("短信"), "wechat": N_("微信")}
REASONS = {
    "expired": N_("已过有效期，未发送"),
    "no_wechat": N_("没有关注公众号，或没有设置模板编号"),
    "plugin_off": N_("所属插件已停用"),
    "ConnectError": N_("连不上短信平台"),
    "ReadTimeout": N_("短信平台没有应答"),
    "WeChat token": N_("拿不到微信接口凭证，请检查公众号设置"),
    "WeChat unreachable": N_("连不上微信接口"),
}
audit_words.register(
    {
        "notices.notice.resend": N_("重发通知"),
        "notices.template.save": N_("保存通知模板"),
        "notices.template.reset": N_("恢复默认通知模板"),
        "notices.rules.save": N_("保存发送规则"),
        "notices.wechat.save": N_("保存公众号设置"),
        "notices.optout.begin": N_("退订通知"),
        "notices.optout.end": N_("恢复订阅通知"),
    }
)
