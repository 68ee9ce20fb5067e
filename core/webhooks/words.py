"""The words of pushes."""

from core.identity import audit_words
from core.web import statuses
from core.web.i18n import N_
from core.web.statuses import BAD, GOOD, QUIET, WAIT

STATES = (("waiting", N_("待送达"), WAIT), ("delivered", N_("已送达"), GOOD), ("failed", N_("未送达"), BAD))
statuses.register("webhook_delivery", {code: (label, tone) for code, label, tone in STATES})
statuses.register("webhook_endpoint", {"active": (N_("使用中"), GOOD), "paused": (N_("已暂停"), QUIET)})
audit_words.register({
    "webhooks.endpoint.add": N_("登记推送地址"), "webhooks.endpoint.change": N_("暂停或启用推送地址"), "webhooks.delivery.resend": N_("重发推送"),
})  # fmt: skip
