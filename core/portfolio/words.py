"""The columns of the business board's workbook, and the audit trail's word for taking it along."""

from core.identity import audit_words
from core.web.i18n import N_

COLUMNS = (
    ("billed_fen", N_("应收"), "money"), ("collected_fen", N_("已收"), "money"), ("rate", N_("收缴率"), "text"), ("open_fen", N_("欠费"), "money"),
    ("overdue_fen", N_("逾期"), "money"), ("payments", N_("收款笔数"), "number"), ("paid_fen", N_("收款金额"), "money"),
    ("refunded_fen", N_("退款金额"), "money"), ("active_payers", N_("活跃缴费人"), "number"), ("known_payers", N_("已绑定缴费人"), "number"),
    ("accounts", N_("结算账户数"), "number"), ("deposits_fen", N_("待结算与预存"), "money"), ("differences", N_("未处理差异"), "number"),
    ("difference_fen", N_("差异金额"), "money"),
)  # fmt: skip
WORDS = {"portfolio.export": N_("导出业务总览")}

audit_words.register(WORDS)
