"""What the connection with HIS refuses."""

from core.errors import Conflict, InvalidRequest, NotFound


class LinkMissing(Conflict):
    code = "HIS_LINK_MISSING"
    message = "还没有接入 HIS，请先在“HIS 接口”中设置"


class LinkBroken(InvalidRequest):
    code = "HIS_LINK_INVALID"
    message = "HIS 接入设置有误：{why}"


class HisSilent(Conflict):
    code = "HIS_SILENT"
    message = "HIS 没有可信的应答（{why}），款项未动，请稍后再试或联系医院信息科"


class PostingNotFound(NotFound):
    code = "MED_POSTING_NOT_FOUND"
    message = "没有找到这笔上账"


class PostingSettled(Conflict):
    code = "MED_POSTING_SETTLED"
    message = "这笔订单不在“上账失败”中（现为“{status}”），请刷新页面"


class HisHasIt(Conflict):
    code = "HIS_HAS_IT"
    message = "HIS 已有这笔上账（流水号 {serial}），已改为“已上账”，没有退款"


class TurnTaken(Conflict):
    code = "HIS_TURN_TAKEN"
    message = "正在与 HIS 核对这笔订单，请一分钟后再试"


class DisagreementNotFound(NotFound):
    code = "HIS_DISAGREEMENT_NOT_FOUND"
    message = "没有找到这条应答不符"
