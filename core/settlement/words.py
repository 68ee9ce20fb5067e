"""The words of settlement's pages, in lists, timelines, the books and the audit trail."""

from core.identity import audit_words
from core.web import statuses
from core.web.i18n import N_
from core.web.statuses import BAD, GOOD, INFO, QUIET, WAIT, WARN

BATCH_STATES = (
    ("calculating", N_("计算中"), QUIET),
    ("pending_review", N_("待复核"), WAIT),
    ("approved", N_("已复核"), INFO),
    ("paying", N_("付款中"), INFO),
    ("paid", N_("已付款"), GOOD),
    ("returned", N_("已退回"), BAD),
    ("re_pay", N_("重新付款"), WARN),
    ("carried", N_("结转下批"), QUIET),
)
PAYOUT_STATES = (
    ("created", N_("待发出"), WAIT),
    ("sent", N_("已发出，待银行结果"), INFO),
    ("paid", N_("已付款"), GOOD),
    ("failed", N_("付款失败"), BAD),
    ("returned", N_("退票"), BAD),
)
ITEM_KINDS = (
    ("pay", N_("交易")),
    ("refund", N_("退款")),
    ("adjust", N_("调整")),
    ("split", N_("分给合作方")),
    ("partner", N_("合作方分入")),
)
GATE_RULES = {
    "suspense": N_("已平账，或差异均已处理、挂账"),
    "balanced": N_("已平账，没有未处理的差异"),
    "closed": N_("当日已关账"),
}

statuses.register("settlement_batch", {code: (label, tone) for code, label, tone in BATCH_STATES})
statuses.register("payout", {code: (label, tone) for code, label, tone in PAYOUT_STATES})
statuses.register("settlement_item", {code: (label, QUIET) for code, label in ITEM_KINDS})
statuses.register(
    "settlement_month",
    {"open": (N_("未签认"), WAIT), "proposed": (N_("待复核签认"), INFO), "signed": (N_("已签认"), GOOD)},
)
statuses.register("settlement_adjustment", {"open": (N_("待入批次"), WAIT), "settled": (N_("已入批次"), GOOD)})
statuses.extend("journal", {
    "settlement.cost": (N_("商户手续费与分账"), INFO),
    "settlement.payout": (N_("结算付款"), GOOD),
    "settlement.payout.reversed": (N_("冲正：结算付款"), BAD),
    "settlement.adjustment": (N_("结算调整"), WARN),
})  # fmt: skip
statuses.extend("journal_about", {"settlement": (N_("结算批次"), WAIT), "settlement_adjustment": (N_("结算调整"), WAIT)})

audit_words.register(
    {
        "settlement.day.calculate": N_("计算结算批次"),
        "settlement.day.start": N_("开始计算结算批次"),
        "settlement.batch.approve": N_("复核结算批次"),
        "settlement.batch.repay": N_("复核重新付款"),
        "settlement.payout.paid": N_("银行付款成功"),
        "settlement.payout.failed": N_("银行付款失败"),
        "settlement.payout.returned": N_("银行退票"),
        "settlement.adjustment.approve": N_("复核结算调整"),
        "settlement.split.approve": N_("复核分账规则"),
        "settlement.month.propose": N_("提交月度签认"),
        "settlement.month.sign": N_("签认月度结算"),
        "settlement.month.reopen": N_("撤销月度签认"),
    }
)
audit_words.register_facts(
    {"batches": N_("批次数"), "bank_serial": N_("银行流水号"), "attempt": N_("第几次"), "merchant": N_("商户"), "customer": N_("客户号")}
)
