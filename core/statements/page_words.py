"""The words of statements' pages: states, sides, doors, and where a person gets each file."""

from core.identity import audit_words
from core.web import statuses
from core.web.i18n import N_
from core.web.statuses import BAD, GOOD, INFO, QUIET, WAIT, WARN

VERDICTS = (
    ("accept", N_("通过")),
    ("accept_normalised", N_("通过，已规范")),
    ("reject_rows", N_("部分行未通过")),
    ("reject_file", N_("整份未通过")),
)
SIDES = (("business", N_("业务系统")), ("platform", N_("平台")), ("channel", N_("支付渠道")), ("funds", N_("资金")))
ORIGINS = (("fetch", N_("自动下载")), ("folder", N_("文件夹")), ("upload", N_("上传")), ("api", N_("接口")), ("cli", N_("命令行")))
KINDS = (
    ("pay", N_("收款")),
    ("refund", N_("退款")),
    ("fee", N_("手续费")),
    ("split", N_("分账")),
    ("payout", N_("出款")),
    ("adjustment", N_("调整")),
)
CHANNELS = (
    ("wechatpay", N_("微信支付")),
    ("alipay", N_("支付宝")),
    ("unionpay", N_("银联")),
    ("stripe", N_("银行卡")),
    ("counter", N_("柜台")),
    ("bank", N_("银行账户")),
)
_TONES = {"accept": GOOD, "accept_normalised": INFO, "reject_rows": WARN, "reject_file": BAD}

statuses.register("statement_verdict", {code: (label, _TONES[code]) for code, label in VERDICTS})
statuses.register("statement", {"loaded": (N_("已采用"), GOOD), "superseded": (N_("已被取代"), QUIET), "refused": (N_("未采用"), BAD)})
statuses.register("statement_side", {code: (label, QUIET) for code, label in SIDES})
statuses.register("statement_origin", {code: (label, QUIET) for code, label in ORIGINS})
statuses.register("statement_kind", {code: (label, INFO if code == "refund" else QUIET) for code, label in KINDS})
statuses.register(
    "statement_line",
    {
        "success": (N_("成功"), GOOD),
        "succeeded": (N_("成功"), GOOD),
        "processing": (N_("处理中"), WAIT),
        "pending": (N_("处理中"), WAIT),
        "created": (N_("待支付"), WAIT),
        "closed": (N_("已关闭"), QUIET),
        "failed": (N_("失败"), BAD),
        "change": (N_("退款异常"), BAD),
        "credit": (N_("贷（收入）"), GOOD),
        "debit": (N_("借（支出）"), QUIET),
        "returned": (N_("退票"), WARN),
    },
)
"""What a line's own state means; a state out of a business system's file is shown as the file has it."""
statuses.register("statement_channel", {code: (label, QUIET) for code, label in CHANNELS})
statuses.register(
    "statement_day",
    {
        "loaded": (N_("已到"), GOOD),
        "rows": (N_("缺行"), WARN),
        "empty": (N_("无交易"), QUIET),
        "refused": (N_("未通过"), BAD),
        "waiting": (N_("等待"), WAIT),
        "failed": (N_("未取到"), BAD),
        "missing": (N_("缺"), BAD),
        "none": ("—", QUIET),
    },
)
statuses.register(
    "statement_fetch",
    {
        "waiting": (N_("等待渠道出账"), WAIT),
        "fetched": (N_("已取到"), GOOD),
        "empty": (N_("当天无交易"), QUIET),
        "failed": (N_("未取到"), BAD),
    },
)
statuses.register("field_map", {"draft": (N_("待保存"), WAIT), "active": (N_("使用中"), GOOD), "off": (N_("已停用"), QUIET)})

WHERE = {
    "wechatpay-trade": N_("微信支付商户平台 › 交易中心 › 交易账单 › 全部交易，下载 CSV 或压缩包；每天 10 点后出前一天的账单。"),
    "wechatpay-fundflow": N_("微信支付商户平台 › 交易中心 › 资金账单 › 基本账户，下载 CSV；用于核对手续费与提现，不参与逐笔对账。"),
    "alipay-trade": N_("支付宝商家平台 › 对账中心 › 业务账单，按天下载压缩包（含业务明细），不要解压；每天 10 点后出前一天的账单。"),
    "unionpay": N_("银联商户服务平台 › 对账文件下载，按清算日下载压缩包；银联的一天在 23:00 结束。"),
    "stripe-balance": N_("卡组织收单后台 › Reports › Balance change from activity › Itemized，时区选上海，下载 CSV。"),
    "platform": N_("本平台自身的收款与退款明细，一般由系统生成，也可从旧系统导出后上传。"),
    "bank": N_("企业网银 › 账户明细，下载结算账户当天的明细文件。"),
    "lines": N_("业务系统通过接口推送，每行一个 JSON 对象；格式见接口文档。"),
}
"""Where a person gets each file."""

audit_words.register(
    {
        "statements.file.receive": N_("收到对账文件"),
        "statements.merchant.add": N_("登记对账商户号"),
        "statements.file.download": N_("下载对账文件原件"),
        "statements.file.fetch": N_("立即获取对账文件"),
        "statements.field_map.create": N_("新建字段映射"),
        "statements.field_map.save": N_("保存字段映射"),
        "statements.field_map.enable": N_("启用字段映射"),
        "statements.field_map.disable": N_("停用字段映射"),
    }
)
audit_words.register_codes("statement", {"verdict": "statement_verdict"})
audit_words.register_codes("field_map", {"side": "statement_side"})
audit_words.register_facts({"day": N_("账单日期"), "file": N_("文件"), "verdict": N_("结论"), "rows_loaded": N_("载入行数"), "side": N_("一方")})
