"""The words of payments' pages: channels, scenes, what notices came to, why money lies in suspense."""

from core.web import statuses
from core.web.i18n import N_
from core.web.statuses import BAD, GOOD, INFO, QUIET, WAIT, WARN

ORDER_STATES = (
    ("pending", N_("正在确认")),
    ("created", N_("待支付")),
    ("succeeded", N_("已支付")),
    ("closed", N_("已关闭")),
    ("failed", N_("未支付")),
)

statuses.register(
    "channel",
    {
        "wechatpay": (N_("微信支付"), GOOD),
        "alipay": (N_("支付宝"), INFO),
        "unionpay": (N_("银联"), INFO),
        "stripe": (N_("银行卡"), INFO),
        "counter": (N_("柜台"), QUIET),
    },
)
statuses.register(
    "scene",
    {
        "h5": (N_("手机浏览器"), QUIET),
        "jsapi": (N_("钱包内"), QUIET),
        "native": (N_("扫码"), QUIET),
        "app": (N_("应用内"), QUIET),
        "page": (N_("电脑网页"), QUIET),
        "barcode": (N_("付款码"), QUIET),
        "card": (N_("银行卡"), QUIET),
        "cash": (N_("现金"), QUIET),
        "pos": (N_("POS 刷卡"), QUIET),
        "transfer": (N_("银行转账"), QUIET),
        "cheque": (N_("支票"), QUIET),
        "unknown": (N_("未知来源"), WARN),
    },
)
statuses.register(
    "notice",
    {
        "booked": (N_("已入账"), GOOD),
        "duplicate": (N_("重复通知"), QUIET),
        "suspense": (N_("入长款挂账"), WARN),
        "closed": (N_("已关闭"), QUIET),
        "failed": (N_("未支付"), BAD),
        "pending": (N_("未有结果"), WAIT),
        "mismatch": (N_("与订单不符"), BAD),
        "kept": (N_("已留存"), QUIET),
        "refunded": (N_("已退款"), GOOD),
        "refund_failed": (N_("退款失败"), BAD),
        "refund_closed": (N_("退款已关闭"), WARN),
        "processing": (N_("退款处理中"), WAIT),
        "foreign_refund": (N_("平台没有的退款"), BAD),
    },
)
statuses.register(
    "suspense_reason",
    {
        "unknown_order": (N_("找不到对应的支付单"), WARN),
        "double_payment": (N_("同一支付单重复付款"), WARN),
        "late_success": (N_("支付单关闭后才到账"), WARN),
        "nothing_owed": (N_("账单已缴清，多付"), WARN),
        "mismatch": (N_("渠道通知与订单不一致"), BAD),
        "foreign_refund": (N_("渠道侧发起、平台没有的退款"), BAD),
        "refund_mismatch": (N_("渠道退款通知与退款不一致"), BAD),
        "refund_after_end": (N_("退款已结束后渠道又退了款"), BAD),
    },
)
statuses.register(
    "suspense_resolution", {"bill": (N_("已转入账单"), GOOD), "credit": (N_("已转为余额"), GOOD), "refund": (N_("已退回"), INFO),
     "closed": (N_("核实后关闭"), GOOD)}
)
statuses.register(
    "channel_account",
    {
        "pending": (N_("待复核"), WAIT),
        "active": (N_("收款中"), GOOD),
        "suspended": (N_("已停用"), QUIET),
        "busy": (N_("暂时繁忙"), WARN),
    },
)
statuses.register("payment_route", {"on": (N_("启用中"), GOOD), "off": (N_("已停用"), QUIET)})
