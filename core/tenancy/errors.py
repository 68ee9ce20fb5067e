"""What can go wrong with branches, clients, switches, merchants and accounts."""

from core.errors import Conflict, InvalidRequest


class CodeMalformed(InvalidRequest):
    code = "CODE_MALFORMED"
    message = "编码“{code}”不合规范：请用 3–32 位小写字母、数字和连字符，并以字母开头"


class CodeTaken(Conflict):
    code = "CODE_TAKEN"
    message = "编码“{code}”已被使用，请换一个"


class FieldMissing(InvalidRequest):
    code = "FIELD_MISSING"
    message = "请填写{field}"


class FieldTooLong(InvalidRequest):
    code = "FIELD_TOO_LONG"
    message = "{field}最多 {limit} 个字"


class UnknownKind(InvalidRequest):
    code = "UNKNOWN_CLIENT_KIND"
    message = "没有“{kind}”这种客户类型"


class BranchMisplaced(InvalidRequest):
    code = "BRANCH_MISPLACED"
    message = "机构层级不对：分行设在总行之下，支行设在分行之下"


class UnknownPlugin(InvalidRequest):
    code = "UNKNOWN_PLUGIN"
    message = "平台没有安装插件“{plugin}”"


class PluginDoesNotFit(Conflict):
    code = "PLUGIN_DOES_NOT_FIT"
    message = "插件“{plugin}”不适用于{kind}"


class ReasonMissing(InvalidRequest):
    code = "REASON_MISSING"
    message = "请写明原因"


class UsccMalformed(InvalidRequest):
    code = "USCC_MALFORMED"
    message = "统一社会信用代码不正确，请核对 18 位代码"


class AccountNumberMalformed(InvalidRequest):
    code = "ACCOUNT_NUMBER_MALFORMED"
    message = "账号应为 8–30 位数字"


class AccountHolderDiffers(InvalidRequest):
    code = "ACCOUNT_HOLDER_DIFFERS"
    message = "账户名必须与商户的法定名称“{legal_name}”一致"


class AccountKnown(Conflict):
    code = "ACCOUNT_KNOWN"
    message = "这个账号已经登记在该商户名下"


class MerchantHasNoAccount(Conflict):
    code = "MERCHANT_HAS_NO_ACCOUNT"
    message = "商户还没有复核通过的结算账户，请先登记账户并由另一位同事复核"


class MerchantHasCase(Conflict):
    code = "MERCHANT_HAS_CASE"
    message = "这个商户正在进件，请在进件里审核，签约后自动启用"
