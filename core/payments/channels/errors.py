"""What a payment channel can answer instead of yes.

ProviderError (502)
├── ChannelUnknown        no trustworthy answer: the order stays pending until a query decides
└── ChannelRefused        the channel said no, in its own words
    ├── AlreadyPaid           the order was paid before this call
    ├── OrderNotAtChannel     the channel has never heard of the order
    ├── ChannelShort          the merchant number has too little money at the channel: a refund waits
    ├── StatementNotReady     the day's statement is not there yet
    └── StatementBroken       a statement whose hash or wrapping is wrong
InvalidRequest (422)
└── SceneNotOffered       the channel has no such way of paying
Conflict (409)
└── AccountIncomplete     a merchant number without the keys or the mode a call needs
NotAuthenticated (401)
└── ForgedNotice          a notification that the channel did not sign, or not for us, or not now
    └── UnknownChannelKey     signed with a key we do not hold (yet): fetch the keys, try once more
"""

from core.errors import Conflict, InvalidRequest, NotAuthenticated, ProviderError


class ChannelUnknown(ProviderError):
    code = "CHANNEL_UNKNOWN"
    message = "支付渠道暂时没有给出可信的答复，系统会自动查询结果，请勿重复付款"


class ChannelRefused(ProviderError):
    code = "CHANNEL_REFUSED"
    message = "支付渠道没有接受这笔请求：{channel_message}（{channel_code}），请换一种支付方式或稍后再试"


class AlreadyPaid(ChannelRefused):
    code = "CHANNEL_ORDER_PAID"
    message = "支付渠道显示这笔订单已经支付，请刷新页面查看结果"


class OrderNotAtChannel(ChannelRefused):
    code = "CHANNEL_ORDER_ABSENT"
    message = "支付渠道没有这笔订单的记录，请重新发起支付"


class ChannelShort(ChannelRefused):
    code = "CHANNEL_SHORT"
    message = "商户号在渠道的可用余额不足，退款将在资金到位后自动重发"


class StatementNotReady(ChannelRefused):
    code = "STATEMENT_NOT_READY"
    message = "渠道还没有生成 {day} 的对账单，系统会稍后再取"


class StatementBroken(ChannelRefused):
    code = "STATEMENT_BROKEN"
    message = "下载的对账单校验不通过（{reason}），未采用，请重新下载"


class SceneNotOffered(InvalidRequest):
    code = "CHANNEL_SCENE_NOT_OFFERED"
    message = "{title}不支持“{scene}”方式，请换一种支付方式"


class AccountIncomplete(Conflict):
    code = "CHANNEL_ACCOUNT_INCOMPLETE"
    message = "商户号 {mchid} 的渠道参数“{missing}”缺失或无效，请先在商户设置中补全"


class ForgedNotice(NotAuthenticated):
    code = "NOTICE_FORGED"
    message = "通知未通过验证（{reason}），未作任何处理"


class UnknownChannelKey(ForgedNotice):
    code = "NOTICE_KEY_UNKNOWN"
    message = "通知使用了未知的渠道密钥 {serial}，请先更新渠道密钥"
