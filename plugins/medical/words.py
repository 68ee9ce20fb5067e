"""The words of the hospital's units, patients and vendors, for badges and histories."""

from core.identity import audit_words
from core.payers import words as payers
from core.web import retold, statuses
from core.web.i18n import N_
from core.web.statuses import BAD, GOOD, INFO, QUIET, WAIT
from plugins.medical.organisation.levels import KINDS

payers.register("hospital", payers.Words(N_("就诊人"), N_("就诊人姓名"), N_("患者编号")))
statuses.register("medical.org_kind", {kind: (word, QUIET) for kind, word in KINDS.items()})
statuses.register("medical.vendor", {"active": (N_("接入中"), GOOD), "suspended": (N_("已停用"), BAD)})
statuses.register("medical.visit", {"open": (N_("就诊中"), INFO), "closed": (N_("已结束"), QUIET), "cancelled": (N_("已取消"), QUIET)})
statuses.register(
    "medical.insurance", {"employee": (N_("职工医保"), INFO), "resident": (N_("居民医保"), INFO), "self": (N_("自费"), QUIET)}
)
statuses.register(
    "medical.visit_kind",
    {"outpatient": (N_("门诊"), QUIET), "emergency": (N_("急诊"), WAIT), "inpatient": (N_("住院"), INFO), "internet": (N_("互联网"), QUIET)},
)
statuses.register(
    "medical.scene",
    {
        "window": (N_("窗口"), QUIET),
        "selfservice": (N_("自助机"), QUIET),
        "inpatient": (N_("住院处"), QUIET),
        "internet": (N_("互联网医院"), QUIET),
    },
)
statuses.register("medical.statement_line", {"pay": (N_("收款"), GOOD), "refund": (N_("退款"), QUIET)})
audit_words.register(
    {
        "medical.patient.create": N_("患者建档"),
        "medical.patient.change": N_("更正患者资料"),
        "medical.visit.close": N_("就诊结束"),
        "medical.vendor.create": N_("新增接入厂商"),
        "medical.vendor.scenes": N_("变更接入场景"),
        "medical.vendor.status": N_("变更厂商状态"),
    }
)
audit_words.register_facts({"scenes": N_("接入场景"), "app_id": N_("应用编号"), "patient_no": N_("患者编号"), "fields": N_("更正的内容")})
audit_words.register_codes("vendor", {"status": "medical.vendor"})
retold.register(N_("%(field)s 只能是 %(allowed)s"), N_("cards 的种类只能是 %(allowed)s"))
