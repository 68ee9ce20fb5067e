"""What payments refuse. A declined payment is a result, not an error."""

from core.errors import Conflict, InvalidRequest, NotFound


class OrderNotFound(NotFound):
    code = "ORDER_NOT_FOUND"
    message = "没有找到这笔支付"


class ChannelNotOpened(Conflict):
    code = "CHANNEL_NOT_OPENED"
    message = "本单位尚未开通“{channel}”，请换一种支付方式"


class ChannelBusy(Conflict):
    code = "CHANNEL_BUSY"
    message = "{title}暂时繁忙，请改用其他支付方式，或稍候一两分钟再试"


class MerchantNotCollecting(Conflict):
    code = "MERCHANT_NOT_COLLECTING"
    message = "“{name}”暂时不能收款，请联系收费单位"


class StaticCodeOverCap(Conflict):
    code = "STATIC_CODE_OVER_CAP"
    message = "扫固定收款码每天最多可付 {cap} 元，今天还可付 {left} 元；大额请从短信链接或登录后缴费"


class StaticCodeNotFound(NotFound):
    code = "STATIC_CODE_NOT_FOUND"
    message = "这个收款码已停用，请向收费单位索取新的收款码"


class AmountOverLimit(InvalidRequest):
    code = "AMOUNT_OVER_LIMIT"
    message = "单笔最多可付 {limit} 元，请分次缴纳"


class EmptyCharge(InvalidRequest):
    code = "EMPTY_CHARGE"
    message = "请选择要缴的账单和金额"


class AnotherPaymentUnderWay(Conflict):
    code = "ANOTHER_PAYMENT_UNDER_WAY"
    message = "这张账单正有一笔支付在确认中，请稍候片刻再试，以免重复缴费"


class AlreadyPaidMeanwhile(Conflict):
    code = "ALREADY_PAID_MEANWHILE"
    message = "账单刚刚已经缴清，无需再付"


class KeyReused(Conflict):
    code = "IDEMPOTENCY_KEY_REUSED"
    message = "同一个提交编号用于了不同的内容，请刷新页面后重试"


class NoticeDisagrees(Conflict):
    code = "NOTICE_DISAGREES"
    message = "渠道通知与支付单不一致：{fields}"


class SuspenseNotFound(NotFound):
    code = "SUSPENSE_NOT_FOUND"
    message = "没有找到这条挂账"


class SuspenseTooSmall(Conflict):
    code = "SUSPENSE_TOO_SMALL"
    message = "挂账余额为 {left} 元，不足以处理 {amount} 元"


class AccountNotFound(NotFound):
    code = "CHANNEL_ACCOUNT_NOT_FOUND"
    message = "没有找到这个收款账号"


class AccountKnown(Conflict):
    code = "CHANNEL_ACCOUNT_KNOWN"
    message = "商户号 {mchid} 已经登记过了，请在列表中打开它更换密钥"


class UnknownChannel(InvalidRequest):
    code = "UNKNOWN_CHANNEL"
    message = "平台没有支付渠道“{channel}”"


class FieldInvalid(InvalidRequest):
    code = "CREDENTIAL_INVALID"
    message = "{title}：{fault}"


class DraftGone(Conflict):
    code = "CHANNEL_DRAFT_GONE"
    message = "待复核的密钥已被新的提交取代或已过期，请重新提交"


class RouteNotFound(NotFound):
    code = "PAYMENT_ROUTE_NOT_FOUND"
    message = "没有找到这条收款规则"


class RouteInvalid(InvalidRequest):
    code = "PAYMENT_ROUTE_INVALID"
    message = "{fault}"


class NothingToProbe(Conflict):
    code = "NOTHING_TO_PROBE"
    message = "{title}没有可以测试的线上接口"
