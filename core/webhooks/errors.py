"""What is refused of addresses and pushes."""

from core.errors import Conflict, InvalidRequest, NotFound


class EndpointNotFound(NotFound):
    code = "WEBHOOK_NOT_FOUND"
    message = "没有找到这个推送地址"


class DeliveryNotFound(NotFound):
    code = "WEBHOOK_DELIVERY_NOT_FOUND"
    message = "没有找到这次推送"


class DeliveryWaiting(Conflict):
    code = "WEBHOOK_DELIVERY_WAITING"
    message = "这次推送还在自动重试，不必重发"


class EndpointInvalid(InvalidRequest):
    code = "WEBHOOK_INVALID"
    message = "{fault}"


class AddressRefused(InvalidRequest):
    code = "WEBHOOK_ADDRESS_REFUSED"
    message = "推送地址 {host} 不是公网地址，不能推送"
