"""The words of orders: states, kinds, scenes' deeds, and the categories of what a hospital charges."""

from core.billing import bound
from core.identity import audit_words
from core.web import statuses
from core.web.i18n import N_
from core.web.statuses import BAD, GOOD, INFO, QUIET, WAIT, WARN

KIND_WORDS = {"register": "挂号", "outpatient": "门诊缴费", "deposit": "住院预交金", "discharge": "出院结算", "prepay": "门诊预交金"}
"""As bills and pay pages name an order: hospital, department and this, never what was treated."""
CATEGORIES = (
    "挂号费", "诊察费", "检查费", "化验费", "治疗费", "手术费", "护理费", "床位费", "西药费", "中成药费", "中草药费", "材料费", "其他费用",
    "住院预交金", "出院结算", "门诊预交金",
)  # fmt: skip
"""Staff and bills show totals of these; a hospital adds its own under `[settings.medical] categories`."""

bound.register("medical", N_("诊疗账单随订单走，金额由 HIS 定；请撤销或退费后由 HIS 重新下单"))
statuses.register(
    "med_order",
    {
        "created": (N_("已登记"), QUIET),
        "insurance_pre_settled": (N_("医保已预结"), INFO),
        "awaiting_payment": (N_("待支付"), WAIT),
        "paid": (N_("已支付，待上账"), INFO),
        "posted": (N_("已上账"), GOOD),
        "post_failed": (N_("上账失败"), BAD),
        "partial_refund": (N_("部分退费"), WARN),
        "refunded": (N_("已退费"), QUIET),
        "cancelled": (N_("已撤销"), QUIET),
    },
)
statuses.register(
    "medical.patient_order",
    {
        "created": (N_("待支付"), WAIT),
        "insurance_pre_settled": (N_("待支付"), WAIT),
        "awaiting_payment": (N_("待支付"), WAIT),
        "paid": (N_("已支付"), GOOD),
        "posted": (N_("已支付"), GOOD),
        "post_failed": (N_("已支付"), GOOD),
        "partial_refund": (N_("部分退费"), WARN),
        "refunded": (N_("已退费"), QUIET),
        "cancelled": (N_("已撤销"), QUIET),
    },
)
statuses.register(
    "medical.order_kind",
    {
        "register": (N_("挂号"), QUIET),
        "outpatient": (N_("门诊缴费"), QUIET),
        "deposit": (N_("住院预交金"), QUIET),
        "discharge": (N_("出院结算"), QUIET),
        "prepay": (N_("门诊预交金"), WARN),
    },
)
audit_words.register(
    {
        "medical.order.place": N_("提交诊疗订单"),
        "medical.order.cancel": N_("撤销诊疗订单"),
        "medical.order.pay": N_("发起支付"),
    }
)
audit_words.register_facts({"total_fen": N_("总额"), "cash_fen": N_("现金部分")})
