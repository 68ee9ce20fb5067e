"""What accounts and journals are called on screens (domain book §2.2); codes stay beside the words."""

from core.web import statuses
from core.web.i18n import N_
from core.web.statuses import BAD, GOOD, INFO, QUIET, WAIT, WARN

CLASSES = {
    "A.CH": N_("渠道待清算款"),
    "A.BANK": N_("清算户存款"),
    "A.SUSP": N_("短款挂账"),
    "A.LOAN": N_("贷款"),
    "A.INTREC": N_("应收利息"),
    "L.MER": N_("商户待结算"),
    "L.PREPAY": N_("预存款"),
    "L.ESC": N_("监管户"),
    "L.SUSP": N_("长款挂账"),
    "L.EACC": N_("客户存款"),
    "L.WEALTH": N_("理财在途"),
    "L.PAYROLL": N_("代发过渡户"),
    "I.FEE": N_("手续费收入"),
    "I.INT": N_("利息收入"),
    "E.CHFEE": N_("渠道手续费支出"),
    "E.INT": N_("存款利息支出"),
}


def class_of(code: str) -> str:
    """The first two parts of an account's code: `L.MER.TUITION` → `L.MER`."""
    return ".".join(code.split(".")[:2])


def owner_of(code: str) -> str:
    """What stands behind the class: a merchant's code, a person's id, a channel and its merchant number."""
    return ".".join(code.split(".")[2:])


statuses.register(
    "account_kind",
    {
        "asset": (N_("资产"), INFO),
        "liability": (N_("负债"), QUIET),
        "income": (N_("收入"), GOOD),
        "expense": (N_("支出"), WARN),
    },
)
statuses.register(
    "journal",
    {
        "payment.succeeded": (N_("收到缴费"), GOOD),
        "billing.moved": (N_("转移缴费"), INFO),
        "billing.credited": (N_("转为余额"), INFO),
        "billing.credit_used": (N_("余额抵缴"), INFO),
        "suspense.resolved": (N_("挂账处理"), INFO),
        "refund.submitted": (N_("退款"), WARN),
        "refund.transferred": (N_("人工汇款退款"), WARN),
        "refund.submitted.reversed": (N_("冲正：退款"), BAD),
        "refund.transferred.reversed": (N_("冲正：人工汇款退款"), BAD),
        "payment.succeeded.reversed": (N_("冲正：收到缴费"), BAD),
        "billing.moved.reversed": (N_("冲正：转移缴费"), BAD),
        "billing.credited.reversed": (N_("冲正：转为余额"), BAD),
        "billing.credit_used.reversed": (N_("冲正：余额抵缴"), BAD),
        "suspense.resolved.reversed": (N_("冲正：挂账处理"), BAD),
    },
)
statuses.register(
    "journal_about",
    {"payment": (N_("收款"), WAIT), "bill": (N_("账单"), WAIT), "suspense": (N_("挂账"), WAIT), "refund": (N_("退款"), WAIT)},
)
