"""How far a refund is, step by step, as the family that asked for it reads it: asked, looked at, sent, arrived."""

import datetime as dt

import msgspec

from core.refunds.schemas import RefundRead
from core.refunds.states import UNDER_WAY
from core.web.i18n import gettext as _


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step; `state` is done, now, next or bad."""

    title: str
    state: str
    at: dt.datetime | None = None
    text: str = ""


def steps(refund: RefundRead, remark: str = "") -> list[Step]:
    """The four steps; `remark` is what was said when it was refused."""
    asked = Step(title=_("申请已提交"), state="done", at=refund.created_at, text="" if refund.requested_by_kind == "payer" else _("由收费单位发起"))
    return [asked, *_decided(refund, remark)]


def _decided(refund: RefundRead, remark: str) -> list[Step]:
    if refund.status == "rejected":
        return [Step(title=_("审核未通过"), state="bad", at=refund.finished_at, text=remark)]
    if refund.status == "cancelled":
        return [Step(title=_("已撤回"), state="bad", at=refund.finished_at)]
    if refund.approved_at is None:
        waits = Step(title=_("审核"), state="now", text=_("收费单位的另一位工作人员复核后退款"))
        return [waits, Step(title=_("退回付款账户"), state="next"), Step(title=_("款项到账"), state="next")]
    return [Step(title=_("审核通过"), state="done", at=refund.approved_at), *_sent(refund)]


def _sent(refund: RefundRead) -> list[Step]:
    at = min((item.sent_at for item in refund.items if item.sent_at), default=None)
    sent = Step(title=_("已提交支付渠道"), state="done", at=at)
    if refund.status == "success":
        return [sent, Step(title=_("款项已到账"), state="done", at=refund.finished_at)]
    if refund.status in ("failed", "partial"):
        return [sent, Step(title=_("没有全部办成"), state="bad", at=refund.finished_at, text=_("请联系收费单位。"))]
    if refund.status == "manual_transfer":
        return [Step(title=_("转人工汇款"), state="now", text=_("工作人员核实收款账户后汇款")), Step(title=_("款项到账"), state="next")]
    if at is None:
        return [Step(title=_("提交支付渠道"), state="now"), Step(title=_("款项到账"), state="next")]
    waits = Step(title=_("款项到账"), state="now", text=_("一般 1–3 个工作日"))
    return [sent, waits] if refund.status in UNDER_WAY else [sent]
