"""What receipts refuse."""

from core.errors import Conflict, NotFound, ProviderError


class ReceiptNotFound(NotFound):
    code = "RECEIPT_NOT_FOUND"
    message = "没有找到这张收据，请核对后再试"


class FlushKeyReused(Conflict):
    code = "RECEIPT_FLUSH_REUSED"
    message = "编号 {key} 已用于另一次红冲，请更换编号"


class ReceiptNotStanding(Conflict):
    code = "RECEIPT_NOT_STANDING"
    message = "收据 {number} 已红冲、作废或尚未开具，不能再次红冲"


class ReceiptNotReady(Conflict):
    code = "RECEIPT_NOT_READY"
    message = "收据还在开具，请稍候片刻再下载"


class IssuerUnknown(NotFound):
    code = "ISSUER_UNKNOWN"
    message = "没有这种票据，请选择财政电子票据或数电发票"


class IssuerIncomplete(Conflict):
    code = "ISSUER_INCOMPLETE"
    message = "请先填写开票平台的接口密钥"


class IssuerSilent(ProviderError):
    code = "ISSUER_SILENT"
    message = "开票平台没有给出可信的答复，系统会继续查询"
