"""Every fault the sandbox can be told to have."""

from collections.abc import Iterable

import msgspec


class Kind(msgspec.Struct, frozen=True):
    """`seconds` is what applies when a fault does not say; None where time plays no part."""

    code: str
    title: str
    seconds: float | None = None


KINDS = (
    Kind("api_delay", "接口应答延迟", 2.0),
    Kind("api_error", "接口返回 500，不执行", None),
    Kind("api_error_kept", "接口返回 500 并记住（同一幂等键重放，仅银行卡）", None),
    Kind("api_timeout", "接口已执行，但迟迟不应答（超时后成功）", 10.0),
    Kind("api_tamper", "接口应答被篡改（验签应失败）", None),
    Kind("notice_delay", "通知延迟", 30.0),
    Kind("notice_duplicate", "通知重复（同时送达两次）", None),
    Kind("notice_reorder", "通知乱序（等下一笔送达后才送）", 60.0),
    Kind("notice_lose", "通知丢失", None),
    Kind("notice_tamper_body", "通知内容被篡改", None),
    Kind("notice_tamper_signature", "通知签名被篡改", None),
    Kind("notice_tamper_amount", "通知金额不符（签名有效）", None),
    Kind("notice_tamper_merchant", "通知商户号不符（签名有效）", None),
    Kind("notice_stale", "通知时间戳为十分钟前", None),
    Kind("notice_unknown_serial", "通知使用未知证书序列号", None),
    Kind("notice_probe", "先送一条签名探测流量", None),
    Kind("pay_after_close", "关单后又付款成功", 2.0),
    Kind("refund_fail", "退款失败（异常，可用原单号重试）", None),
    Kind("refund_slow", "退款到账缓慢", 60.0),
    Kind("refund_short", "商户号余额不足，退款不受理", None),
    Kind("pay_slow", "银行付款到账缓慢", 60.0),
    Kind("pay_fail", "银行付款失败（户名与账号不符）", None),
    Kind("pay_return", "银行付款后又退汇", 30.0),
    Kind("arrival_short", "渠道结算少到 1 元", None),
    Kind("arrival_late", "渠道结算晚到", 86400.0),
    Kind("arrival_missing", "渠道结算未到", None),
    Kind("text_delay", "短信、微信消息接口应答延迟", 2.0),
    Kind("text_error", "短信、微信消息接口返回 500，不发送", None),
    Kind("text_timeout", "短信、微信消息已收下，但迟迟不应答", 10.0),
    Kind("text_refuse", "短信、微信消息被拒收（黑名单、已拒收）", None),
    Kind("text_lost", "短信、微信消息收下后送达失败（空号、用户拒收）", None),
    Kind("text_slow", "短信送达回执迟到", 60.0),
)
TWISTS = tuple(
    k.code for k in KINDS if k.code.startswith("notice_tamper") or k.code in ("notice_stale", "notice_unknown_serial", "notice_probe")
)
"""Faults of what is sent, each on one attempt of its own ahead of the genuine one."""

BY_CODE = {kind.code: kind for kind in KINDS}
"""Core's own kinds, and those that plugins' worlds add."""


def register(kinds: Iterable[Kind]) -> None:
    """A world errs in ways of its own."""
    BY_CODE.update({kind.code: kind for kind in kinds})
