"""Alipay's own refusals, as its gateway words them (Alipay §3, §9)."""


class GatewayError(Exception):
    """The gateway turns a call away before any business sees it; the answer is not signed."""

    def __init__(self, code: str, sub_code: str, sub_msg: str) -> None:
        super().__init__(sub_code)
        self.content = {"code": code, "msg": _MESSAGES.get(code, ""), "sub_code": sub_code, "sub_msg": sub_msg}


class BusinessError(Exception):
    """The business says no; the answer is signed like any other."""

    def __init__(self, sub_code: str, sub_msg: str, code: str = "40004") -> None:
        super().__init__(sub_code)
        self.content = {"code": code, "msg": _MESSAGES.get(code, ""), "sub_code": sub_code, "sub_msg": sub_msg}


_MESSAGES = {
    "20000": "Service Currently Unavailable",
    "20001": "Insufficient Token Permissions",
    "40001": "Missing Required Arguments",
    "40002": "Invalid Arguments",
    "40004": "Business Failed",
    "40006": "Insufficient Permissions",
}


def missing(name: str, words: str) -> GatewayError:
    """A common parameter that is not there."""
    return GatewayError("40001", f"isv.missing-{name}", f"缺少{words}参数")


def wrong(name: str, words: str) -> GatewayError:
    """A common parameter that is not as it should be."""
    return GatewayError("40002", f"isv.invalid-{name}", words)


def invalid(words: str) -> BusinessError:
    """A field of the business content that is missing or malformed."""
    return BusinessError("ACQ.INVALID_PARAMETER", f"参数有误，{words}")


def no_such_trade() -> BusinessError:
    """Alipay has no such trade, or its buyer never reached the cashier."""
    return BusinessError("ACQ.TRADE_NOT_EXIST", "交易不存在")


def has_success() -> BusinessError:
    """The trade was paid before."""
    return BusinessError("ACQ.TRADE_HAS_SUCCESS", "交易已被支付")


def has_closed() -> BusinessError:
    """The trade is closed for good."""
    return BusinessError("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")


def wrong_state() -> BusinessError:
    """The trade is not in a state that allows this."""
    return BusinessError("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")


def unavailable() -> BusinessError:
    """Something broke inside; nothing is said about the trade."""
    return BusinessError("isp.unknow-error", "系统繁忙", code="20000")
