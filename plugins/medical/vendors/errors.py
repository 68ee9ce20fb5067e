"""What vendors are refused."""

from core.errors import Conflict, NotFound, NotPermitted


class VendorNotFound(NotFound):
    code = "VENDOR_NOT_FOUND"
    message = "没有找到这家接入厂商"


class VendorSuspended(NotPermitted):
    code = "VENDOR_SUSPENDED"
    message = "接入厂商已被医院停用，请联系医院信息科"


class KeyWithoutVendor(NotPermitted):
    code = "KEY_WITHOUT_VENDOR"
    message = "这个密钥不属于任何接入厂商，请在“接入厂商”页面重新签发"


class VendorTaken(Conflict):
    code = "VENDOR_TAKEN"
    message = "应用编号或名称“{taken}”已有厂商使用，请换一个"
