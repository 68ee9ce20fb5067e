"""What the counter's states and kinds are called on screens."""

from core.identity import audit_words
from core.web import statuses
from core.web.i18n import N_
from core.web.statuses import BAD, GOOD, INFO, QUIET, WAIT, WARN

statuses.register(
    "counter.shift",
    {
        "open": (N_("收款中"), GOOD),
        "counting": (N_("盘点中"), WAIT),
        "submitted": (N_("待接收"), WAIT),
        "variance_review": (N_("差异待核"), WARN),
        "accepted": (N_("已接收"), QUIET),
    },
)
statuses.register(
    "counter.kind",
    {
        "cash": (N_("现金"), INFO),
        "pos": (N_("POS 刷卡"), INFO),
        "transfer": (N_("转账"), INFO),
        "cheque": (N_("支票"), INFO),
        "barcode": (N_("付款码"), INFO),
        "cheque_received": (N_("支票，待入账"), WAIT),
        "cheque_cleared": (N_("支票，已入账"), GOOD),
        "cheque_bounced": (N_("支票，已退票"), BAD),
    },
)
statuses.register(
    "counter.cheque", {"received": (N_("待入账"), WAIT), "cleared": (N_("已入账"), GOOD), "bounced": (N_("已退票"), BAD)}
)
statuses.register(
    "counter.transfer", {"received": (N_("处理中"), WAIT), "matched": (N_("已匹配"), GOOD), "suspense": (N_("已挂账"), WARN)}
)
statuses.register(
    "counter.why",
    {
        "sub_account": (N_("按子账号"), QUIET),
        "pay_code": (N_("按附言中的缴费码"), QUIET),
        "payer_and_amount": (N_("按付款人与金额"), QUIET),
        "several": (N_("有多人符合，未自动入账"), WARN),
        "nobody": (N_("没有找到付款人"), WARN),
    },
)
audit_words.register(
    {
        "counter.shift.open": N_("开班"),
        "counter.shift.submit": N_("提交交班"),
        "counter.shift.send_back": N_("退回交班"),
        "counter.shift.accept": N_("接收班次"),
        "counter.cheque.take": N_("收到支票"),
        "counter.cheque.clear": N_("支票入账"),
        "counter.cheque.bounce": N_("支票退票"),
        "counter.refund.pay_out": N_("窗口付出退款"),
    }
)
audit_words.register_facts(
    {"window": N_("窗口"), "float_fen": N_("备用金"), "expected_fen": N_("应有"), "counted_fen": N_("实点"), "variance_fen": N_("差额")}
)
