"""What profit sharing's states are called on screens."""

from core.identity import audit_words
from core.web import statuses
from core.web.i18n import N_
from core.web.statuses import BAD, GOOD, INFO, QUIET, WAIT, WARN

RECEIVER_STATES = (
    ("proposed", N_("待复核")), ("adding", N_("登记中")), ("active", N_("可分账")), ("removing", N_("移除中")), ("removed", N_("已移除")),
    ("failed", N_("渠道未接受")), ("refused", N_("已驳回")),
)  # fmt: skip
_TONES = {"proposed": WAIT, "adding": INFO, "active": GOOD, "removing": INFO, "removed": QUIET, "failed": BAD, "refused": QUIET}
STAGES = (("waiting", N_("待分账")), ("under_way", N_("办理中")), ("shared", N_("已分账")), ("released", N_("已解冻")))

statuses.register("sharing.receiver", {code: (label, _TONES[code]) for code, label in RECEIVER_STATES})
statuses.register("sharing.stage", {code: (label, tone) for (code, label), tone in zip(STAGES, (WARN, WAIT, GOOD, QUIET), strict=True)})
statuses.register(
    "sharing.split",
    {
        "proposed": (N_("待复核"), WAIT), "submitted": (N_("已提交渠道"), INFO), "processing": (N_("渠道处理中"), WAIT),
        "finished": (N_("已完成"), GOOD), "failed": (N_("渠道未接受"), BAD), "refused": (N_("已驳回"), QUIET), "succeeded": (N_("已回退"), GOOD),
    },
)  # fmt: skip
statuses.register("sharing.share", {"pending": (N_("待到账"), WAIT), "succeeded": (N_("已到账"), GOOD), "closed": (N_("已关闭"), BAD)})
statuses.register("sharing.kind", {"MERCHANT_ID": (N_("商户"), QUIET), "PERSONAL_OPENID": (N_("个人"), QUIET)})
statuses.register(
    "sharing.relation",
    {
        "PARTNER": (N_("合作伙伴"), QUIET), "STORE": (N_("门店"), QUIET), "STAFF": (N_("员工"), QUIET), "STORE_OWNER": (N_("店主"), QUIET),
        "HEADQUARTER": (N_("总部"), QUIET), "BRAND": (N_("品牌方"), QUIET), "DISTRIBUTOR": (N_("分销商"), QUIET), "USER": (N_("用户"), QUIET),
        "SUPPLIER": (N_("供应商"), QUIET), "SERVICE_PROVIDER": (N_("服务商"), QUIET),
    },
)  # fmt: skip
statuses.extend(
    "journal",
    {"sharing.given": (N_("分账"), INFO), "sharing.given.reversed": (N_("分账关闭"), WARN), "sharing.returned": (N_("分账回退"), INFO)},
)
audit_words.register(
    {
        "sharing.receiver.add": N_("登记分账接收方"),
        "sharing.receiver.remove": N_("移除分账接收方"),
        "sharing.split.approve": N_("批准分账"),
        "sharing.release.approve": N_("批准解冻剩余资金"),
        "sharing.return.approve": N_("批准分账回退"),
    }
)
