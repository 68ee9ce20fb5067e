"""WeChat Pay's own errors, as its API words them (WeChat Pay v3 §12). They are never signed."""

import msgspec


class WireError(Exception):
    """An error answer: HTTP status, code, message, and what exactly was wrong; `trace` ends the Request-ID."""

    def __init__(self, status: int, code: str, message: str, detail: dict | None = None, trace: int = 0) -> None:
        super().__init__(code)
        self.status = status
        self.trace = trace
        body = {"code": code, "message": message}
        self.body = msgspec.json.encode(body | {"detail": detail} if detail else body)


def sign_error(message: str, issue: str | None = None) -> WireError:
    """401: who asks is not proved."""
    detail = {"field": "signature", "issue": issue, "location": "authorization"} if issue else None
    return WireError(401, "SIGN_ERROR", message, detail, trace=268443699)


def bad_parameter(field: str, value: object, issue: str, message: str = "") -> WireError:
    """400: one field of the body is not as it should be; `field` is a JSON pointer."""
    detail = {"field": field, "value": value, "issue": issue, "location": "body"}
    return WireError(400, "PARAM_ERROR", message or f"参数错误：{field} {issue}", detail, trace=268435461)


def invalid_request(message: str) -> WireError:
    """400: the request as a whole makes no sense."""
    return WireError(400, "INVALID_REQUEST", message, trace=268435461)


def order_paid() -> WireError:
    """The order was paid before."""
    return WireError(400, "ORDERPAID", "该订单已支付", trace=268449538)


def order_closed() -> WireError:
    """The order is closed for good; a new number is needed."""
    return WireError(400, "ORDER_CLOSED", "该订单已关闭，请重新下单", trace=268447914)


def other_parameters() -> WireError:
    """The number was used before for something else."""
    return WireError(403, "OUT_TRADE_NO_USED", "商户订单号重复，请求重入时参数与首次请求不一致", trace=268498688)


def no_such_order() -> WireError:
    """There is no order by that number."""
    return WireError(404, "ORDER_NOT_EXIST", "订单不存在", trace=268512771)


def foreign_appid() -> WireError:
    """The appid is not bound to this merchant number."""
    return WireError(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配，请检查后再试", trace=268445527)


def no_authority(message: str) -> WireError:
    """The signer may not act for this merchant, or not do this."""
    return WireError(403, "NO_AUTH", message)


def no_such_refund(message: str = "退款单不存在") -> WireError:
    """There is no refund, or no order to refund, by that number."""
    return WireError(404, "RESOURCE_NOT_EXISTS", message, trace=268512771)


def too_often(message: str) -> WireError:
    """Asked again too soon; nothing is said about the order."""
    return WireError(429, "FREQUENCY_LIMITED", message, trace=268447840)


def not_enough() -> WireError:
    """The merchant number has too little money for a refund."""
    return WireError(403, "NOT_ENOUGH", "基本账户余额不足，请充值后重新发起")


def system_error() -> WireError:
    """Something broke inside; nothing is said about the order."""
    return WireError(500, "SYSTEM_ERROR", "系统异常，请用相同参数重新调用")
